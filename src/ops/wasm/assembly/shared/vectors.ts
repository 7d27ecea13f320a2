/** a b + c; with relaxed SIMD in one rounding where the processor can. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** Four floats, or the `count` that are left and zeros. */
export function loadUpTo4(address: usize, count: usize): v128 {
  if (count >= 4) return v128.load(address);
  if (count === 1) return v128.load32_zero(address);
  const two = v128.load64_zero(address);
  return count === 2 ? two : v128.load32_lane(address + 8, two, 2);
}

/** Stores all four floats, or the first `count`. */
export function storeUpTo4(address: usize, values: v128, count: usize): void {
  if (count >= 4) {
    v128.store(address, values);
  } else if (count === 1) {
    v128.store32_lane(address, values, 0);
  } else {
    v128.store64_lane(address, values, 0);
    if (count === 3) v128.store32_lane(address + 8, values, 2);
  }
}

export function sumOfLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

export function maxOfLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** Below it e^x is not a normal number, and taken as 0. */
const LOWEST: f32 = -87.33654;
const HIGHEST: f32 = 88.72283;

/**
 * e^x to 2 units in the last place, by e^x = 2^n e^r with |r| <= ln(2) / 2 and the polynomial of Cephes'
 * expf. NaN stays NaN.
 */
export function exp4(x: v128): v128 {
  const isTiny = f32x4.lt(x, f32x4.splat(LOWEST));
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(LOWEST)), f32x4.splat(HIGHEST));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(Math.LOG2E as f32)));
  // ln(2) in two parts, so that the product with the first is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = madd(f32x4.splat(1.98756915e-4), r, f32x4.splat(1.39819995e-3));
  p = madd(p, r, f32x4.splat(8.33345191e-3));
  p = madd(p, r, f32x4.splat(4.16657959e-2));
  p = madd(p, r, f32x4.splat(1.66666655e-1));
  p = madd(p, r, f32x4.splat(0.5));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  // In two factors, since 2^128 is no float.
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const bias = i32x4.splat(127);
  const factor1 = i32x4.shl(i32x4.add(half, bias), 23);
  const factor2 = i32x4.shl(i32x4.add(i32x4.sub(exponent, half), bias), 23);
  return v128.andnot(f32x4.mul(f32x4.mul(p, factor1), factor2), isTiny);
}
