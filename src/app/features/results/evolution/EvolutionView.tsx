import { useEffect, useState } from "react";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { EmptyView } from "../../../shared/parts/EmptyView.tsx";
import { atRest, writeParams } from "../../../state/address.ts";
import { isActive } from "../../../state/slices/run.ts";
import { Evolution } from "./Evolution.tsx";
import { ExportControls } from "./export/ExportControls.tsx";
import { Scrubber, ScrubberContext } from "./scrubber.ts";
import { NOTHING_YET } from "./text.ts";

/** One noise, denoised by the weights as they changed: training across, denoising down. */
export default function EvolutionView() {
  const isEmpty = useAppState((state) => state.evolution.snapshots.length === 0);
  const { store } = useApp();
  const [scrubber] = useState(() => new Scrubber(store));
  useEffect(() => {
    const unsubscribe = store.subscribe(({ evolution }, before) => {
      const { runId } = before.evolution;
      // The first run is shown at the place in the address.
      if (runId !== null && runId !== evolution.runId) scrubber.reset();
    });
    return () => {
      unsubscribe();
      scrubber.leave();
    };
  }, [store, scrubber]);
  useAddress(scrubber);
  return (
    <ScrubberContext value={scrubber}>
      {isEmpty ? (
        <Empty />
      ) : (
        <Evolution>
          <ExportControls />
        </Evolution>
      )}
    </ScrubberContext>
  );
}

function Empty() {
  const hasRun = useAppState((state) => state.run !== null);
  const isComing = useAppState((state) => isActive(state.run));
  return (
    <EmptyView title="Evolution" coming={isComing && NOTHING_YET.coming}>
      <p>{NOTHING_YET.introduction}</p>
      {hasRun && !isComing && <p>{NOTHING_YET.notRecorded}</p>}
    </EmptyView>
  );
}

/** Keeps the place in the page's address, for links, reloads and coming back. */
function useAddress({ position }: Scrubber): void {
  useEffect(() => {
    const writing = atRest(() => {
      const { frame, digit, film } = position.getState();
      writeParams("evolution", { frame, digit, film });
    });
    const unsubscribe = position.subscribe(({ frame, digit, film }, before) => {
      if (frame === before.frame && digit === before.digit && film === before.film) return;
      writing.soon();
    });
    return () => {
      unsubscribe();
      writing.now();
    };
  }, [position]);
}
