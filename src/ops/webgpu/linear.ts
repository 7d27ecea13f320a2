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
    outputs: { result: { shape: [numRows, numOut], width } },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: (numRows * numOut) / width,
    code: () => `
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
  }).result;
}

/** dY W^T plus the addend; `[B, I]`. */
export function linearInputGradient(
  backend: WebGPUBackend,
  { dy, weight, addend }: Record<"dy" | "weight", TensorInfo> & { addend: TensorInfo | undefined },
): TensorInfo {
  const [numRows, numOut] = dy.shape as [number, number];
  const numIn = weight.shape[0] as number;
  const width = widthOf(numOut);
  const product = (a: string, b: string) => (width === 4 ? `dot(${a}, ${b})` : `${a} * ${b}`);
  return run(backend, {
    name: "linearInputGradient",
    variant: `${width},${addend !== undefined}`,
    inputs: [
      { name: "dy", tensor: dy, width },
      { name: "weight", tensor: weight, width },
      ...(addend ? [{ name: "addend", tensor: addend, width: 1 as const }] : []),
    ],
    outputs: { result: { shape: [numRows, numIn], width: 1 } },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: numRows * numIn,
    code: () => `
fn main(index: i32) {
  let row = index / uniforms.numIn;
  let i = index % uniforms.numIn;
  if (row >= uniforms.numRows) { return; }
  var sum = ${addend ? "addend[index]" : "0.0"};
  for (var column = 0; column < uniforms.numOut; column++) {
    sum += ${product("dy[row * uniforms.numOut + column]", "weight[i * uniforms.numOut + column]")};
  }
  result[index] = sum;
}`,
  }).result;
}

/** X^T dY, `[I, O]`, and the sums of dY over the rows, `[O]`: the bias is a weight of a constant 1. */
export function linearWeightGradient(
  backend: WebGPUBackend,
  { x, dy }: Record<"x" | "dy", TensorInfo>,
): Record<"weight" | "bias", TensorInfo> {
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
    outputs: { weight: { shape: [numIn, numOut], width }, bias: { shape: [numOut], width } },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: ((numIn + 1) * numOut) / width,
    code: () => `
fn main(index: i32) {
  let i = index / uniforms.numOut;
  let column = index % uniforms.numOut;
  if (i > uniforms.numIn) { return; }
  var sum = ${vectorType(width)}(0.0);
  if (i == uniforms.numIn) {
    for (var row = 0; row < uniforms.numRows; row++) { sum += dy[row * uniforms.numOut + column]; }
    bias[column] = sum;
  } else {
    for (var row = 0; row < uniforms.numRows; row++) {
      sum += x[row * uniforms.numIn + i] * dy[row * uniforms.numOut + column];
    }
    weight[index] = sum;
  }
}`,
  });
}
