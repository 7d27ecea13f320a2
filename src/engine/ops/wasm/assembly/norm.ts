/**
 * RMSNorm, FiLM and SiLU, pixel by pixel: n = x / |x| over the channels, v = n a + b with amplitudes
 * a = gain sqrt(C) (scale + 1) and shifts b, y = v sigmoid(v).
 */

import { activation, activationGradient } from "./activations";
import { loadUpTo4, madd, storeUpTo4, sumOfLanes } from "./shared/vectors";
import { addFloats } from "./vector";

/** Pixels that go together from step to step: fewer keep a processor waiting, more leave its first cache. */
const BLOCK: usize = 32;

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

/** 1 / |x| of some pixels. */
function inverseNorms(x: usize, inverses: usize, numPixels: usize, numChannels: usize): void {
  for (let n: usize = 0; n < numPixels; n++) {
    let squares = f32x4.splat(0);
    for (let c: usize = 0; c < numChannels; c += 4) {
      const values = loadUpTo4(x + (c << 2), numChannels - c);
      squares = madd(values, values, squares);
    }
    // The square of the floor of 1e-12 under the norm.
    store<f32>(inverses + (n << 2), 1 / sqrt<f32>(max<f32>(sumOfLanes(squares), 1e-24)));
    x += numChannels << 2;
  }
}

/** y = v of some pixels of an image. */
function modulate(
  x: usize,
  inverses: usize,
  amplitudes: usize,
  shifts: usize,
  y: usize,
  numPixels: usize,
  numChannels: usize,
): void {
  for (let n: usize = 0; n < numPixels; n++) {
    const inverse = v128.load32_splat(inverses + (n << 2));
    for (let c: usize = 0; c < numChannels; c += 4) {
      const count = numChannels - c;
      const at = c << 2;
      const unit = f32x4.mul(loadUpTo4(x + at, count), inverse);
      storeUpTo4(y + at, madd(unit, v128.load(amplitudes + at), v128.load(shifts + at)), count);
    }
    x += numChannels << 2;
    y += numChannels << 2;
  }
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
  const inverses = spare;
  const amplitudes = inverses + (BLOCK << 2);
  const shifts = amplitudes + inFours(numChannels);
  for (let image: usize = 0; image < numImages; image++) {
    if (film || image === 0) modulation(gain, film, amplitudes, shifts, numChannels);
    if (film) film += pixelBytes << 1;
    for (let first: usize = 0; first < numPixels; first += BLOCK) {
      const count = min(numPixels - first, BLOCK);
      inverseNorms(x, inverses, count, numChannels);
      modulate(x, inverses, amplitudes, shifts, y, count, numChannels);
      if (hasSilu) activation(y, addend, y, count * numChannels, 0);
      else if (addend) addFloats(addend, y, count * numChannels);
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

/** Of a pixel: dX from dv, which may lie there, plus the addend. Adds dv n and dv to their sums. */
function throughUnitVector(
  x: usize,
  inverse: v128,
  dv: usize,
  amplitudes: usize,
  gained: usize,
  shifted: usize,
  addend: usize,
  dx: usize,
  numChannels: usize,
): void {
  let products = f32x4.splat(0);
  for (let c: usize = 0; c < numChannels; c += 4) {
    const count = numChannels - c;
    const at = c << 2;
    const unit = f32x4.mul(loadUpTo4(x + at, count), inverse);
    const d = loadUpTo4(dv + at, count);
    const product = f32x4.mul(d, unit);
    products = madd(product, v128.load(amplitudes + at), products);
    v128.store(gained + at, f32x4.add(v128.load(gained + at), product));
    v128.store(shifted + at, f32x4.add(v128.load(shifted + at), d));
  }
  const along = f32x4.splat(sumOfLanes(products));
  for (let c: usize = 0; c < numChannels; c += 4) {
    const count = numChannels - c;
    const at = c << 2;
    const unit = f32x4.mul(loadUpTo4(x + at, count), inverse);
    const dUnit = f32x4.mul(loadUpTo4(dv + at, count), v128.load(amplitudes + at));
    let sum = f32x4.mul(f32x4.sub(dUnit, f32x4.mul(unit, along)), inverse);
    if (addend) sum = f32x4.add(sum, loadUpTo4(addend + at, count));
    storeUpTo4(dx + at, sum, count);
  }
}

/**
 * dX = (dn - n (dn . n)) / |x| with dn = a dv, plus the addend, and the gradients of gain and FiLM.
 *
 * @param x and the others as of `normForward`, like dY and dX
 * @param dGain `[numChannels]`, 0 before
 * @param dFilm like FiLM
 * @param spare `BLOCK` floats and 4 rows of channels, each filled up to a multiple of 4
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
  const inverses = spare;
  const amplitudes = inverses + (BLOCK << 2);
  const shifts = amplitudes + rowBytes;
  const gained = shifts + rowBytes;
  const shifted = gained + rowBytes;
  for (let image: usize = 0; image < numImages; image++) {
    if (film || image === 0) modulation(gain, film, amplitudes, shifts, numChannels);
    memory.fill(gained, 0, rowBytes << 1);
    for (let first: usize = 0; first < numPixels; first += BLOCK) {
      const count = min(numPixels - first, BLOCK);
      inverseNorms(x, inverses, count, numChannels);
      if (hasSilu) {
        modulate(x, inverses, amplitudes, shifts, dx, count, numChannels);
        activationGradient(dx, dy, dx, count * numChannels, 0);
      }
      for (let n: usize = 0; n < count; n++) {
        const inverse = v128.load32_splat(inverses + (n << 2));
        const dv = hasSilu ? dx : dy;
        throughUnitVector(x, inverse, dv, amplitudes, gained, shifted, addend, dx, numChannels);
        x += pixelBytes;
        dy += pixelBytes;
        dx += pixelBytes;
        if (addend) addend += pixelBytes;
      }
    }
    parameterGradients(gain, film, gained, shifted, dGain, dFilm, numChannels);
    if (film) {
      film += pixelBytes << 1;
      dFilm += pixelBytes << 1;
    }
  }
}
