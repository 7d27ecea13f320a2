/** Fully connected layers: small matrices, one invocation for each value or each four. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { run, vectorType, widthOf } from "./program.ts";

/** x W + b; `[B, O]`. */
export function linear(
  backend: WebGPUBackend,
  { x, weight, bias }: Record<"x" | "weight" | "bias", TensorInfo>,
): TensorInfo {
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = weight.shape[1] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linear",
    variant: String(width),
    inputs: [
      { name: "x", tensor: x, width: 1 },
      { name: "weight", tensor: weight, width },
      { name: "bias", tensor: bias, width },
    ],
    uniforms: { numRows, numIn, numOut: numOut / width },
    outputShape: [numRows, numOut],
    outputWidth: width,
    numInvocations: (numRows * numOut) / width,
    code: `
fn main(index: i32) {
  let row = index / uniforms.numOut;
  let column = index % uniforms.numOut;
  if (row >= uniforms.numRows) { return; }
  var sum = bias[column];
  for (var i = 0; i < uniforms.numIn; i++) {
    sum += x[row * uniforms.numIn + i] * weight[i * uniforms.numOut + column];
  }
  result[index] = sum;
}`,
  });
}

/** dY W^T; `[B, I]`. */
export function linearInputGradient(
  backend: WebGPUBackend,
  dy: TensorInfo,
  weight: TensorInfo,
): TensorInfo {
  const [numRows, numOut] = dy.shape as [number, number];
  const numIn = weight.shape[0] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linearInputGradient",
    variant: String(width),
    inputs: [
      { name: "dy", tensor: dy, width },
      { name: "weight", tensor: weight, width },
    ],
    uniforms: { numRows, numIn, numOut: numOut / width },
    outputShape: [numRows, numIn],
    outputWidth: 1,
    numInvocations: numRows * numIn,
    code: `
fn main(index: i32) {
  let row = index / uniforms.numIn;
  let i = index % uniforms.numIn;
  if (row >= uniforms.numRows) { return; }
  var sum = 0.0;
  for (var column = 0; column < uniforms.numOut; column++) {
    sum += ${width === 4 ? "dot" : ""}(${["dy[row * uniforms.numOut + column]", "weight[i * uniforms.numOut + column]"].join(width === 4 ? ", " : " * ")});
  }
  result[index] = sum;
}`,
  });
}

/** X^T dY; `[I, O]`. */
export function linearWeightGradient(
  backend: WebGPUBackend,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo {
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = dy.shape[1] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linearWeightGradient",
    variant: String(width),
    inputs: [
      { name: "x", tensor: x, width: 1 },
      { name: "dy", tensor: dy, width },
    ],
    uniforms: { numRows, numIn, numOut: numOut / width },
    outputShape: [numIn, numOut],
    outputWidth: width,
    numInvocations: (numIn * numOut) / width,
    code: `
fn main(index: i32) {
  let i = index / uniforms.numOut;
  let column = index % uniforms.numOut;
  if (i >= uniforms.numIn) { return; }
  var sum = ${vectorType(width)}(0.0);
  for (var row = 0; row < uniforms.numRows; row++) {
    sum += x[row * uniforms.numIn + i] * dy[row * uniforms.numOut + column];
  }
  result[index] = sum;
}`,
  });
}
