import { useMemo } from "react";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { SaveDigits } from "../../../shared/images/SaveDigits.tsx";
import { movedTo, seenFrames, shownFrame, shownGenerations, stops } from "../state/denoise.ts";
import { levelOf, pixelsOf } from "../state/denoiseFrames.ts";
import type { Side } from "../state/denoiseSettings.ts";
import { filmstripWords, filmWords, sideWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { COLUMNS, NUM_PICTURES, PictureRows } from "./PictureRows.tsx";

/** Some of the picked digit's steps, evenly chosen; a click moves the scrubber there. */
export function Filmstrip({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDenoise();
  const generation = useDenoiseState((state) => shownGenerations(state)[side]);
  const picked = useDenoiseState((state) => state.picked);
  const shown = useDenoiseState((state) => state.shown);
  const isStill = useDenoiseState((state) => state.isStill);
  const chosen = useMemo(() => {
    const frames = generation ? seenFrames({ isStill }, generation) : [];
    return evenIndices(frames.length, NUM_PICTURES).flatMap((i) => frames[i] ?? []);
  }, [isStill, generation]);
  const pixels = useMemo(
    () => Uint8Array.from(chosen.flatMap((f) => [...imageAt(pixelsOf(f, shown), picked)])),
    [chosen, shown, picked],
  );
  const here = useDenoiseState((state) => {
    const index = shownFrame(state, side)?.index ?? 0;
    return chosen.findLastIndex((frame) => frame.index <= index);
  });
  if (!generation) return null;
  const name = isNamed ? `${side.toUpperCase()}: its steps` : "Its steps";
  return (
    <PictureRows
      title={name}
      note={filmWords(generation, chosen.length)}
      label={filmstripWords(picked, chosen.length)}
      pixels={pixels}
      // Room for all from the start, so that nothing moves when they come.
      count={Math.min(NUM_PICTURES, Math.max(1, generation.times.length))}
      marked={here}
      onPick={(place) => {
        const frame = chosen[place];
        if (!frame) return;
        const t = generation.times[frame.index] as number;
        const level = levelOf(t, generation.numTimesteps);
        store.setState((state) => movedTo(state, stops(state).indexOf(level)));
      }}
    >
      <SaveDigits
        label={sideWords(side, isNamed, "Save PNG of the filmstrip")}
        digits={
          chosen.length > 0
            ? { pixels, columns: COLUMNS, fileName: `digit-${picked + 1}-${side}-steps.png` }
            : null
        }
      />
    </PictureRows>
  );
}
