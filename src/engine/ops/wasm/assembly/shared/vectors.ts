/** a b + c; with relaxed SIMD in one rounding where the processor can. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/**
 * A constant that is written when the module starts, so that the compiler takes it for a variable: V8 makes
 * a constant vector anew wherever it is used, with which SiLU of four numbers took 8.5 ns instead of 6.3.
 */
export function variable(value: f32): v128 {
  return f32x4.splat(value);
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

/** Stores the first values of a row of 8 that lies at `row`, plus the addend's where there is one. */
function storeRest(row: usize, target: usize, addend: usize, count: usize): void {
  const end = row + (count << 2);
  for (; row < end; row += 4) {
    store<f32>(target, load<f32>(row) + (addend ? load<f32>(addend) : 0));
    target += 4;
    if (addend) addend += 4;
  }
}

/** Stores 8 values, or the `count` that are left, plus the addend's, which may lie in the same place. */
export function store8(
  low: v128,
  high: v128,
  target: usize,
  addend: usize,
  count: usize,
  spare: usize,
): void {
  if (count >= 8) {
    if (addend) {
      low = f32x4.add(low, v128.load(addend));
      high = f32x4.add(high, v128.load(addend, 16));
    }
    v128.store(target, low);
    v128.store(target, high, 16);
    return;
  }
  v128.store(spare, low);
  v128.store(spare, high, 16);
  storeRest(spare, target, addend, count);
}

/** The sum over the lanes, in each. */
export function sumOfLanes(v: v128): v128 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}

/** The sums over the lanes of four vectors. */
export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The largest of the lanes, in each. It may pass over NaN. */
export function maxOfLanes(v: v128): v128 {
  const pairs = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}
