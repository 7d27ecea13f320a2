/** Passes over all parameters at once; every vector is `[numFloats]` long. */

import { loadUpTo4, madd, storeUpTo4, sumOfLanes } from "./shared/vectors";

/** Squares that are added up as float32, so that the sum of millions does not lose the small ones. */
const ROW_LENGTH: usize = 1024;

/** Euclidean norm, one float at `result`. */
export function globalNorm(gradient: usize, result: usize, numFloats: usize): void {
  let sum: f64 = 0;
  for (let first: usize = 0; first < numFloats; first += ROW_LENGTH) {
    const end = min(first + ROW_LENGTH, numFloats);
    let squares = f32x4.splat(0);
    for (let i = first; i < end; i += 4) {
      const values = loadUpTo4(gradient + (i << 2), end - i);
      squares = madd(values, values, squares);
    }
    sum += sumOfLanes(squares) as f64;
  }
  store<f32>(result, sqrt<f64>(sum) as f32);
}

/**
 * The running means beta mean + rest g of the gradient g, shortened to `maxNorm`, and of its square.
 *
 * @param norm of the gradient, one float; or 0 for no limit
 */
export function adamWMoments(
  gradient: usize,
  mean: usize,
  square: usize,
  norm: usize,
  nextMean: usize,
  nextSquare: usize,
  numFloats: usize,
  maxNorm: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
): void {
  const factor = f32x4.splat(norm ? min<f32>(maxNorm / (load<f32>(norm) + 1e-6), 1) : 1);
  const kept1 = f32x4.splat(beta1);
  const kept2 = f32x4.splat(beta2);
  const new1 = f32x4.splat(rest1);
  const new2 = f32x4.splat(rest2);
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const count = numFloats - i;
    const g = f32x4.mul(loadUpTo4(gradient + at, count), factor);
    const m = madd(loadUpTo4(mean + at, count), kept1, f32x4.mul(g, new1));
    storeUpTo4(nextMean + at, m, count);
    const s = madd(loadUpTo4(square + at, count), kept2, f32x4.mul(f32x4.mul(g, g), new2));
    storeUpTo4(nextSquare + at, s, count);
  }
}

/**
 * AdamW's step, kept p - rate m / (sqrt(s) inverseRoot + eps), and that of the moving average,
 * decay average + rest p. Without decay the average may be no number: it is not looked at.
 *
 * @param average or 0
 * @param nextAverage or 0
 */
export function adamWUpdate(
  values: usize,
  mean: usize,
  square: usize,
  average: usize,
  next: usize,
  nextAverage: usize,
  numFloats: usize,
  kept: f32,
  rate: f32,
  inverseRoot: f32,
  eps: f32,
  decay: f32,
  rest: f32,
): void {
  const kepts = f32x4.splat(kept);
  const rates = f32x4.splat(rate);
  const inverseRoots = f32x4.splat(inverseRoot);
  const epsilons = f32x4.splat(eps);
  const decays = f32x4.splat(decay);
  const rests = f32x4.splat(rest);
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const count = numFloats - i;
    const root = f32x4.sqrt(loadUpTo4(square + at, count));
    const ratio = f32x4.div(loadUpTo4(mean + at, count), madd(root, inverseRoots, epsilons));
    const before = f32x4.mul(loadUpTo4(values + at, count), kepts);
    const value = f32x4.sub(before, f32x4.mul(ratio, rates));
    storeUpTo4(next + at, value, count);
    if (!nextAverage) continue;
    let share = f32x4.mul(value, rests);
    if (decay > 0) share = madd(loadUpTo4(average + at, count), decays, share);
    storeUpTo4(nextAverage + at, share, count);
  }
}
