import type { Condition } from "../config/condition.ts";
import { MAX_DIGITS } from "../config/sampling.ts";
import { chunks } from "../data/imageOrder.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { groupSeed } from "../random.ts";
import { DigitSampler } from "../train/digitSampler.ts";
import type { Denoiser } from "../train/gradient.ts";

/**
 * Draws any number of points of the plane from a perceptron, from noise. They are drawn in groups, each by the seed that follows
 * for it, as images are.
 *
 * @param options.condition one label for each point; "no label" for all when left out
 * @returns `[count, 2]`
 */
export async function drawPoints(options: {
  /** Its weights are copied; the caller disposes them. */
  denoiser: Denoiser;
  sampler: Sampler;
  seed: number;
  count: number;
  condition?: Condition | null;
}): Promise<Float32Array<ArrayBuffer>> {
  const { denoiser, sampler, seed, count, condition = null } = options;
  const points = new Float32Array(2 * count);
  for (const [group, { start, end }] of chunks(count, MAX_DIGITS).entries()) {
    const drawing = new DigitSampler({
      denoiser,
      sampler,
      seed: groupSeed(seed, group),
      count: end - start,
      chunkSize: end - start,
      start: { from: "noise" },
      condition: condition && { ...condition, labels: condition.labels.slice(start, end) },
    });
    try {
      while (!drawing.isDone) drawing.advance();
      const parts = await Promise.all(drawing.frame.x.map((x) => x.data<"float32">()));
      let at = 2 * start;
      for (const part of parts) {
        points.set(part, at);
        at += part.length;
      }
    } finally {
      drawing.dispose();
    }
  }
  return points;
}
