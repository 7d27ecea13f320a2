import { addPixelSums } from "./convKernelGradient";
import { madd } from "./shared/vectors";
import { elementStride, transformInput } from "./shared/winograd";

const half = f32x4.splat(0.5);

/** A dY A^T of 4 channels of one tile; what `right` and `below` leave out is 0. */
function transformGradient(
  dy: usize,
  target: usize,
  elementBytes: usize,
  pixelBytes: usize,
  rowBytes: usize,
  right: bool,
  below: bool,
): void {
  const zero = f32x4.splat(0);
  const a = v128.load(dy);
  const b = right ? v128.load(dy + pixelBytes) : zero;
  const c = below ? v128.load(dy + rowBytes) : zero;
  const d = right && below ? v128.load(dy + rowBytes + pixelBytes) : zero;
  target = fourSums(a, b, target, elementBytes);
  target = fourSums(f32x4.add(a, c), f32x4.add(b, d), target, elementBytes);
  target = fourSums(f32x4.sub(a, c), f32x4.sub(b, d), target, elementBytes);
  fourSums(f32x4.neg(c), f32x4.neg(d), target, elementBytes);
}

/** A (a, b), to four places; returns the next. */
function fourSums(a: v128, b: v128, target: usize, elementBytes: usize): usize {
  v128.store(target, a);
  target += elementBytes;
  v128.store(target, f32x4.add(a, b));
  target += elementBytes;
  v128.store(target, f32x4.sub(a, b));
  target += elementBytes;
  v128.store(target, f32x4.neg(b));
  return target + elementBytes;
}

/** Adds 8 values to a row of sums; returns the next. */
function addRow(low: v128, high: v128, sums: usize, sumBytes: usize): usize {
  v128.store(sums, f32x4.add(v128.load(sums), low));
  v128.store(sums, f32x4.add(v128.load(sums, 16), high), 16);
  return sums + sumBytes;
}

/** Adds V^T W of one element and 8 output channels to sums, in tiles of 4 input channels by 8. */
function addProducts(
  v: usize,
  w: usize,
  sums: usize,
  numTiles: usize,
  numIn: usize,
  sumBytes: usize,
): void {
  const pixelBytes = numIn << 2;
  for (let c: usize = 0; c < pixelBytes; c += 16) {
    let p = v + c;
    let d = w;
    let low0 = f32x4.splat(0);
    let low1 = low0;
    let low2 = low0;
    let low3 = low0;
    let high0 = low0;
    let high1 = low0;
    let high2 = low0;
    let high3 = low0;
    for (let tile = numTiles; tile > 0; tile--) {
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
    sums = addRow(low0, high0, sums, sumBytes);
    sums = addRow(low1, high1, sums, sumBytes);
    sums = addRow(low2, high2, sums, sumBytes);
    sums = addRow(low3, high3, sums, sumBytes);
  }
}

/**
 * Adds sum_tiles V^T (A dY A^T) to the sums, `[16, numIn, numOut]`, and the sums of dY over all pixels to dBias,
 * `[numOut]`.
 *
 * @param images and the others as of `winogradConv`; what is read behind the end must be finite
 * @param dy `[numImages, height, width, numOut]`
 * @param spare as of `winogradConv`
 * @param row8 8 floats
 */
export function winogradKernelGradient(
  images: usize,
  dy: usize,
  sums: usize,
  dBias: usize,
  numImages: usize,
  height: usize,
  width: usize,
  numIn: usize,
  numOut: usize,
  imagesAtOnce: usize,
  rowsAtOnce: usize,
  spare: usize,
  row8: usize,
): void {
  const tilesPerRow = (width + 1) >> 1;
  const numRows = (height + 1) >> 1;
  const inBytes = numIn << 2;
  const inRowBytes = (width + 2) * inBytes;
  const outBytes = numOut << 2;
  const outRowBytes = width * outBytes;
  for (let image: usize = 0; image < numImages; image += imagesAtOnce) {
    const imageEnd = min(image + imagesAtOnce, numImages);
    for (let row: usize = 0; row < numRows; row += rowsAtOnce) {
      const rowEnd = min(row + rowsAtOnce, numRows);
      const perImage = (rowEnd - row) * tilesPerRow;
      const numTiles = perImage * (imageEnd - image);
      const vBytes = elementStride(numTiles * inBytes);
      // `[numOut / 8, 16, tiles, 8]`.
      const wBytes = elementStride(numTiles << 5);
      const w = spare + (vBytes << 4);
      for (let i = image; i < imageEnd; i++) {
        transformInput(
          images + (i * (height + 2) + 2 * row) * inRowBytes,
          spare + (i - image) * perImage * inBytes,
          vBytes,
          rowEnd - row,
          tilesPerRow,
          inBytes,
          inRowBytes,
        );
      }
      for (let first: usize = 0; first < outBytes; first += 32) {
        let tile = w;
        for (let i = image; i < imageEnd; i++) {
          for (let r: usize = row; r < rowEnd; r++) {
            const below = (r << 1) + 1 < height;
            let d = dy + (i * height + 2 * r) * outRowBytes + first;
            for (let x: usize = 0; x < width; x += 2) {
              const right = x + 1 < width;
              transformGradient(d, tile, wBytes, outBytes, outRowBytes, right, below);
              transformGradient(d + 16, tile + 16, wBytes, outBytes, outRowBytes, right, below);
              tile += 32;
              d += outBytes << 1;
            }
          }
        }
        for (let element: usize = 0; element < 16; element++) {
          addProducts(
            spare + element * vBytes,
            w + element * wBytes,
            sums + element * numIn * outBytes + first,
            numTiles,
            numIn,
            outBytes,
          );
        }
        // Of A dY A^T, element 5 is the sum over the tile.
        addPixelSums(w + 5 * wBytes, dBias + first, numTiles, 8, row8);
      }
    }
  }
}

/** dK = G^T S G, `[3, 3, numIn, numOut]`, of the sums of `winogradKernelGradient`, which are overwritten. */
export function winogradKernelOfSums(sums: usize, gradient: usize, numFloats: usize): void {
  const stride = numFloats << 2;
  for (let at: usize = 0; at < stride; at += 16) {
    const s = sums + at;
    for (let column: usize = 0; column < 4; column++) {
      const target = s + column * stride;
      threeSums(target, 4 * stride, target, 4 * stride);
    }
    for (let row: usize = 0; row < 3; row++) {
      threeSums(s + 4 * row * stride, stride, gradient + at + 3 * row * stride, stride);
    }
  }
}

/** G^T of four values, to three places. */
function threeSums(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
  const b = v128.load(source + sourceBytes);
  const c = v128.load(source + 2 * sourceBytes);
  const outer = f32x4.mul(half, f32x4.add(b, c));
  const first = f32x4.add(v128.load(source), outer);
  const middle = f32x4.mul(half, f32x4.sub(b, c));
  const last = f32x4.add(v128.load(source + 3 * sourceBytes), outer);
  v128.store(target, first);
  v128.store(target + targetBytes, middle);
  v128.store(target + 2 * targetBytes, last);
}
