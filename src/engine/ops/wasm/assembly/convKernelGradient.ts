import { madd, store8 } from "./shared/vectors";

/**
 * The gradient of one row of a convolution's kernel, added to what is there, in tiles of 4 positions by 8
 * output channels:
 *
 * dK[r, o] += sum_n image[pixel n + 4 r] dY[n, o]
 *
 * with r over the columns of the kernel and the input channels, which lie side by side in the image.
 *
 * @param image padded by `pad` columns left and right and as many rows between two images, from the kernel's
 *   row on; read up to 3 floats behind its end
 * @param packed dY, `[numOut / 8, numImages, height, width, 8]`
 * @param gradient dK, `[rowLength, numOut]`, its rows `outBytes` apart
 * @param spare 8 floats
 */
export function convKernelGradientTiles(
  image: usize,
  packed: usize,
  gradient: usize,
  numImages: usize,
  height: usize,
  width: usize,
  pad: usize,
  numIn: usize,
  numOut: usize,
  rowLength: usize,
  outBytes: usize,
  spare: usize,
): void {
  const pixelBytes = numIn << 2;
  const borderBytes = (pad << 1) * pixelBytes;
  const betweenBytes = (pad << 1) * (width * pixelBytes + borderBytes);
  for (let first: usize = 0; first < numOut; first += 8) {
    for (let r: usize = 0; r < rowLength; r += 4) {
      let p = image + (r << 2);
      let d = packed;
      let low0 = f32x4.splat(0);
      let low1 = low0;
      let low2 = low0;
      let low3 = low0;
      let high0 = low0;
      let high1 = low0;
      let high2 = low0;
      let high3 = low0;
      for (let i: usize = 0; i < numImages; i++) {
        for (let y: usize = 0; y < height; y++) {
          for (let x: usize = width; x > 0; x--) {
            const dLow = v128.load(d);
            const dHigh = v128.load(d, 16);
            const x0 = v128.load32_splat(p);
            low0 = madd(x0, dLow, low0);
            high0 = madd(x0, dHigh, high0);
            const x1 = v128.load32_splat(p, 4);
            low1 = madd(x1, dLow, low1);
            high1 = madd(x1, dHigh, high1);
            const x2 = v128.load32_splat(p, 8);
            low2 = madd(x2, dLow, low2);
            high2 = madd(x2, dHigh, high2);
            const x3 = v128.load32_splat(p, 12);
            low3 = madd(x3, dLow, low3);
            high3 = madd(x3, dHigh, high3);
            p += pixelBytes;
            d += 32;
          }
          p += borderBytes;
        }
        p += betweenBytes;
      }
      const count = numOut - first;
      let target = gradient + r * outBytes + (first << 2);
      store8(low0, high0, target, target, count, spare);
      target += outBytes;
      if (r + 1 < rowLength) store8(low1, high1, target, target, count, spare);
      target += outBytes;
      if (r + 2 < rowLength) store8(low2, high2, target, target, count, spare);
      target += outBytes;
      if (r + 3 < rowLength) store8(low3, high3, target, target, count, spare);
    }
    packed += (numImages * height * width) << 5;
  }
}
