import type { ActivationName } from "../kernel.ts";

/**
 * WGSL of values and slopes, `valueAt(v)` and `slopeAt(v)`, by name. The error function is Abramowitz and Stegun's 7.1.26, with which
 * TensorFlow.js' backends compute it as well: absolute error below 1.5e-7.
 */
export const ACTIVATIONS: Record<ActivationName, string> = {
  silu: `
fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-v)); }
fn valueAt(v: f32) -> f32 { return v * sigmoid(v); }
fn slopeAt(v: f32) -> f32 {
  let s = sigmoid(v);
  return s * (1.0 + v * (1.0 - s));
}`,
  gelu: `
fn phi(v: f32) -> f32 {
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741
    + t * (-1.453152027 + t * 1.061405429))));
  return 0.5 * (1.0 + sign(v) * (1.0 - series * exp(-z * z)));
}
fn valueAt(v: f32) -> f32 { return v * phi(v); }
fn slopeAt(v: f32) -> f32 { return phi(v) + v * 0.39894228 * exp(-0.5 * v * v); }`,
};
