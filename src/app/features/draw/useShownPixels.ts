import { useCallback, useEffect, useMemo, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { DEFAULT_DIGITS } from "../../../engine/config/sampling.ts";
import { ASK_DEFAULTS, type AskedFor } from "../../../runtime/sampling/ask.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { BLANK } from "../../shared/images/drawing.ts";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { type Beginning, shownPixels } from "./state/beginning.ts";
import { requestsOf, seedPair } from "./state/drawSession.ts";
import type { Side } from "./state/drawSettings.ts";
import { shownGenerations } from "./state/drawState.ts";
import { useDraw, useDrawState } from "./useDraw.ts";

/**
 * What a side would begin with now. Where a field is wrong, what it began with before that, or with nothing
 * asked for; null where that is wrong too.
 */
function useBeginning(side: Side): Beginning | null {
  // Not while there are digits: with each stroke others come.
  const chosen = useDrawState(
    useShallow((state) => {
      const { settings, images, strokes, own, marks } = state;
      const begun = { settings, images, strokes, own, marks };
      return shownGenerations(state)[side] ? null : begun;
    }),
  );
  const networks = useNetworks();
  const pairOfSeed = useSeedPair();
  const [now, plain] = useMemo(() => {
    if (!chosen) return [];
    const settings = { ...chosen.settings, pair: chosen.settings.pair ?? pairOfSeed };
    return [settings, { ...settings, ...ASK_DEFAULTS }].map(
      (each) => requestsOf({ ...chosen, settings: each }, networks, { blank: BLANK }).asked[side],
    );
  }, [chosen, pairOfSeed, networks, side]);
  const before = useRef(now);
  useEffect(() => {
    if (now) before.current = now;
  }, [now]);
  return now ?? before.current ?? plain ?? null;
}

/** The digits of a side that are looked at now, and how many; before its first frame, its beginning. */
export function useShownPixels(side: Side): {
  count: number;
  askedFor: AskedFor | null;
  pixels: () => Uint8Array;
} {
  const { store } = useDraw();
  const next = useBeginning(side);
  const asked = useDrawState((state) => shownGenerations(state)[side]?.request);
  const askedFor = useDrawState((state) => shownGenerations(state)[side]?.askedFor);
  const count = (asked ?? next?.request)?.count ?? DEFAULT_DIGITS;
  const pixels = useCallback(
    () => shownPixels(store.getState(), side, { count, next }),
    [store, side, count, next],
  );
  return { count, askedFor: (asked ? askedFor : next?.askedFor) ?? null, pixels };
}

export function useSeedPair(): readonly [number, number] | null {
  const seedText = useDrawState((state) => state.settings.seed);
  const isPair = useDrawState(({ settings: { start } }) => start === "pair" || start === "arc");
  const allLabels = useAppState(({ dataset }) => dataset.current?.unseenLabels);
  const labels = isPair ? allLabels : undefined;
  return useMemo(() => seedPair(seedText, labels), [seedText, labels]);
}
