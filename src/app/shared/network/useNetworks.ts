import { useMemo } from "react";
import { isTrained, trainedConfig } from "../../state/slices/sampledNetwork.ts";
import { isOpeningAddressed } from "../../state/slices/storedRuns.ts";
import { useApp, useAppState } from "../AppContext.ts";

/** What the networks to choose from follow from: the same object until one of them changes. */
export function useNetworks() {
  const { store } = useApp();
  const trained = useAppState((state) => JSON.stringify(trainedConfig(state)));
  const hasOwn = useAppState(isTrained);
  const isOpening = useAppState(isOpeningAddressed);
  const config = useAppState((state) => state.config);
  const stored = useAppState((state) => state.stored.runs);
  const weights = useAppState((state) => state.weights);
  const dataset = useAppState((state) => state.dataset.current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when to read anew.
  return useMemo(
    () => store.getState(),
    [store, trained, hasOwn, isOpening, config, stored, weights, dataset],
  );
}
