import { EPOCH_SAMPLES } from "../config/epochSamples.ts";
import type { RunConfig } from "../config/hyperparameters.ts";
import { samplerOf } from "../config/sampler.ts";
import type { Denoiser } from "../train/gradient.ts";
import { drawSamples } from "./drawSamples.ts";
import type { MeasureProgress, QualityFigures } from "./figures.ts";
import type { QualityMeter } from "./qualityMeter.ts";

/**
 * The figures of a network while it is trained: of as many samples every time, of the same noise, with
 * the steps that the run draws in.
 */
export async function* measureEpoch(options: {
  denoiser: Denoiser;
  config: RunConfig;
  /** Most images in one forward pass. */
  chunkSize: number;
  meter: QualityMeter;
}): AsyncGenerator<MeasureProgress, QualityFigures> {
  const { denoiser, config, chunkSize, meter } = options;
  const samples = yield* drawSamples({
    ...{ ...EPOCH_SAMPLES, denoiser, chunkSize },
    sampler: samplerOf(config.samplingTimesteps, config),
  });
  const { figures } = yield* meter.measure(samples);
  return figures;
}
