/**
 * The table of flips: how an image is looked at a second time, so that it reads as two digits (visual anagrams, Geng et al.
 * 2024). Pure: the page shows pictures by it, and the sampler flips what it gives to the network.
 */
interface FlipEntry {
  /** As written in the middle of a sentence: "a 6 that is a 9 …". */
  label: string;
  /** The pixel of the image that a pixel of the flipped one shows, both as row and column, 0 to `last`. */
  source(row: number, column: number, last: number): readonly [row: number, column: number];
}

export const FLIPS = {
  turn: { label: "upside down", source: (row, column, last) => [last - row, last - column] },
  leftRight: { label: "in a mirror", source: (row, column, last) => [row, last - column] },
  upDown: { label: "reflected in water", source: (row, column, last) => [last - row, column] },
  quarter: { label: "on its side", source: (row, column, last) => [last - column, row] },
} as const satisfies Record<string, FlipEntry>;

export type FlipId = keyof typeof FLIPS;

/** Which pixel of an image of `size` x `size` stands at each place of the flipped one, and the way back, both `[size * size]`. */
export function flipPlaces(id: FlipId, size: number): { there: Int32Array; back: Int32Array } {
  const there = new Int32Array(size * size);
  const back = new Int32Array(size * size);
  for (let place = 0; place < there.length; place++) {
    const at = [Math.floor(place / size), place % size] as const;
    const [row, column] = FLIPS[id].source(...at, size - 1);
    const from = row * size + column;
    there[place] = from;
    back[from] = place;
  }
  return { there, back };
}

/** @param pixels `[N, size, size]` */
export function flippedPixels(
  pixels: Uint8Array,
  id: FlipId,
  size: number,
): Uint8Array<ArrayBuffer> {
  const { there } = flipPlaces(id, size);
  return Uint8Array.from(pixels, (_, i) => {
    const place = i % there.length;
    return pixels[i - place + (there[place] as number)] as number;
  });
}
