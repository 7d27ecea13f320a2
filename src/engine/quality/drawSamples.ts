import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { MAX_DIGITS } from "../config/sampler.ts";
import { chunks } from "../data/imageOrder.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { groupSeed } from "../random.ts";
import type { Denoiser } from "../train/gradient.ts";
import { DigitSampler } from "../train/sampling.ts";
import type { MeasureProgress } from "./figures.ts";

/**
 * Digits out of noise, as many as one likes: a hundred side by side to the end before the next ones
 * begin, the first hundred as the page draws them with the same seed. Whoever ends the generator early
 * frees what it holds.
 *
 * @returns `[count, 28, 28]`, 0 black to 255 white; before that a report after every step
 */
export async function* drawSamples(options: {
  /** Its weights are copied for every hundred digits; the caller disposes them at the end. */
  denoiser: Denoiser;
  sampler: Sampler;
  /** Of the first hundred digits; those of the next hundreds follow from it, see `groupSeed`. */
  seed: number;
  /** 1 or more. */
  count: number;
  /** Most images in one forward pass. */
  chunkSize: number;
}): AsyncGenerator<MeasureProgress, Uint8Array<ArrayBuffer>> {
  const { denoiser, sampler, seed, count, chunkSize } = options;
  const pixels = new Uint8Array(count * NUM_PIXELS);
  for (const [group, { start, end }] of chunks(count, MAX_DIGITS).entries()) {
    const drawing = new DigitSampler({
      denoiser,
      sampler,
      seed: groupSeed(seed, group),
      count: end - start,
      chunkSize,
      start: { from: "noise" },
    });
    try {
      while (!drawing.isDone) {
        const frame = await drawing.nextFrame();
        if (drawing.isDone) pixels.set(frame.pixels, start * NUM_PIXELS);
        const numDone = start + ((end - start) * frame.index) / drawing.numSteps;
        yield { doing: "drawing", fraction: numDone / count };
      }
    } finally {
      drawing.dispose();
    }
  }
  return pixels;
}
