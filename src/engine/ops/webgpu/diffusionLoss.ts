import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";

/** Invocations that share an image, at most. Neighboring ones read neighboring pixels. */
const MAX_PARTS = 32;

/** Terms of the loss, `[B n]`, n sums over parts of each image, and the gradient of their sum by the prediction, `[B, H, W, 1]`. */
export function diffusionLoss({ backend, inputs }: KernelCall<"DiffusionLoss">): TensorInfo[] {
  const { prediction, target, weights } = inputs;
  const [numImages, height, width] = prediction.shape as [number, number, number];
  const numPixels = height * width;
  const numParts = Math.min(MAX_PARTS, numPixels);
  const numTerms = numImages * numParts;
  const { terms, slope } = run(backend, {
    name: "diffusionLoss",
    inputs: { prediction: [prediction, 1], target_: [target, 1], weights: [weights, 1] },
    outputs: { terms: [[numTerms], 1], slope: [prediction.shape, 1] },
    uniforms: { numTerms, numParts, numPixels },
    numInvocations: numTerms,
    work: () => ({ serialPositions: Math.ceil(numPixels / numParts) }),
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.numTerms) { return; }
  let image = index / uniforms.numParts;
  let weight = weights[image] / f32(uniforms.numPixels);
  let end = (image + 1) * uniforms.numPixels;
  var sum = 0.0;
  for (
    var i = image * uniforms.numPixels + index % uniforms.numParts;
    i < end;
    i += uniforms.numParts
  ) {
    let error = prediction[i] - target_[i];
    sum += error * (error * weight);
    slope[i] = 2.0 * (error * weight);
  }
  terms[index] = sum;
}`,
  });
  return [terms, slope];
}
