import { madd, variable } from "./vectors";

const one = variable(1);
const lowest = variable(-88);
const highest = variable(89);
const log2e = variable(Math.LOG2E as f32);
// 1.5 2^23: added to it, a number has no bits left for its fraction. And 127, the bias of an exponent.
const rounder = variable(12582912 + 127);
const term1 = variable(6.931470037e-1);
const term2 = variable(2.4022242427e-1);
const term3 = variable(5.5507335812e-2);
const term4 = variable(9.671512991e-3);
const term5 = variable(1.3264727307e-3);

/**
 * e^x with a relative error of 2e-7, without fused multiply-add (0.3 + |x| / 20) 1e-6: by e^x = 2^n 2^f with
 * |f| <= 1/2 and a polynomial whose largest relative error is the least, 1.1e-7; 0 below e^-87.7, infinite above
 * e^88.4. NaN stays NaN. The polynomial is summed in pairs (Estrin), since long chains keep a processor
 * waiting.
 */
export function exp4(x: v128): v128 {
  // NaN stays in both.
  const clamped = f32x4.pmin(f32x4.pmax(x, lowest), highest);
  // Its last bits are n + 127.
  const rounded = madd(clamped, log2e, rounder);
  const f = madd(clamped, log2e, f32x4.sub(rounder, rounded));
  const f2 = f32x4.mul(f, f);
  let p = madd(term5, f, term4);
  p = madd(p, f2, madd(term3, f, term2));
  p = madd(p, f2, madd(term1, f, one));
  // 2^n; 0 for n = -127, infinite for 128.
  return f32x4.mul(p, i32x4.shl(rounded, 23));
}

/** 1 / (1 + e^-x), 0 where that is less than e^-88.4. */
function sigmoid4(x: v128): v128 {
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** x sigmoid(x). */
export function silu4(x: v128): v128 {
  return f32x4.div(x, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** The slope of v sigmoid(v), s (1 + v (1 - s)) with s = sigmoid(v). */
export function siluSlope4(v: v128): v128 {
  const s = sigmoid4(v);
  return f32x4.mul(s, madd(v, f32x4.sub(one, s), one));
}
