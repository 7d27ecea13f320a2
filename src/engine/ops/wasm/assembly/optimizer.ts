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
    sum += f32x4.extract_lane(sumOfLanes(squares), 0) as f64;
  }
  store<f32>(result, sqrt<f64>(sum) as f32);
}

/** AdamW's running means beta m + rest g, beta s + rest g^2; kept p - rate m / (sqrt(s) inverseRoot + eps). */
export function adamW(
  values: usize,
  gradient: usize,
  mean: usize,
  square: usize,
  next: usize,
  nextMean: usize,
  nextSquare: usize,
  numFloats: usize,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  kept: f32,
  rate: f32,
  inverseRoot: f32,
  eps: f32,
): void {
  const kept1 = f32x4.splat(beta1);
  const kept2 = f32x4.splat(beta2);
  const new1 = f32x4.splat(rest1);
  const new2 = f32x4.splat(rest2);
  const kepts = f32x4.splat(kept);
  const rates = f32x4.splat(rate);
  const inverseRoots = f32x4.splat(inverseRoot);
  const epsilons = f32x4.splat(eps);
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = i << 2;
    const count = numFloats - i;
    const g = loadUpTo4(gradient + at, count);
    const m = madd(loadUpTo4(mean + at, count), kept1, f32x4.mul(g, new1));
    storeUpTo4(nextMean + at, m, count);
    const s = madd(loadUpTo4(square + at, count), kept2, f32x4.mul(f32x4.mul(g, g), new2));
    storeUpTo4(nextSquare + at, s, count);
    const ratio = f32x4.div(m, madd(f32x4.sqrt(s), inverseRoots, epsilons));
    const before = f32x4.mul(loadUpTo4(values + at, count), kepts);
    storeUpTo4(next + at, f32x4.sub(before, f32x4.mul(ratio, rates)), count);
  }
}
