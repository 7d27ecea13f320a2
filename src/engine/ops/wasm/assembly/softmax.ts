import { exp4 } from "./shared/exponential";
import { loadUpTo4, madd, maxOfLanes, storeUpTo4, sumOfLanes } from "./shared/vectors";

/** Minus infinity in the lanes from `count` on, else 0. */
function maskFrom(count: usize): v128 {
  const lanes = i32x4(0, 1, 2, 3);
  return v128.and(i32x4.ge_s(lanes, i32x4.splat(count as i32)), f32x4.splat(-f32.MAX_VALUE));
}

/** y = softmax(scale x) over each row; x and y may be the same. Strides, here and below, are in bytes. */
export function softmaxRows(
  x: usize,
  y: usize,
  numRows: usize,
  numColumns: usize,
  xStride: usize,
  yStride: usize,
  scale: f32,
): void {
  const scales = f32x4.splat(scale);
  const rest = (numColumns & 3) << 2;
  const whole = (numColumns << 2) - rest;
  // These are the last columns.
  const count = rest >> 2;
  const mask = maskFrom(count);
  for (let row: usize = 0; row < numRows; row++) {
    let most = f32x4.splat(-f32.MAX_VALUE);
    for (let c: usize = 0; c < whole; c += 16) {
      // One instruction where `max` is several. It passes over NaN, which the sum then finds.
      most = f32x4.pmax(most, f32x4.mul(v128.load(x + c), scales));
    }
    if (rest) {
      const values = f32x4.mul(loadUpTo4(x + whole, count), scales);
      most = f32x4.pmax(most, f32x4.add(values, mask));
    }
    const shift = maxOfLanes(most);
    let sums = f32x4.splat(0);
    for (let c: usize = 0; c < whole; c += 16) {
      const e = exp4(f32x4.sub(f32x4.mul(v128.load(x + c), scales), shift));
      sums = f32x4.add(sums, e);
      v128.store(y + c, e);
    }
    if (rest) {
      const values = f32x4.mul(loadUpTo4(x + whole, count), scales);
      const e = exp4(f32x4.add(f32x4.sub(values, shift), mask));
      sums = f32x4.add(sums, e);
      storeUpTo4(y + whole, e, count);
    }
    const inverse = f32x4.div(f32x4.splat(1), sumOfLanes(sums));
    for (let c: usize = 0; c < whole; c += 16) {
      v128.store(y + c, f32x4.mul(v128.load(y + c), inverse));
    }
    if (rest) {
      storeUpTo4(y + whole, f32x4.mul(loadUpTo4(y + whole, count), inverse), count);
    }
    x += xStride;
    y += yStride;
  }
}

/** dX = scale y (dY - sum(y dY)) over each row, for y = softmax(scale x); dX may be dY or y. */
export function softmaxRowsGradient(
  y: usize,
  dy: usize,
  dx: usize,
  numRows: usize,
  numColumns: usize,
  yStride: usize,
  dyStride: usize,
  dxStride: usize,
  scale: f32,
): void {
  const scales = f32x4.splat(scale);
  const rest = (numColumns & 3) << 2;
  const whole = (numColumns << 2) - rest;
  // These are the last columns.
  const count = rest >> 2;
  for (let row: usize = 0; row < numRows; row++) {
    let sums = f32x4.splat(0);
    for (let c: usize = 0; c < whole; c += 16) {
      sums = madd(v128.load(y + c), v128.load(dy + c), sums);
    }
    if (rest) sums = madd(loadUpTo4(y + whole, count), loadUpTo4(dy + whole, count), sums);
    const sum = sumOfLanes(sums);
    for (let c: usize = 0; c < whole; c += 16) {
      const difference = f32x4.sub(v128.load(dy + c), sum);
      v128.store(dx + c, f32x4.mul(f32x4.mul(v128.load(y + c), scales), difference));
    }
    if (rest) {
      const difference = f32x4.sub(loadUpTo4(dy + whole, count), sum);
      const scaled = f32x4.mul(loadUpTo4(y + whole, count), scales);
      storeUpTo4(dx + whole, f32x4.mul(scaled, difference), count);
    }
    y += yStride;
    dy += dyStride;
    dx += dxStride;
  }
}

/** y = e^(x - m) with the largest m of each column, and 1 / their sums; numColumns is divisible by 4. */
export function expColumns(
  x: usize,
  y: usize,
  inverses: usize,
  numRows: usize,
  numColumns: usize,
  xStride: usize,
  yStride: usize,
): void {
  for (let c: usize = 0; c < numColumns << 2; c += 16) {
    let source = x + c;
    const end = source + numRows * xStride;
    let most = v128.load(source);
    for (; source < end; source += xStride) most = f32x4.pmax(most, v128.load(source));
    let target = y + c;
    let sums = f32x4.splat(0);
    for (source = x + c; source < end; source += xStride) {
      const e = exp4(f32x4.sub(v128.load(source), most));
      sums = f32x4.add(sums, e);
      v128.store(target, e);
      target += yStride;
    }
    v128.store(inverses + c, f32x4.div(f32x4.splat(1), sums));
  }
}
