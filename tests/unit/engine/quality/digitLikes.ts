import type { LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";

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
