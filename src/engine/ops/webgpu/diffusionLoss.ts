import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";

/** The loss of each image, `[B]`, and the gradient of their sum by the prediction, `[B, H, W, 1]`. */
export function diffusionLoss({ backend, inputs }: KernelCall<"DiffusionLoss">): TensorInfo[] {
  const { prediction, target, weights } = inputs;
  const [numImages, height, width] = prediction.shape as [number, number, number];
  const { losses, slope } = run(backend, {
    name: "diffusionLoss",
    inputs: { prediction: [prediction, 1], target_: [target, 1], weights: [weights, 1] },
    outputs: { losses: [[numImages], 1], slope: [prediction.shape, 1] },
    uniforms: { numImages, numPixels: height * width },
    numInvocations: numImages,
    work: () => ({ serialPositions: height * width }),
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.numImages) { return; }
  let weight = weights[index] / f32(uniforms.numPixels);
  var sum = 0.0;
  for (var i = index * uniforms.numPixels; i < (index + 1) * uniforms.numPixels; i++) {
    let error = prediction[i] - target_[i];
    sum += error * (error * weight);
    slope[i] = 2.0 * (error * weight);
  }
  losses[index] = sum;
}`,
  });
  return [losses, slope];
}
