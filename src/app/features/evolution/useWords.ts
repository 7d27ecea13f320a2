import { useMemo } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import {
  type DenoisingAxis,
  denoisingAxis,
  denoisingWords,
  keptStepsWords,
  trainingWords,
} from "./evolutionWords.ts";
import { useShown } from "./ScrubberContext.ts";

/** The denoising of the run's snapshots. */
export function useDenoisingAxis(): DenoisingAxis {
  const config = useAppState((state) => (state.run ?? state).config);
  const axis = useShown((shown) => shown?.axis ?? 1);
  return useMemo(() => denoisingAxis(axis, config), [axis, config]);
}

/** Which part of the denoising was kept, in words; null for all. */
export function useKeptSteps(): string | null {
  return keptStepsWords(useDenoisingAxis());
}

/** Where one is, in words. */
export function useWords(): { training: string; denoising: string } {
  const stepsPerEpoch = useAppState(({ run }) => run?.size?.stepsPerEpoch ?? null);
  const axis = useDenoisingAxis();
  const training = useShown((shown) => shown && trainingWords(shown.snapshot.step, stepsPerEpoch));
  const denoising = useShown((shown) => shown && denoisingWords(shown.frame, axis));
  return { training: training ?? "", denoising: denoising ?? "" };
}
