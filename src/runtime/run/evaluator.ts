import { EPOCH_SAMPLES } from "../../engine/config/epochSamples.ts";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../engine/config/sampling.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import type { Evaluate } from "../../engine/train/epochQuality.ts";

/**
 * What measures a network while it is trained: as many samples every time, of the same noise, with the steps
 * that the run draws in. It is loaded when it is needed first, as is the classifier.
 */
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
    const { drawSamples } = await import("../../engine/quality/drawSamples.ts");
    const sampler = samplerOf(config.samplingTimesteps, config);
    const samples = yield* drawSamples({ ...EPOCH_SAMPLES, denoiser, sampler, chunkSize });
    return (yield* meter.measure(samples)).figures;
  };
}
