import { mixedCondition } from "../../engine/config/condition.ts";
import { EPOCH_SAMPLES } from "../../engine/config/epochSamples.ts";
import { samplerOf } from "../../engine/config/sampling.ts";
import { digitsAsked } from "../../engine/quality/figures.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import type { Evaluate } from "../../engine/train/epochQuality.ts";

/**
 * Measures a network while it is trained: always as many samples of the same noise, with the denoising
 * steps and the guidance of the run, all classes in turn. What draws and classifies is loaded when it is needed first.
 */
export function evaluator(options: {
  /** Of the run. */
  datasetName: string;
  /** Most images in one forward pass. */
  chunkSize: number;
  meter: () => Promise<QualityMeter>;
}): Evaluate {
  const { datasetName, chunkSize } = options;
  return async function* evaluate(denoiser, config) {
    // First: where it fails, nothing needs to be drawn.
    const meter = await options.meter();
    const { drawSamples } = await import("../../engine/quality/drawSamples.ts");
    const sampler = samplerOf(config.samplingTimesteps, config);
    const condition = mixedCondition(config, EPOCH_SAMPLES.count);
    const drawing = { ...EPOCH_SAMPLES, denoiser, sampler, condition, chunkSize };
    const samples = yield* drawSamples(drawing);
    const asked = digitsAsked(condition, { classes: config.classes, datasetName });
    const { figures } = yield* meter.measure(samples, asked);
    return figures;
  };
}
