/** What was seen of a block, as images of the size of a digit. Pure. */
import { IMAGE_SIZE } from "../../../../engine/config/hyperparameters.ts";
import { enlarged } from "../../../../engine/formats/pictures/imageGrid.ts";
import type { PixelAttention } from "../../../../engine/nn/blockLook.ts";

/** Maps of `size` pixels a side, `[n, size, size]`, as large as digits, `[n, 28, 28]`. */
export function asLargeAsDigits(maps: Uint8Array<ArrayBuffer>, size: number): Uint8Array {
  const height = maps.length / size;
  return enlarged({ width: size, height, pixels: maps }, IMAGE_SIZE / size).pixels;
}

/**
 * A picture for each head, `[heads, 28, 28]`: white is the pixel that it takes most of; and what each takes of the
 * learned memory, 0 to 1.
 */
export function attentionPictures(attention: PixelAttention, size: number) {
  const numPixels = size ** 2;
  const heads = attention.pixels.length / numPixels;
  const numMemory = attention.memory.length / heads;
  const levels = new Uint8Array(attention.pixels.length);
  for (let head = 0; head < heads; head++) {
    const ofHead = attention.pixels.subarray(head * numPixels, (head + 1) * numPixels);
    const most = Math.max(...ofHead);
    levels.set(
      ofHead.map((weight) => Math.round((255 * weight) / most)),
      head * numPixels,
    );
  }
  return {
    pixels: asLargeAsDigits(levels, size),
    memoryShares: Array.from({ length: heads }, (_, head) =>
      attention.memory
        .subarray(head * numMemory, (head + 1) * numMemory)
        .reduce((sum, weight) => sum + weight, 0),
    ),
  };
}

/** A pixel of a digit, from the left and from the top, 0 to 27. */
export type Pixel = readonly [x: number, y: number];

/** The pixel's place among those of a block's images, row by row. */
export function positionOf([x, y]: Pixel, size: number): number {
  const scale = IMAGE_SIZE / size;
  return Math.floor(y / scale) * size + Math.floor(x / scale);
}

/** The pixel after an arrow key, by a pixel of the block's images; null for other keys. */
export function pixelAfterKey([x, y]: Pixel, key: string, size: number): Pixel | null {
  const by = IMAGE_SIZE / size;
  const moves: Record<string, Pixel> = {
    ArrowLeft: [x - by, y],
    ArrowRight: [x + by, y],
    ArrowUp: [x, y - by],
    ArrowDown: [x, y + by],
  };
  const moved = moves[key];
  return moved ? within(moved) : null;
}

/** At a share of the digit's width and height. */
export function pixelAt([x, y]: readonly [number, number]): Pixel {
  return within([Math.floor(x * IMAGE_SIZE), Math.floor(y * IMAGE_SIZE)]);
}

function within([x, y]: Pixel): Pixel {
  const last = IMAGE_SIZE - 1;
  return [Math.min(last, Math.max(0, x)), Math.min(last, Math.max(0, y))];
}
