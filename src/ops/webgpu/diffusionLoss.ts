import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { run } from "./program.ts";

/** The loss of each image, `[B]`, and the gradient of their sum by the prediction, `[B, H, W, 1]`. */
export function diffusionLoss(
  backend: WebGPUBackend,
  { prediction, target, weights }: Record<"prediction" | "target" | "weights", TensorInfo>,
): Record<"losses" | "slope", TensorInfo> {
  const [numImages, height, width] = prediction.shape as [number, number, number];
  return run(backend, {
    name: "diffusionLoss",
    inputs: [
      { name: "prediction", tensor: prediction, width: 1 },
      { name: "target_", tensor: target, width: 1 },
      { name: "weights", tensor: weights, width: 1 },
    ],
    outputs: {
      losses: { shape: [numImages], width: 1 },
      slope: { shape: prediction.shape, width: 1 },
    },
    uniforms: { numImages, numPixels: height * width },
    numInvocations: numImages,
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
}
