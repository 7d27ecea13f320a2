import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";

/**
 * Images blurred with a Gaussian kernel, which is cut off at three of its widths; beyond the edge all is black.
 *
 * @param images `[N, 28, 28]`, with 0 for black
 * @param width standard deviation of the kernel in pixels; 0 leaves the images as they are
 * @returns `[N, 28, 28]`
 */
export function gaussianBlur(images: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const kernel = kernelOf(width);
  const blurred = new Float32Array(images.length);
  const rows = new Float32Array(NUM_PIXELS);
  for (let start = 0; start < images.length; start += NUM_PIXELS) {
    const image = images.subarray(start, start + NUM_PIXELS);
    blurLines(image, rows, { kernel, stride: 1, lineStride: IMAGE_SIZE });
    const into = blurred.subarray(start, start + NUM_PIXELS);
    blurLines(rows, into, { kernel, stride: IMAGE_SIZE, lineStride: 1 });
  }
  return blurred;
}

/** Half of a kernel, from its middle outwards; the whole adds up to 1. */
function kernelOf(width: number): number[] {
  const radius = Math.ceil(3 * width);
  const half = Array.from({ length: radius + 1 }, (_, i) =>
    i === 0 ? 1 : Math.exp(-(i ** 2) / (2 * width ** 2)),
  );
  const sum = half.reduce((before, value, i) => before + (i === 0 ? value : 2 * value), 0);
  return half.map((value) => value / sum);
}

function blurLines(
  from: Float32Array,
  into: Float32Array,
  of: { kernel: readonly number[]; stride: number; lineStride: number },
): void {
  const { kernel, stride, lineStride } = of;
  for (let line = 0; line < IMAGE_SIZE; line++) {
    const first = line * lineStride;
    for (let at = 0; at < IMAGE_SIZE; at++) {
      let sum = (kernel[0] as number) * (from[first + at * stride] as number);
      for (let i = 1; i < kernel.length; i++) {
        const before = at - i < 0 ? 0 : (from[first + (at - i) * stride] as number);
        const after = at + i < IMAGE_SIZE ? (from[first + (at + i) * stride] as number) : 0;
        sum += (kernel[i] as number) * (before + after);
      }
      into[first + at * stride] = sum;
    }
  }
}
