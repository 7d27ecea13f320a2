import { NUM_PIXELS } from "../config/hyperparameters.ts";
import type { LabelledImages } from "../data/dataset.ts";
import { randomPermutation } from "../random.ts";

/** Draws have as many images together, as far as there are as many: one draw of few is chance. */
const ENOUGH_IMAGES = 4000;
const MOST_DRAWS = 16;

/**
 * Groups of `count` images, or one of all of them; always the same ones, and none in two groups. Drawn
 * at random: every n-th would be all of one kind where a file takes turns, as MNIST's seems to do with
 * its two groups of writers.
 *
 * @returns `[count, 784]` each
 */
export function floorDraws({ images, count: total }: LabelledImages, count: number): Uint8Array[] {
  const size = Math.min(count, total);
  const numDraws = Math.min(MOST_DRAWS, Math.ceil(ENOUGH_IMAGES / size), Math.floor(total / size));
  const order = randomPermutation({ seed: 0, stream: "shuffle", index: 0 }, total);
  return Array.from({ length: numDraws }, (_, draw) => {
    const drawn = new Uint8Array(size * NUM_PIXELS);
    order.subarray(draw * size, (draw + 1) * size).forEach((place, i) => {
      const start = place * NUM_PIXELS;
      drawn.set(images.subarray(start, start + NUM_PIXELS), i * NUM_PIXELS);
    });
    return drawn;
  });
}
