import { madd } from "./shared/vectors";
import {
  elementStride,
  minusThird,
  minusTwoThirds,
  numTilesOf,
  p,
  p2,
  p3,
  q,
  q2,
  q3,
  sixth,
  third,
  transformInput,
} from "./shared/winograd";

/**
 * A of four values, to six places.
 *
 * @param count how many there are; the others are 0
 */
function sixOfFour(
  source: usize,
  sourceBytes: usize,
  count: usize,
  target: usize,
  targetBytes: usize,
): void {
  const zero = f32x4.splat(0);
  const a = v128.load(source);
  source += sourceBytes;
  const b = count > 1 ? v128.load(source) : zero;
  source += sourceBytes;
  const c = count > 2 ? v128.load(source) : zero;
  source += sourceBytes;
  const d = count > 3 ? v128.load(source) : zero;
  const even1 = madd(p2, c, a);
  const odd1 = madd(p3, d, f32x4.mul(p, b));
  const even2 = madd(q2, c, a);
  const odd2 = madd(q3, d, f32x4.mul(q, b));
  v128.store(target, a);
  target += targetBytes;
  v128.store(target, f32x4.add(even1, odd1));
  target += targetBytes;
  v128.store(target, f32x4.sub(even1, odd1));
  target += targetBytes;
  v128.store(target, f32x4.add(even2, odd2));
  target += targetBytes;
  v128.store(target, f32x4.sub(even2, odd2));
  target += targetBytes;
  v128.store(target, d);
}

/** A dY A^T of 4 channels of one tile. */
function transformGradient(
  dy: usize,
  target: usize,
  elementBytes: usize,
  pixelBytes: usize,
  rowBytes: usize,
  numRows: usize,
  numColumns: usize,
  halfTile: usize,
): void {
  for (let row: usize = 0; row < numRows; row++) {
    sixOfFour(dy, pixelBytes, numColumns, halfTile + 6 * (row << 4), 16);
    dy += rowBytes;
  }
  for (let at: usize = 0; at < 6 << 4; at += 16) {
    sixOfFour(halfTile + at, 6 << 4, numRows, target, 6 * elementBytes);
    target += elementBytes;
  }
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
 * Adds sum_tiles V^T (A dY A^T) to the sums, `[36, numIn, numOut]`.
 *
 * @param images and the others as of `winogradConv`
 * @param dy `[numImages, height, width, numOut]`
 * @param spare as of `winogradConv`
 */
export function winogradKernelGradient(
  images: usize,
  dy: usize,
  sums: usize,
  numImages: usize,
  height: usize,
  width: usize,
  numIn: usize,
  numOut: usize,
  imagesAtOnce: usize,
  rowsAtOnce: usize,
  spare: usize,
): void {
  const tilesPerRow = numTilesOf(width);
  const numRows = numTilesOf(height);
  const inBytes = numIn << 2;
  const inRowBytes = (4 * tilesPerRow + 2) * inBytes;
  const outBytes = numOut << 2;
  const outRowBytes = width * outBytes;
  const v = spare + 6 * inRowBytes;
  for (let image: usize = 0; image < numImages; image += imagesAtOnce) {
    const imageEnd = min(image + imagesAtOnce, numImages);
    for (let row: usize = 0; row < numRows; row += rowsAtOnce) {
      const rowEnd = min(row + rowsAtOnce, numRows);
      const perImage = (rowEnd - row) * tilesPerRow;
      const numTiles = perImage * (imageEnd - image);
      const vBytes = elementStride(numTiles * inBytes);
      // `[numOut / 8, 36, tiles, 8]`.
      const wBytes = elementStride(numTiles << 5);
      const w = v + 36 * vBytes;
      for (let i = image; i < imageEnd; i++) {
        transformInput(
          images + (i * (4 * numRows + 2) + 4 * row) * inRowBytes,
          v + (i - image) * perImage * inBytes,
          vBytes,
          rowEnd - row,
          tilesPerRow,
          inBytes,
          inRowBytes,
          spare,
        );
      }
      for (let first: usize = 0; first < outBytes; first += 32) {
        let tile = w;
        for (let i = image; i < imageEnd; i++) {
          for (let y = row << 2; y < min(rowEnd << 2, height); y += 4) {
            let d = dy + (i * height + y) * outRowBytes + first;
            for (let x: usize = 0; x < width; x += 4) {
              const rows = min(height - y, 4);
              const columns = min(width - x, 4);
              for (let half: usize = 0; half < 32; half += 16) {
                transformGradient(
                  d + half,
                  tile + half,
                  wBytes,
                  outBytes,
                  outRowBytes,
                  rows,
                  columns,
                  spare,
                );
              }
              tile += 32;
              d += outBytes << 2;
            }
          }
        }
        for (let element: usize = 0; element < 36; element++) {
          addProducts(
            v + element * vBytes,
            w + element * wBytes,
            sums + element * numIn * outBytes + first,
            numTiles,
            numIn,
            outBytes,
          );
        }
      }
    }
  }
}

/** dK = G^T S G, `[3, 3, numIn, numOut]`, of the sums of `winogradKernelGradient`, which are overwritten. */
export function winogradKernelOfSums(sums: usize, gradient: usize, numFloats: usize): void {
  const stride = numFloats << 2;
  for (let at: usize = 0; at < stride; at += 16) {
    const s = sums + at;
    for (let column: usize = 0; column < 6; column++) {
      const target = s + column * stride;
      threeOfSix(target, 6 * stride, target, 6 * stride);
    }
    for (let row: usize = 0; row < 3; row++) {
      threeOfSix(s + 6 * row * stride, stride, gradient + at + 3 * row * stride, stride);
    }
  }
}

/** G^T of six values, to three places, which may be the first of theirs. */
function threeOfSix(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
  const a = v128.load(source);
  source += sourceBytes;
  const b = v128.load(source);
  source += sourceBytes;
  const c = v128.load(source);
  source += sourceBytes;
  const d = v128.load(source);
  source += sourceBytes;
  const e = v128.load(source);
  source += sourceBytes;
  const f = v128.load(source);
  const sum1 = f32x4.add(b, c);
  const difference1 = f32x4.mul(p, f32x4.sub(b, c));
  const sum2 = f32x4.add(d, e);
  const difference2 = f32x4.mul(q, f32x4.sub(d, e));
  v128.store(target, madd(minusTwoThirds, sum1, madd(sixth, sum2, a)));
  target += targetBytes;
  v128.store(target, madd(minusTwoThirds, difference1, f32x4.mul(sixth, difference2)));
  target += targetBytes;
  v128.store(target, madd(minusThird, sum1, madd(third, sum2, f)));
}
