import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";

/** Where a network has a moving average besides its weights. */
export const WEIGHTS_CHOICES: { value: WeightsChoice; label: string }[] = [
  { value: "ema", label: "Averaged weights" },
  { value: "raw", label: "Latest weights" },
];
