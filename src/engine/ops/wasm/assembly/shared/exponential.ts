import { madd } from "./vectors";

/**
 * Constants that are written when the module starts, so that the compiler takes them for variables: a
 * quarter of SiLU's time, since V8 makes a constant vector anew wherever it is used.
 */
const zero = f32x4.splat(0);
let one = zero;
let half = zero;
let lowest = zero;
let highest = zero;
let rounder = zero;
let log2e = zero;
let ln2High = zero;
let ln2Low = zero;
let term3 = zero;
let term4 = zero;
let term5 = zero;
let term6 = zero;
let term7 = zero;
let bias = zero;

one = f32x4.splat(1);
half = f32x4.splat(0.5);
lowest = f32x4.splat(-88);
highest = f32x4.splat(88);
// 1.5 2^23: added to it, a number has no bits left for its fraction.
rounder = f32x4.splat(12582912);
log2e = f32x4.splat(Math.LOG2E as f32);
// In two parts, so that a product of the first with a whole number is exact.
ln2High = f32x4.splat(0.693359375);
ln2Low = f32x4.splat(-2.1219444e-4);
term3 = f32x4.splat(1.66666655e-1);
term4 = f32x4.splat(4.16657959e-2);
term5 = f32x4.splat(8.33345191e-3);
term6 = f32x4.splat(1.39819995e-3);
term7 = f32x4.splat(1.98756915e-4);
bias = i32x4.splat(127);

/**
 * e^x to 2 units in the last place, by e^x = 2^n e^r with |r| <= ln(2) / 2 and the polynomial of Cephes'
 * expf; 0 below e^-87.7, and at most e^88. NaN stays NaN. The polynomial is summed in pairs (Estrin), since
 * long chains keep a processor waiting.
 */
export function exp4(x: v128): v128 {
  // NaN stays in both.
  const clamped = f32x4.pmin(f32x4.pmax(x, lowest), highest);
  // Its last bits are n.
  const rounded = madd(clamped, log2e, rounder);
  const n = f32x4.sub(rounded, rounder);
  const r = f32x4.sub(f32x4.sub(clamped, f32x4.mul(n, ln2High)), f32x4.mul(n, ln2Low));
  const r2 = f32x4.mul(r, r);
  let p = madd(term7, r, term6);
  p = madd(p, r2, madd(term5, r, term4));
  p = madd(p, r2, madd(term3, r, half));
  p = madd(p, r2, f32x4.add(r, one));
  // 2^n, or 0 for n = -127.
  const power = i32x4.shl(i32x4.add(rounded, bias), 23);
  return f32x4.mul(p, power);
}

/** 1 / (1 + e^-x), taken as 0 where that is less than e^-88. */
export function sigmoid4(x: v128): v128 {
  const value = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
  return v128.andnot(value, f32x4.lt(x, lowest));
}

/** The slope of v sigmoid(v), s (1 + v (1 - s)) with s = sigmoid(v). */
export function siluSlope4(v: v128): v128 {
  const s = sigmoid4(v);
  return f32x4.mul(s, madd(v, f32x4.sub(one, s), one));
}
