import { exp4, silu4, siluSlope4 } from "./shared/exponential";
import { loadUpTo4, madd, storeUpTo4 } from "./shared/vectors";

/** y = x sigmoid(x), SiLU, or x Phi(x), GELU; plus the addend, which may be 0. */
export function activation(
  x: usize,
  addend: usize,
  y: usize,
  numFloats: usize,
  isGelu: usize,
): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const values = loadUpTo4(x + at, numFloats - i);
    let result = isGelu ? f32x4.mul(values, phi4(values)) : silu4(values);
    if (addend) result = f32x4.add(result, loadUpTo4(addend + at, numFloats - i));
    storeUpTo4(y + at, result, numFloats - i);
  }
}

/** dX = dY times the slope of `activation` at x; dX may be x. */
export function activationGradient(
  x: usize,
  dy: usize,
  dx: usize,
  numFloats: usize,
  isGelu: usize,
): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const values = loadUpTo4(x + at, numFloats - i);
    const slope = isGelu ? geluSlope4(values) : siluSlope4(values);
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

/** Phi(x) + x e^(-x^2 / 2) / sqrt(2 pi). */
function geluSlope4(x: v128): v128 {
  const exponential = exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
  const density = f32x4.mul(f32x4.splat(0.3989423), exponential);
  return madd(x, density, phi4(x));
}
