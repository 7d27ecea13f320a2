/** What is said of the weights of a network that is sampled. Pure. */
import { counted } from "../../../runtime/format.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";

/** Where a network has a moving average besides its weights. */
export const WEIGHTS_CHOICES: { value: WeightsChoice; label: string }[] = [
  { value: "ema", label: "Averaged weights" },
  { value: "raw", label: "Latest weights" },
];

/** `after 1,200 training steps`, `from the untrained network` */
export function trainedWords(trainedSteps: number): string {
  if (trainedSteps === 0) return "from the untrained network";
  return `after ${counted(trainedSteps, "training step")}`;
}
