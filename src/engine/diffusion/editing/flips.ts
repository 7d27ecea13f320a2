/**
 * The table of flips: how an image is looked at a second time, so that it reads as two digits (visual anagrams, Geng et al.
 * 2024). Pure: the page shows pictures by it, and the sampler flips what it gives to the network.
 */
import { IMAGE_SIZE, NUM_PIXELS } from "../../config/hyperparameters.ts";

interface FlipEntry {
  /** As written in the middle of a sentence: "a 6 that is a 9 …". */
  label: string;
  /** The pixel of the image that a pixel of the flipped one shows, both as row and column. */
  source(row: number, column: number): readonly [row: number, column: number];
}

const LAST = IMAGE_SIZE - 1;

export const FLIPS = {
  turn: { label: "upside down", source: (row, column) => [LAST - row, LAST - column] },
  leftRight: { label: "in a mirror", source: (row, column) => [row, LAST - column] },
  upDown: { label: "in water", source: (row, column) => [LAST - row, column] },
  quarter: { label: "on its side", source: (row, column) => [LAST - column, row] },
} as const satisfies Record<string, FlipEntry>;

export type FlipId = keyof typeof FLIPS;

/** Which pixel of an image stands at each place of the flipped one, and the way back, both `[784]`. */
export function flipPlaces(id: FlipId): { there: Int32Array; back: Int32Array } {
  const there = new Int32Array(NUM_PIXELS);
  const back = new Int32Array(NUM_PIXELS);
  for (let place = 0; place < NUM_PIXELS; place++) {
    const [row, column] = FLIPS[id].source(Math.floor(place / IMAGE_SIZE), place % IMAGE_SIZE);
    const from = row * IMAGE_SIZE + column;
    there[place] = from;
    back[from] = place;
  }
  return { there, back };
}

/** @param pixels `[N, 28, 28]` */
export function flippedPixels(pixels: Uint8Array, id: FlipId): Uint8Array<ArrayBuffer> {
  const { there } = flipPlaces(id);
  return Uint8Array.from(pixels, (_, i) => {
    const place = i % NUM_PIXELS;
    return pixels[i - place + (there[place] as number)] as number;
  });
}
