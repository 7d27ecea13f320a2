/**
 * Convolutions of 3 x 3 by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016): a tile of 4 x 4 pixels of
 * the output from 6 x 6 of the input, with 36 products for each pair of channels instead of 144:
 *
 * Y = A^T (sum_c U_c V_c) A, U = G K G^T, V = B^T X B, the products element by element
 *
 * The points are 0, infinity, and +-p and +-q with p^2 = 1/2 and q^2 = 2, whose powers and differences are near 1:
 * errors are half of those with 1 and 2, at most 8e-6 of the root mean square instead of 2.4e-5.
 *
 * Each of the 36 elements is a matrix product over the channels. Images have a pixel of zeros around them, and on the
 * right and below as many more as make their sides multiples of 4. Input channels are divisible by 4, output channels by 8.
 */
import { madd, variable } from "./vectors";

export const p = variable(Math.SQRT1_2 as f32);
export const q = variable(Math.SQRT2 as f32);
export const p2 = variable(0.5);
export const q2 = variable(2);
export const p3 = variable((0.5 * Math.SQRT1_2) as f32);
export const q3 = variable((2 * Math.SQRT2) as f32);
export const third = variable(1 / 3);
export const sixth = variable(1 / 6);
export const minusThird = variable(-1 / 3);
export const minusTwoThirds = variable(-2 / 3);
const minusP = variable(-Math.SQRT1_2 as f32);
const minusQ = variable(-Math.SQRT2 as f32);
const minusP2 = variable(-0.5);
const minusQ2 = variable(-2);
const minusSum = variable(-2.5);

/** Tiles along so many pixels. */
export function numTilesOf(numPixels: usize): usize {
  return (numPixels + 3) >> 2;
}

/**
 * Bytes from one element's matrix to the next: 36 of them, which are written together, have to lie in different
 * sets of a cache: a multiple of 4 KB between them took a third to two fifths of the speed at 7 x 7.
 */
export function elementStride(numBytes: usize): usize {
  return (numBytes | 4095) + 257;
}

/**
 * B^T of six values, to six places: for the points in the order 0, p, -p, q, -q and infinity the coefficients of the
 * product of x - r over the other finite points r, from that of x^0 on; for infinity over all. A^T has the powers 0 to 3
 * of the points, G their powers 0 to 2 divided by the product of the differences to the others, 1, -3/2, -3/2, 6 and 6.
 */
function sixOfSix(source: usize, sourceBytes: usize, target: usize, targetBytes: usize): void {
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
  const even1 = madd(minusQ2, c, e);
  const odd1 = madd(minusQ2, b, d);
  const even2 = madd(minusP2, c, e);
  const odd2 = madd(minusP2, b, d);
  v128.store(target, f32x4.add(a, madd(minusSum, c, e)));
  target += targetBytes;
  v128.store(target, madd(p, odd1, even1));
  target += targetBytes;
  v128.store(target, madd(minusP, odd1, even1));
  target += targetBytes;
  v128.store(target, madd(q, odd2, even2));
  target += targetBytes;
  v128.store(target, madd(minusQ, odd2, even2));
  target += targetBytes;
  v128.store(target, f32x4.add(b, madd(minusSum, d, f)));
}

/**
 * V of some rows of tiles, `[36, tiles, numIn]` with elements `elementBytes` apart.
 *
 * @param image from the first tile's first pixel on
 * @param spare six rows of the image
 */
export function transformInput(
  image: usize,
  transformed: usize,
  elementBytes: usize,
  numRows: usize,
  tilesPerRow: usize,
  pixelBytes: usize,
  rowBytes: usize,
  spare: usize,
): void {
  for (; numRows > 0; numRows--) {
    // Along each column of pixels, which two tiles may share.
    let from = image;
    let fromBytes = rowBytes;
    let fromStep = pixelBytes;
    let to = spare;
    let toBytes = rowBytes;
    let numPlaces = (tilesPerRow << 2) + 2;
    let numLines = 1;
    // Called from one place, a function becomes part of the loop.
    for (let pass = 0; pass < 2; pass++) {
      for (; numPlaces > 0; numPlaces--) {
        let source = from;
        let target = to;
        for (let line = numLines; line > 0; line--) {
          for (let channel: usize = 0; channel < pixelBytes; channel += 16) {
            sixOfSix(source + channel, fromBytes, target + channel, toBytes);
          }
          source += rowBytes;
          target += 6 * elementBytes;
        }
        from += fromStep;
        to += pixelBytes;
      }
      // And along the six rows of each tile.
      from = spare;
      fromBytes = pixelBytes;
      fromStep = pixelBytes << 2;
      to = transformed;
      toBytes = elementBytes;
      numPlaces = tilesPerRow;
      numLines = 6;
    }
    transformed += tilesPerRow * pixelBytes;
    image += rowBytes << 2;
  }
}
