import type { RunConfig } from "../config/hyperparameters.ts";
import type { QualityMeter } from "../quality/qualityMeter.ts";
import type { Evaluate } from "../train/epochQuality.ts";

/** What measures samples after an epoch. It is loaded when it is needed first, as is the classifier. */
export function evaluator(options: {
  config: RunConfig;
  /** Most images in one forward pass. */
  chunkSize: number;
  meter: () => Promise<QualityMeter>;
}): Evaluate {
  const { config, chunkSize } = options;
  return async function* evaluate(denoiser) {
    // First, since nothing is worth drawing that cannot be measured.
    const meter = await options.meter();
    const { measureEpoch } = await import("../quality/measureEpoch.ts");
    return yield* measureEpoch({ denoiser, config, chunkSize, meter });
  };
}
