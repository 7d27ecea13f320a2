import { exp4, sigmoid4, siluSlope4 } from "./shared/exponential";
import { loadUpTo4, madd, storeUpTo4 } from "./shared/vectors";

/** y = x sigmoid(x). */
export function silu(x: usize, y: usize, numFloats: usize): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const values = loadUpTo4(x + at, numFloats - i);
    storeUpTo4(y + at, f32x4.mul(values, sigmoid4(values)), numFloats - i);
  }
}

/** dX = dY times the slope of `silu` at x. */
export function siluGradient(x: usize, dy: usize, dx: usize, numFloats: usize): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const slope = siluSlope4(loadUpTo4(x + at, numFloats - i));
    storeUpTo4(dx + at, f32x4.mul(loadUpTo4(dy + at, numFloats - i), slope), numFloats - i);
  }
}

/**
 * The normal distribution function. Its error function is Abramowitz and Stegun's 7.1.26, with which
 * TensorFlow.js' backends compute it as well: absolute error below 1.5e-7.
 */
function phi4(x: v128): v128 {
  const one = f32x4.splat(1);
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(Math.SQRT1_2 as f32));
  const t = f32x4.div(one, madd(f32x4.splat(0.3275911), z, one));
  let series = madd(t, f32x4.splat(1.061405429), f32x4.splat(-1.453152027));
  series = madd(t, series, f32x4.splat(1.421413741));
  series = madd(t, series, f32x4.splat(-0.284496736));
  series = madd(t, series, f32x4.splat(0.254829592));
  const rest = f32x4.mul(f32x4.mul(t, series), exp4(f32x4.neg(f32x4.mul(z, z))));
  const tail = f32x4.mul(f32x4.splat(0.5), rest);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/** y = x Phi(x). */
export function gelu(x: usize, y: usize, numFloats: usize): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const values = loadUpTo4(x + at, numFloats - i);
    storeUpTo4(y + at, f32x4.mul(values, phi4(values)), numFloats - i);
  }
}

/** dX = dY times the slope of `gelu` at x, Phi(x) + x e^(-x^2 / 2) / sqrt(2 pi). */
export function geluGradient(x: usize, dy: usize, dx: usize, numFloats: usize): void {
  const peak = f32x4.splat(0.3989423);
  const minusHalf = f32x4.splat(-0.5);
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const values = loadUpTo4(x + at, numFloats - i);
    const density = f32x4.mul(peak, exp4(f32x4.mul(f32x4.mul(values, values), minusHalf)));
    const slope = madd(values, density, phi4(values));
    storeUpTo4(dx + at, f32x4.mul(loadUpTo4(dy + at, numFloats - i), slope), numFloats - i);
  }
}
