/** Fully connected layers: small matrices, one invocation for each value or each four. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run, vectorType, widthOf } from "./program.ts";

/** x W + b; `[B, O]`. */
export function linear({ backend, inputs }: KernelCall<"Linear">): TensorInfo {
  const { x, weight, bias } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = weight.shape[1] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linear",
    inputs: { x: [x, 1], weight: [weight, width], bias: [bias, width] },
    outputs: { result: [[numRows, numOut], width] },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: (numRows * numOut) / width,
    work: () => ({ flops: 2 * numRows * numIn * numOut }),
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
export function linearInputGradient({ backend, inputs }: KernelCall<"LinearInputGradient">) {
  const { dy, weight, addend } = inputs;
  const [numRows, numOut] = dy.shape as [number, number];
  const numIn = weight.shape[0] as number;
  const width = widthOf(numOut);
  const product = (a: string, b: string) => (width === 4 ? `dot(${a}, ${b})` : `${a} * ${b}`);
  return run(backend, {
    name: "linearInputGradient",
    inputs: { dy: [dy, width], weight: [weight, width], addend: addend && [addend, 1] },
    outputs: { result: [[numRows, numIn], 1] },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: numRows * numIn,
    work: () => ({ flops: 2 * numRows * numIn * numOut }),
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
export function linearWeightGradient({ backend, inputs }: KernelCall<"LinearWeightGradient">) {
  const { x, dy } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = dy.shape[1] as number;
  const width = widthOf(numOut);
  const { weight, bias } = run(backend, {
    name: "linearWeightGradient",
    inputs: { x: [x, 1], dy: [dy, width] },
    outputs: {
      weight: [[numIn, numOut], width, "gradient"],
      bias: [[numOut], width, "gradient"],
    },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: ((numIn + 1) * numOut) / width,
    work: () => ({ flops: 2 * numRows * numIn * numOut, serialPositions: numRows }),
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
  return [weight, bias];
}
