import { useAppState } from "../AppContext.ts";
import { denoisingWords, trainingWords } from "./evolutionWords.ts";
import { useShown } from "./ScrubberContext.ts";

/** T of the run's schedule. */
export function useNumTimesteps(): number {
  return useAppState(({ run, config }) => (run?.config ?? config).timesteps);
}

/** Where one is, in words. */
export function useWords(): { training: string; denoising: string } {
  const stepsPerEpoch = useAppState(({ run }) => run?.size?.stepsPerEpoch ?? null);
  const numTimesteps = useNumTimesteps();
  const training = useShown((shown) => shown && trainingWords(shown.snapshot.step, stepsPerEpoch));
  const denoising = useShown(
    (shown) => shown && denoisingWords(shown.frame, shown.axis, numTimesteps),
  );
  return { training: training ?? "", denoising: denoising ?? "" };
}
