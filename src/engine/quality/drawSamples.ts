import type { Condition } from "../config/condition.ts";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { MAX_DIGITS } from "../config/sampling.ts";
import { chunks } from "../data/imageOrder.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { groupSeed } from "../random.ts";
import { DigitSampler } from "../train/digitSampler.ts";
import { FramesInFlight } from "../train/framesInFlight.ts";
import type { Denoiser } from "../train/gradient.ts";
import type { SampleStart } from "../train/sampleStart.ts";
import type { MeasureProgress } from "./figures.ts";

/**
 * Samples any number of digits, from noise if nothing else is said, in groups of a hundred. The first group is what the page draws
 * with the same seed. Reports after every step, or every few on a graphics card; ending the generator early frees what it holds.
 *
 * @returns `[count, 28, 28]`, 0 black to 255 white
 */
export async function* drawSamples(options: {
  /** Its weights are copied for every group, so they must stay until the end. The caller disposes them. */
  denoiser: Denoiser;
  sampler: Sampler;
  /** The seed of the first group; those of the others follow from it (`groupSeed`). */
  seed: number;
  /** 1 or more. */
  count: number;
  /** Most images in one forward pass. */
  chunkSize: number;
  /** What a network with classes is asked for, one label for each sample; "no label" for all when left out. */
  condition?: Condition | null;
  /** What the samples from `start` to `end` begin with; noise when left out. */
  startOf?: (part: { start: number; end: number }) => SampleStart;
}): AsyncGenerator<MeasureProgress, Uint8Array<ArrayBuffer>> {
  const { denoiser, sampler, seed, count, chunkSize, condition = null } = options;
  const { startOf = () => ({ from: "noise" }) } = options;
  const pixels = new Uint8Array(count * NUM_PIXELS);
  for (const [group, { start, end }] of chunks(count, MAX_DIGITS).entries()) {
    const drawing = new DigitSampler({
      denoiser,
      sampler,
      seed: groupSeed(seed, group),
      count: end - start,
      chunkSize,
      start: startOf({ start, end }),
      condition: condition && { ...condition, labels: condition.labels.slice(start, end) },
    });
    // Nobody looks at the others.
    const frames = new FramesInFlight(drawing, () => false);
    try {
      while (!frames.isDone) {
        const [frame] = await frames.next();
        if (!frame) continue;
        if (frames.isDone) pixels.set(frame.pixels, start * NUM_PIXELS);
        const numDone = start + ((end - start) * frame.index) / drawing.numSteps;
        yield { doing: "drawing", fraction: numDone / count };
      }
    } finally {
      drawing.dispose();
    }
  }
  return pixels;
}
