import type { LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";

/** Upright bars, lying ones and both, labeled 0, 1 and 2, in turn, on noise. */
export function crossedBars(count: number, seed = 0): LabeledImages {
  const pixels = randomIntegers({ seed, stream: "noise", index: 0 }, count * 784, 64);
  const isInBar = (at: number) => at >= 12 && at < 16;
  const images = Uint8Array.from(pixels, (noise, place) => {
    const label = Math.floor(place / 784) % 3;
    const [row, column] = [Math.floor((place % 784) / 28), place % 28];
    const isBright = (label !== 1 && isInBar(column)) || (label !== 0 && isInBar(row));
    return isBright ? 255 - noise : noise;
  });
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => i % 3), count };
}

/** Upright bars, labeled 1, and lying ones, labeled 7, in turn, on noise. */
export function bars(count: number): LabeledImages {
  const pixels = randomIntegers({ seed: 0, stream: "noise", index: 0 }, count * 784, 64);
  const images = Uint8Array.from(pixels, (noise, place) => {
    const isUpright = Math.floor(place / 784) % 2 === 0;
    const along = isUpright ? place % 28 : Math.floor((place % 784) / 28);
    return along >= 12 && along < 16 ? 255 - noise : noise;
  });
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => (i % 2 ? 7 : 1)), count };
}
