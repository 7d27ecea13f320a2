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

/** U, `[numOut / 8, 36, numIn, 8]`, from a packed kernel, `[numOut / 8, 9, numIn, 8]`. */
export function winogradKernel(
  packed: usize,
  transformed: usize,
  numOut: usize,
  numIn: usize,
): void {
  const stride = numIn << 5;
  for (let block = numOut >> 3; block > 0; block--) {
    for (let at: usize = 0; at < stride; at += 16) {
      // Along the columns of each row, then along the rows.
      const source = packed + at;
      const target = transformed + at;
      for (let row: usize = 0; row < 3; row++) {
        sixOfThree(source + 3 * row * stride, stride, target + 6 * row * stride, stride);
      }
      for (let column: usize = 0; column < 6; column++) {
        sixOfThree(target + column * stride, 6 * stride, target + column * stride, 6 * stride);
      }
    }
    packed += 9 * stride;
    transformed += 36 * stride;
  }
}

/** G of three values, to six places, of which they may be the first. */
function sixOfThree(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
  const a = v128.load(source);
  const b = v128.load(source + sourceBytes);
  const c = v128.load(source + 2 * sourceBytes);
  const even1 = madd(minusTwoThirds, a, f32x4.mul(minusThird, c));
  const odd1 = f32x4.mul(minusTwoThirds, f32x4.mul(p, b));
  const even2 = madd(sixth, a, f32x4.mul(third, c));
  const odd2 = f32x4.mul(sixth, f32x4.mul(q, b));
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
  v128.store(target, c);
}

/** M = V U of one element and 8 output channels, `[tiles, 8]`, in tiles of 4 by 8 (see `convTiles`). */
function products(v: usize, u: usize, m: usize, numTiles: usize, numIn: usize): void {
  const pixelBytes = numIn << 2;
  const end = m + (numTiles << 5);
  while (m < end) {
    let p0 = v;
    let p1 = p0 + pixelBytes;
    let p2 = p1 + pixelBytes;
    let p3 = p2 + pixelBytes;
    let w = u;
    let low0 = f32x4.splat(0);
    let low1 = low0;
    let low2 = low0;
    let low3 = low0;
    let high0 = low0;
    let high1 = low0;
    let high2 = low0;
    let high3 = low0;
    for (let r = numIn; r > 0; r--) {
      const wLow = v128.load(w);
      const wHigh = v128.load(w, 16);
      const x0 = v128.load32_splat(p0);
      low0 = madd(x0, wLow, low0);
      high0 = madd(x0, wHigh, high0);
      const x1 = v128.load32_splat(p1);
      low1 = madd(x1, wLow, low1);
      high1 = madd(x1, wHigh, high1);
      const x2 = v128.load32_splat(p2);
      low2 = madd(x2, wLow, low2);
      high2 = madd(x2, wHigh, high2);
      const x3 = v128.load32_splat(p3);
      low3 = madd(x3, wLow, low3);
      high3 = madd(x3, wHigh, high3);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      w += 32;
    }
    v128.store(m, low0);
    v128.store(m, high0, 16);
    v128.store(m, low1, 32);
    v128.store(m, high1, 48);
    v128.store(m, low2, 64);
    v128.store(m, high2, 80);
    v128.store(m, low3, 96);
    v128.store(m, high3, 112);
    v += pixelBytes << 2;
    m += 128;
  }
}

/** A^T of six values, to four places. */
function fourOfSix(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
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
  const difference1 = f32x4.sub(b, c);
  const sum2 = f32x4.add(d, e);
  const difference2 = f32x4.sub(d, e);
  v128.store(target, f32x4.add(a, f32x4.add(sum1, sum2)));
  target += targetBytes;
  v128.store(target, madd(p, difference1, f32x4.mul(q, difference2)));
  target += targetBytes;
  v128.store(target, madd(p2, sum1, f32x4.mul(q2, sum2)));
  target += targetBytes;
  v128.store(target, madd(p3, difference1, madd(q3, difference2, f)));
}

/**
 * A^T M A plus bias and addend of 4 channels of one tile.
 *
 * @param numRows 4, or as many as there are in the image, like the columns
 */
function transformOutput(
  m: usize,
  elementBytes: usize,
  bias: v128,
  target: usize,
  addend: usize,
  pixelBytes: usize,
  rowBytes: usize,
  numRows: usize,
  numColumns: usize,
  halfTile: usize,
): void {
  // Along the columns to `[4, 6]`, then along the rows to the same place.
  for (let at: usize = 0; at < 6 << 4; at += 16) {
    fourOfSix(m, 6 * elementBytes, halfTile + at, 6 << 4);
    m += elementBytes;
  }
  for (let row: usize = 0; row < numRows; row++) {
    outputRow(halfTile, bias, target, addend, pixelBytes, numColumns);
    halfTile += 6 << 4;
    target += rowBytes;
    if (addend) addend += rowBytes;
  }
}

/** Stores 4 channels of a pixel, plus the addend's where there is one. */
function storePixel(values: v128, target: usize, addend: usize): void {
  v128.store(target, addend ? f32x4.add(values, v128.load(addend)) : values);
}

/** A^T of a row plus bias and addend, as many of its four values as there are pixels. */
function outputRow(
  row: usize,
  bias: v128,
  target: usize,
  addend: usize,
  pixelBytes: usize,
  numColumns: usize,
): void {
  const b = v128.load(row, 16);
  const c = v128.load(row, 32);
  const d = v128.load(row, 48);
  const e = v128.load(row, 64);
  const sum1 = f32x4.add(b, c);
  const difference1 = f32x4.sub(b, c);
  const sum2 = f32x4.add(d, e);
  const difference2 = f32x4.sub(d, e);
  const step = addend ? pixelBytes : 0;
  const first = f32x4.add(f32x4.add(v128.load(row), bias), f32x4.add(sum1, sum2));
  storePixel(first, target, addend);
  if (numColumns === 1) return;
  const second = madd(p, difference1, madd(q, difference2, bias));
  storePixel(second, target + pixelBytes, addend + step);
  if (numColumns === 2) return;
  const next = madd(p2, sum1, madd(q2, sum2, bias));
  storePixel(next, target + 2 * pixelBytes, addend + 2 * step);
  if (numColumns === 3) return;
  const last = madd(p3, difference1, madd(q3, difference2, f32x4.add(v128.load(row, 80), bias)));
  storePixel(last, target + 3 * pixelBytes, addend + 3 * step);
}

/**
 * y = conv(x, K) + bias + addend.
 *
 * @param images padded, `[numImages, 4 numTilesOf(height) + 2, 4 numTilesOf(width) + 2, numIn]`
 * @param transformed U
 * @param bias `[numOut]`
 * @param addend like the output, which it may be; or 0
 * @param output `[numImages, height, width, numOut]`
 * @param imagesAtOnce 1, or all rows at once
 * @param spare six rows of a padded image (at least 24 vectors), and for each of 36 elements `elementStride` of numIn
 *   floats for each tile of so many images and rows of tiles, up to a multiple of 4, and of 8 floats for each
 */
export function winogradConv(
  images: usize,
  transformed: usize,
  bias: usize,
  addend: usize,
  output: usize,
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
      const numTiles = (perImage * (imageEnd - image) + 3) & ~3;
      const vBytes = elementStride(numTiles * inBytes);
      const mBytes = elementStride(numTiles << 5);
      const m = v + 36 * vBytes;
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
      let u = transformed;
      for (let first: usize = 0; first < outBytes; first += 32) {
        for (let element: usize = 0; element < 36; element++) {
          products(v + element * vBytes, u, m + element * mBytes, numTiles, numIn);
          u += numIn << 5;
        }
        let tile = m;
        for (let i = image; i < imageEnd; i++) {
          for (let y = row << 2; y < min(rowEnd << 2, height); y += 4) {
            let at = (i * height + y) * outRowBytes + first;
            for (let x: usize = 0; x < width; x += 4) {
              const rows = min(height - y, 4);
              const columns = min(width - x, 4);
              for (let half: usize = 0; half < 32; half += 16) {
                transformOutput(
                  tile + half,
                  mBytes,
                  v128.load(bias + first + half),
                  output + at + half,
                  addend ? addend + at + half : 0,
                  outBytes,
                  outRowBytes,
                  rows,
                  columns,
                  spare,
                );
              }
              tile += 32;
              at += outBytes << 2;
            }
          }
        }
      }
    }
  }
}
