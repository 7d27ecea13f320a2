/**
 * RMSNorm, FiLM and SiLU, pixel by pixel: n = x / |x| over the channels, v = n a + b with amplitudes
 * a = gain sqrt(C) (scale + 1) and shifts b, y = v sigmoid(v). Norms of four pixels are in one vector, and the
 * activation or its slope is part of the same pass, which takes 0.8 of the time of passes of their own.
 */

import { silu4, siluSlope4 } from "./shared/exponential";
import { loadUpTo4, madd, storeUpTo4, sumsOfLanes } from "./shared/vectors";

/** Most pixels that go together from step to step: fewer keep a processor waiting. */
const BLOCK: usize = 32;

/** So many, or as stay in the first cache; divisible by 4. */
function pixelsAtOnce(numChannels: usize): usize {
  return max<usize>(min<usize>(BLOCK, (2048 / numChannels) & ~3), 4);
}

/** Bytes of a row of floats, filled up to a multiple of 4. */
function inFours(count: usize): usize {
  return ((count + 3) >> 2) << 4;
}

/** Writes a and b of one image, in rows that are filled up with zeros. */
function modulation(
  gain: usize,
  film: usize,
  amplitudes: usize,
  shifts: usize,
  numChannels: usize,
): void {
  const root = f32x4.splat(sqrt<f32>(numChannels as f32));
  const one = f32x4.splat(1);
  for (let c: usize = 0; c < numChannels; c += 4) {
    const count = numChannels - c;
    const at = c << 2;
    const gains = f32x4.mul(loadUpTo4(gain + at, count), root);
    if (film) {
      const scales = f32x4.add(loadUpTo4(film + at, count), one);
      v128.store(amplitudes + at, f32x4.mul(scales, gains));
      v128.store(shifts + at, loadUpTo4(film + at + (numChannels << 2), count));
    } else {
      v128.store(amplitudes + at, gains);
      v128.store(shifts + at, f32x4.splat(0));
    }
  }
}

/** 1 / |x| of some pixels, up to a multiple of 4. */
function inverseNorms(x: usize, inverses: usize, numPixels: usize, numChannels: usize): void {
  const pixelBytes = numChannels << 2;
  const last = x + (numPixels - 1) * pixelBytes;
  const end = inverses + (numPixels << 2);
  for (; inverses < end; inverses += 16) {
    const x1 = min(x + pixelBytes, last);
    const x2 = min(x1 + pixelBytes, last);
    const x3 = min(x2 + pixelBytes, last);
    const sums = sumsOfLanes(
      squares(x, numChannels),
      squares(x1, numChannels),
      squares(x2, numChannels),
      squares(x3, numChannels),
    );
    // The square of the floor of 1e-12 under the norm.
    const norms = f32x4.sqrt(f32x4.pmax(sums, f32x4.splat(1e-24)));
    v128.store(inverses, f32x4.div(f32x4.splat(1), norms));
    x = x3 + pixelBytes;
  }
}

function squares(x: usize, numChannels: usize): v128 {
  let sum = f32x4.splat(0);
  for (let c: usize = 0; c < numChannels; c += 4) {
    const values = loadUpTo4(x + (c << 2), numChannels - c);
    sum = madd(values, values, sum);
  }
  return sum;
}

/**
 * y = v, or v sigmoid(v) with `hasSilu`, plus the addend.
 *
 * @param x `[numImages, numPixels, numChannels]`, like the addend, which may be 0, and y
 * @param gain `[numChannels]`
 * @param film scale, then shift, `[numImages, 2 numChannels]`; or 0
 * @param spare `BLOCK` floats and 2 rows of channels, each filled up to a multiple of 4
 */
export function normForward(
  x: usize,
  gain: usize,
  film: usize,
  addend: usize,
  y: usize,
  numImages: usize,
  numPixels: usize,
  numChannels: usize,
  hasSilu: usize,
  spare: usize,
): void {
  const pixelBytes = numChannels << 2;
  const atOnce = pixelsAtOnce(numChannels);
  const inverses = spare;
  const amplitudes = inverses + (BLOCK << 2);
  const shifts = amplitudes + inFours(numChannels);
  for (let image: usize = 0; image < numImages; image++) {
    if (film || image === 0) modulation(gain, film, amplitudes, shifts, numChannels);
    if (film) film += pixelBytes << 1;
    for (let first: usize = 0; first < numPixels; first += atOnce) {
      const count = min(numPixels - first, atOnce);
      inverseNorms(x, inverses, count, numChannels);
      for (let c: usize = 0; c < numChannels; c += 4) {
        const left = numChannels - c;
        const a = v128.load(amplitudes + (c << 2));
        const b = v128.load(shifts + (c << 2));
        let at = c << 2;
        for (let n: usize = 0; n < count; n++) {
          const unit = f32x4.mul(loadUpTo4(x + at, left), v128.load32_splat(inverses + (n << 2)));
          let v = madd(unit, a, b);
          if (hasSilu) v = silu4(v);
          if (addend) v = f32x4.add(v, loadUpTo4(addend + at, left));
          storeUpTo4(y + at, v, left);
          at += pixelBytes;
        }
      }
      x += count * pixelBytes;
      y += count * pixelBytes;
      if (addend) addend += count * pixelBytes;
    }
  }
}

/** From the sums over an image's pixels of dv n and of dv: adds to dGain, and writes dFilm. */
function parameterGradients(
  gain: usize,
  film: usize,
  gained: usize,
  shifted: usize,
  dGain: usize,
  dFilm: usize,
  numChannels: usize,
): void {
  const root = f32x4.splat(sqrt<f32>(numChannels as f32));
  const one = f32x4.splat(1);
  for (let c: usize = 0; c < numChannels; c += 4) {
    const count = numChannels - c;
    const at = c << 2;
    const rooted = f32x4.mul(v128.load(gained + at), root);
    let ofGain = rooted;
    if (film) {
      ofGain = f32x4.mul(rooted, f32x4.add(loadUpTo4(film + at, count), one));
      storeUpTo4(dFilm + at, f32x4.mul(rooted, loadUpTo4(gain + at, count)), count);
      storeUpTo4(dFilm + at + (numChannels << 2), v128.load(shifted + at), count);
    }
    storeUpTo4(dGain + at, f32x4.add(loadUpTo4(dGain + at, count), ofGain), count);
  }
}

/** Takes some pixels and 4 channels: writes dn, and adds dn n to `along`, dv n and dv to their sums. */
function throughModulation(
  x: usize,
  inverses: usize,
  dy: usize,
  dn: usize,
  along: usize,
  amplitudes: v128,
  shifts: v128,
  gained: usize,
  shifted: usize,
  numPixels: usize,
  pixelBytes: usize,
  left: usize,
  hasSilu: usize,
): void {
  let products = v128.load(gained);
  let sums = v128.load(shifted);
  const end = inverses + (numPixels << 2);
  for (; inverses < end; inverses += 4) {
    const unit = f32x4.mul(loadUpTo4(x, left), v128.load32_splat(inverses));
    let dv = loadUpTo4(dy, left);
    if (hasSilu) dv = f32x4.mul(dv, siluSlope4(madd(unit, amplitudes, shifts)));
    products = madd(dv, unit, products);
    sums = f32x4.add(sums, dv);
    const dUnit = f32x4.mul(dv, amplitudes);
    storeUpTo4(dn, dUnit, left);
    v128.store(along, madd(dUnit, unit, v128.load(along)));
    x += pixelBytes;
    dy += pixelBytes;
    dn += pixelBytes;
    along += 16;
  }
  v128.store(gained, products);
  v128.store(shifted, sums);
}

/** Takes some pixels, up to a multiple of 4, and sums over the lanes of `along`, times 1 / |x|, in its first part. */
function sumAlong(along: usize, inverses: usize, numPixels: usize): void {
  const end = inverses + (numPixels << 2);
  let source = along;
  for (; inverses < end; inverses += 16) {
    const sums = sumsOfLanes(
      v128.load(source),
      v128.load(source, 16),
      v128.load(source, 32),
      v128.load(source, 48),
    );
    v128.store(along, f32x4.mul(sums, v128.load(inverses)));
    source += 64;
    along += 16;
  }
}

/** Computes dX of some pixels and 4 channels from dn, which lies there, plus the addend. */
function throughUnitVector(
  x: usize,
  inverses: usize,
  along: usize,
  addend: usize,
  dx: usize,
  numPixels: usize,
  pixelBytes: usize,
  left: usize,
): void {
  const end = inverses + (numPixels << 2);
  for (; inverses < end; inverses += 4) {
    const inverse = v128.load32_splat(inverses);
    const unit = f32x4.mul(loadUpTo4(x, left), inverse);
    const part = f32x4.mul(unit, v128.load32_splat(along));
    let sum = f32x4.sub(f32x4.mul(loadUpTo4(dx, left), inverse), part);
    if (addend) {
      sum = f32x4.add(sum, loadUpTo4(addend, left));
      addend += pixelBytes;
    }
    storeUpTo4(dx, sum, left);
    x += pixelBytes;
    dx += pixelBytes;
    along += 4;
  }
}

/**
 * dX = (dn - n (dn . n)) / |x| with dn = a dv, plus the addend, and the gradients of gain and FiLM.
 *
 * @param x and the others as of `normForward`, like dY and dX
 * @param dGain `[numChannels]`, 0 before
 * @param dFilm like FiLM
 * @param spare 5 `BLOCK` floats and 4 rows of channels, each filled up to a multiple of 4
 */
export function normGradient(
  x: usize,
  gain: usize,
  film: usize,
  dy: usize,
  addend: usize,
  dx: usize,
  dGain: usize,
  dFilm: usize,
  numImages: usize,
  numPixels: usize,
  numChannels: usize,
  hasSilu: usize,
  spare: usize,
): void {
  const pixelBytes = numChannels << 2;
  const rowBytes = inFours(numChannels);
  const atOnce = pixelsAtOnce(numChannels);
  const inverses = spare;
  const along = inverses + (BLOCK << 2);
  const amplitudes = along + (BLOCK << 4);
  const shifts = amplitudes + rowBytes;
  const gained = shifts + rowBytes;
  const shifted = gained + rowBytes;
  for (let image: usize = 0; image < numImages; image++) {
    if (film || image === 0) modulation(gain, film, amplitudes, shifts, numChannels);
    memory.fill(gained, 0, rowBytes << 1);
    for (let first: usize = 0; first < numPixels; first += atOnce) {
      const count = min(numPixels - first, atOnce);
      inverseNorms(x, inverses, count, numChannels);
      memory.fill(along, 0, count << 4);
      for (let c: usize = 0; c < numChannels; c += 4) {
        const at = c << 2;
        throughModulation(
          x + at,
          inverses,
          dy + at,
          dx + at,
          along,
          v128.load(amplitudes + at),
          v128.load(shifts + at),
          gained + at,
          shifted + at,
          count,
          pixelBytes,
          numChannels - c,
          hasSilu,
        );
      }
      sumAlong(along, inverses, count);
      for (let c: usize = 0; c < numChannels; c += 4) {
        const at = c << 2;
        const plus = addend ? addend + at : 0;
        throughUnitVector(
          x + at,
          inverses,
          along,
          plus,
          dx + at,
          count,
          pixelBytes,
          numChannels - c,
        );
      }
      x += count * pixelBytes;
      dy += count * pixelBytes;
      dx += count * pixelBytes;
      if (addend) addend += count * pixelBytes;
    }
    parameterGradients(gain, film, gained, shifted, dGain, dFilm, numChannels);
    if (film) {
      film += pixelBytes << 1;
      dFilm += pixelBytes << 1;
    }
  }
}
