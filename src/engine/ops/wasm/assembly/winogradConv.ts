import { madd } from "./shared/vectors";
import { elementStride, transformInput } from "./shared/winograd";

const half = f32x4.splat(0.5);

/** U, `[numOut / 8, 16, numIn, 8]`, from a packed kernel, `[numOut / 8, 9, numIn, 8]`. */
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
        const k = source + 3 * row * stride;
        halfSums(k, k + stride, k + 2 * stride, target + 4 * row * stride, stride);
      }
      for (let column: usize = 0; column < 4; column++) {
        const k = target + column * stride;
        halfSums(k, k + 4 * stride, k + 8 * stride, k, 4 * stride);
      }
    }
    packed += 9 * stride;
    transformed += 16 * stride;
  }
}

/** G (a, b, c), to four places. */
function halfSums(a: usize, b: usize, c: usize, target: usize, stride: usize): void {
  const first = v128.load(a);
  const last = v128.load(c);
  const outer = f32x4.mul(half, f32x4.add(first, last));
  const middle = f32x4.mul(half, v128.load(b));
  v128.store(target, first);
  v128.store(target + stride, f32x4.add(outer, middle));
  v128.store(target + 2 * stride, f32x4.sub(outer, middle));
  v128.store(target + 3 * stride, last);
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

/** Stores 4 channels of a pixel, plus the addend's where there is one. */
function storePixel(values: v128, target: usize, addend: usize): void {
  v128.store(target, addend ? f32x4.add(values, v128.load(addend)) : values);
}

/** A^T M A plus bias and addend of 4 channels of one tile, of which `right` and `below` say what is kept. */
function transformOutput(
  m: usize,
  elementBytes: usize,
  bias: v128,
  target: usize,
  addend: usize,
  pixelBytes: usize,
  rowBytes: usize,
  right: bool,
  below: bool,
): void {
  let s00 = bias;
  let s01 = bias;
  let s10 = bias;
  let s11 = bias;
  const a0 = v128.load(m);
  const b0 = v128.load(m + elementBytes);
  const c0 = v128.load(m + 2 * elementBytes);
  const d0 = v128.load(m + 3 * elementBytes);
  const left0 = f32x4.add(a0, f32x4.add(b0, c0));
  const right0 = f32x4.sub(f32x4.sub(b0, c0), d0);
  m += 4 * elementBytes;
  s00 = f32x4.add(s00, left0);
  s01 = f32x4.add(s01, right0);
  const a1 = v128.load(m);
  const b1 = v128.load(m + elementBytes);
  const c1 = v128.load(m + 2 * elementBytes);
  const d1 = v128.load(m + 3 * elementBytes);
  const left1 = f32x4.add(a1, f32x4.add(b1, c1));
  const right1 = f32x4.sub(f32x4.sub(b1, c1), d1);
  m += 4 * elementBytes;
  s00 = f32x4.add(s00, left1);
  s01 = f32x4.add(s01, right1);
  s10 = f32x4.add(s10, left1);
  s11 = f32x4.add(s11, right1);
  const a2 = v128.load(m);
  const b2 = v128.load(m + elementBytes);
  const c2 = v128.load(m + 2 * elementBytes);
  const d2 = v128.load(m + 3 * elementBytes);
  const left2 = f32x4.add(a2, f32x4.add(b2, c2));
  const right2 = f32x4.sub(f32x4.sub(b2, c2), d2);
  m += 4 * elementBytes;
  s00 = f32x4.add(s00, left2);
  s01 = f32x4.add(s01, right2);
  s10 = f32x4.sub(s10, left2);
  s11 = f32x4.sub(s11, right2);
  const a3 = v128.load(m);
  const b3 = v128.load(m + elementBytes);
  const c3 = v128.load(m + 2 * elementBytes);
  const d3 = v128.load(m + 3 * elementBytes);
  const left3 = f32x4.add(a3, f32x4.add(b3, c3));
  const right3 = f32x4.sub(f32x4.sub(b3, c3), d3);
  s10 = f32x4.sub(s10, left3);
  s11 = f32x4.sub(s11, right3);
  const nextAddend = addend ? addend + rowBytes : 0;
  storePixel(s00, target, addend);
  if (right) storePixel(s01, target + pixelBytes, addend ? addend + pixelBytes : 0);
  if (!below) return;
  storePixel(s10, target + rowBytes, nextAddend);
  if (right) {
    storePixel(s11, target + rowBytes + pixelBytes, nextAddend ? nextAddend + pixelBytes : 0);
  }
}

/**
 * y = conv(x, K) + bias + addend.
 *
 * @param images padded, `[numImages, height + 2, width + 2, numIn]`; as much as a row and 3 pixels behind the end
 *   is read
 * @param transformed U
 * @param bias `[numOut]`
 * @param addend like the output, which it may be; or 0
 * @param output `[numImages, height, width, numOut]`
 * @param imagesAtOnce 1, or all rows at once
 * @param spare for each of 16 elements `elementStride` of numIn floats for each tile of so many images and rows of
 *   tiles, up to a multiple of 4, and of 8 floats for each
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
      const numTiles = (perImage * (imageEnd - image) + 3) & ~3;
      const vBytes = elementStride(numTiles * inBytes);
      const mBytes = elementStride(numTiles << 5);
      const m = spare + (vBytes << 4);
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
      let u = transformed;
      for (let first: usize = 0; first < outBytes; first += 32) {
        for (let element: usize = 0; element < 16; element++) {
          products(spare + element * vBytes, u, m + element * mBytes, numTiles, numIn);
          u += numIn << 5;
        }
        const low = v128.load(bias + first);
        const high = v128.load(bias + first, 16);
        let tile = m;
        for (let i = image; i < imageEnd; i++) {
          for (let r: usize = row; r < rowEnd; r++) {
            const below = (r << 1) + 1 < height;
            let at = (i * height + 2 * r) * outRowBytes + first;
            for (let x: usize = 0; x < width; x += 2) {
              const right = x + 1 < width;
              const y = output + at;
              const z = addend ? addend + at : 0;
              transformOutput(tile, mBytes, low, y, z, outBytes, outRowBytes, right, below);
              const rest = z ? z + 16 : 0;
              transformOutput(
                tile + 16,
                mBytes,
                high,
                y + 16,
                rest,
                outBytes,
                outRowBytes,
                right,
                below,
              );
              tile += 32;
              at += outBytes << 1;
            }
          }
        }
      }
    }
  }
}
