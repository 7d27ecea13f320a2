/** Passes over all parameters at once; every tensor is `[P]`. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";

/** Numbers that one invocation adds up, four at a time. */
const ROW_LENGTH = 256;

/** Euclidean norm, a scalar; summed in stages, for precision in float32 and for a card's many invocations. */
export function globalNorm({ backend, inputs }: KernelCall<"GlobalNorm">): TensorInfo {
  let terms = inputs.gradient;
  for (let isFirst = true; ; isFirst = false) {
    const size = terms.shape[0] as number;
    const numRows = Math.ceil(size / ROW_LENGTH);
    const isLast = numRows === 1;
    const { result } = run(backend, {
      name: "globalNorm",
      variant: `${isFirst},${isLast}`,
      inputs: { terms: [terms, 1] },
      outputs: { result: [isLast ? [] : [numRows], 1] },
      uniforms: { size, numRows },
      numInvocations: numRows,
      work: () => ({ serialPositions: Math.ceil(size / numRows / 4) }),
      // Neighboring invocations read neighboring numbers, and no load waits for the one before.
      code: () => `
fn term(i: i32) -> f32 { return select(0.0, terms[min(i, uniforms.size - 1)], i < uniforms.size); }
fn main(index: i32) {
  let step = uniforms.numRows;
  if (index >= step) { return; }
  var sums = vec4<f32>(0.0);
  for (var i = index; i < uniforms.size; i += 4 * step) {
    let four = vec4<f32>(term(i), term(i + step), term(i + 2 * step), term(i + 3 * step));
    sums += ${isFirst ? "four * four" : "four"};
  }
  let sum = (sums.x + sums.y) + (sums.z + sums.w);
  result[index] = ${isLast ? "sqrt(sum)" : "sum"};
}`,
    });
    if (!isFirst) backend.disposeData(terms.dataId);
    if (isLast) return result;
    terms = result;
  }
}

/** AdamW's step, and its running means of the gradient and of the gradient's square. */
export function adamW({ backend, inputs, attrs }: KernelCall<"AdamW">): TensorInfo[] {
  const { values, gradient, mean, square } = inputs;
  const { beta1, beta2, ...others } = attrs;
  const numbers = { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, ...others };
  const names = Object.keys(numbers);
  // Uploaded, since they differ from step to step.
  const floats = Float32Array.from(Object.values(numbers));
  const uploaded = backend.makeTensorInfo([names.length], "float32", floats);
  const { shape } = values;
  const { next, nextMean, nextSquare } = run(backend, {
    name: "adamW",
    inputs: {
      values: [values, 1],
      gradient: [gradient, 1],
      mean: [mean, 1],
      square: [square, 1],
      numbers: [uploaded, 1],
    },
    outputs: { next: [shape, 1], nextMean: [shape, 1], nextSquare: [shape, 1] },
    uniforms: { size: shape[0] as number },
    numInvocations: shape[0] as number,
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  ${names.map((name, i) => `let ${name} = numbers[${i}];`).join(" ")}
  let g = gradient[index];
  let m = mean[index] * beta1 + g * rest1;
  let s = square[index] * beta2 + g * g * rest2;
  nextMean[index] = m;
  nextSquare[index] = s;
  next[index] = values[index] * kept - m / (sqrt(s) * inverseRoot + eps) * rate;
}`,
  });
  backend.disposeData(uploaded.dataId);
  return [next, nextMean, nextSquare];
}
