import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png";
import { FormatError } from "../formatError.ts";
import type { GrayImage } from "./imageGrid.ts";

/**
 * Reads a PNG of any color type and depth as 8-bit gray. Colors become their luma (Rec. 601), and what is transparent is
 * black.
 *
 * @throws FormatError for a file that is no PNG, or a damaged one
 */
export function grayFromPng(bytes: Uint8Array): GrayImage {
  const { width, height, samples, channels, white, isTransparent } = decoded(bytes);
  const hasAlpha = channels % 2 === 0;
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const pixel = samples.subarray(i * channels, (i + 1) * channels);
    if (isTransparent(pixel)) return 0;
    const [red = 0, green = red, blue = red] = hasAlpha ? pixel.subarray(0, -1) : pixel;
    const alpha = hasAlpha ? (pixel.at(-1) ?? 0) / white : 1;
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    return Math.round((255 * alpha * luma) / white);
  });
  return { width, height, pixels };
}

/** A PNG's pixels one after the other, each of 1 to 4 `channels` from 0 to `white`. */
interface Samples {
  width: number;
  height: number;
  samples: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** Gray or red, green and blue, and alpha last where there are 2 or 4. */
  channels: number;
  white: number;
  /** Whether a pixel has the one color that stands for transparent. */
  isTransparent: (pixel: ArrayLike<number>) => boolean;
}

function decoded(bytes: Uint8Array): Samples {
  try {
    const png = decode(bytes);
    return isIndexed(png) ? fromPalette(png) : asStored(png);
  } catch (error) {
    throw new FormatError("Expected a PNG, but this file is none, or a damaged one.", {
      cause: error,
    });
  }
}

/** Grays of less than 8 bits are packed like the indices of a palette. */
function isIndexed({ channels, palette, depth }: DecodedPng): boolean {
  return channels === 1 && (palette !== undefined || depth < 8);
}

function fromPalette(png: DecodedPng): Samples {
  const { width, height, depth, transparency } = png;
  const numLevels = 2 ** depth;
  const grays = Array.from({ length: numLevels }, (_, level) => [
    (255 * level) / (numLevels - 1),
    level === transparency?.[0] ? 0 : 255,
  ]);
  const { palette = grays } = png;
  const samples = convertIndexedToRgb({ ...png, palette });
  const channels = palette[0]?.length ?? 0;
  return { width, height, samples, channels, white: 255, isTransparent: () => false };
}

function asStored({ width, height, data, channels, depth, transparency }: DecodedPng): Samples {
  const isTransparent = (pixel: ArrayLike<number>) =>
    transparency?.every((key, channel) => key === pixel[channel]) ?? false;
  return { width, height, samples: data, channels, white: 2 ** depth - 1, isTransparent };
}
