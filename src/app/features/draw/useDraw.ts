import { isEqual } from "es-toolkit";
import { useMemo } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { Naming } from "../../../engine/data/datasets.ts";
import { useApp } from "../../shared/AppContext.ts";
import { configOf, namingOfNetworks, networkFor } from "../../shared/network/chosenNetwork.ts";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import type { ChosenNetwork } from "../../state/address.ts";
import { type DrawSession, startDraw } from "./state/drawSession.ts";
import { type FieldErrors, type Side, shownSides } from "./state/drawSettings.ts";
import { beginsWith, configFrom } from "./state/drawStart.ts";
import { type DrawState, shownGenerations } from "./state/drawState.ts";

/** What is drawn on this page: it stays when the view is left. */
export function useDraw(): DrawSession {
  return useApp().once(startDraw);
}

/** A slice of the view's state; renders again when it changes. */
export function useDrawState<T>(select: (state: DrawState) => T): T {
  return useStore(useDraw().store, select);
}

/** The network that a side draws with, and its settings; null where it is no longer stored. */
export function useSideNetwork(side: Side): { network: ChosenNetwork; config: RunConfig | null } {
  const chosen = useDrawState((state) => state.settings[side].network);
  const start = useDrawState((state) => state.settings.start);
  const networks = useNetworks();
  return useMemo(() => {
    const network = networkFor(chosen, networks, beginsWith(start));
    return { network, config: configFrom(start, configOf(network, networks)) };
  }, [chosen, networks, start]);
}

/** What the images of the networks that are drawn with, and their classes, are called. */
export function useDrawNaming(): Naming {
  const chosen = useDrawState(
    useShallow(({ settings }) => shownSides(settings).map((side) => settings[side].network)),
  );
  const start = useDrawState((state) => beginsWith(state.settings.start));
  const networks = useNetworks();
  return useMemo(() => {
    const used = chosen.map((network) => networkFor(network, networks, start));
    return namingOfNetworks(used, networks);
  }, [chosen, networks, start]);
}

/** Whether a side shows digits of other settings than are chosen now, which wait for a press of Generate. */
export function useIsOutdated(side: Side): boolean {
  const session = useDraw();
  const networks = useNetworks();
  return useDrawState((state) => {
    const drawn = shownGenerations(state)[side];
    const next = session.requests(networks).asked[side];
    return !state.isLive && drawn !== null && !!next && !isEqual(drawn.request, next.request);
  });
}

/** What is wrong, but for the start: a drawing that is begun or cleared renders no setting again. */
export function useErrors(): FieldErrors {
  const session = useDraw();
  const networks = useNetworks();
  return useDrawState(
    useShallow((): FieldErrors => {
      const { start: _, ...wrong } = session.requests(networks).errors;
      return wrong;
    }),
  );
}
