/** Passes over all parameters at once; every tensor is `[P]`. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Input, type Output, run } from "./program.ts";

/** Numbers that one invocation adds up. */
const ROW_LENGTH = 256;

/**
 * Euclidean norm, a scalar; summed in stages, since float32 loses small terms of a long sum, and a
 * card has many invocations and none that is fast.
 */
export function globalNorm(backend: WebGPUBackend, gradient: TensorInfo): TensorInfo {
  let terms = gradient;
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
      // Neighbouring invocations read neighbouring numbers.
      code: () => `
fn main(index: i32) {
  if (index >= uniforms.numRows) { return; }
  var sum = 0.0;
  for (var i = index; i < uniforms.size; i += uniforms.numRows) {
    sum += ${isFirst ? "terms[i] * terms[i]" : "terms[i]"};
  }
  result[index] = ${isLast ? "sqrt(sum)" : "sum"};
}`,
    });
    if (!isFirst) backend.disposeData(terms.dataId);
    if (isLast) return result;
    terms = result;
  }
}

/**
 * AdamW's running means of the gradient, shortened to `maxNorm`, and of its square.
 *
 * @param norm of the gradient; undefined for no limit
 */
export function adamWMoments(
  backend: WebGPUBackend,
  { gradient, mean, square, norm }: MomentInputs,
  options: Record<"beta1" | "beta2" | "maxNorm", number>,
): Record<"nextMean" | "nextSquare", TensorInfo> {
  const { beta1, beta2, maxNorm } = options;
  return elementwise(backend, {
    name: "adamWMoments",
    inputs: { gradient, mean, square, ...(norm ? { norm } : {}) },
    outputs: ["nextMean", "nextSquare"],
    numbers: { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, maxNorm },
    code: `
    let g = gradient[index]${norm ? " * min(maxNorm / (norm[0] + 1e-6), 1.0)" : ""};
    nextMean[index] = mean[index] * beta1 + g * rest1;
    nextSquare[index] = square[index] * beta2 + g * g * rest2;`,
  });
}

interface MomentInputs extends Record<"gradient" | "mean" | "square", TensorInfo> {
  norm: TensorInfo | undefined;
}

/** AdamW's step from its moments, and that of the moving average where there is one. */
export function adamWUpdate(
  backend: WebGPUBackend,
  { values, mean, square, average }: UpdateInputs,
  options: Record<"kept" | "rate" | "inverseRoot" | "eps" | "decay", number>,
): { next: TensorInfo; nextAverage?: TensorInfo } {
  return elementwise<"next" | "nextAverage">(backend, {
    name: "adamWUpdate",
    inputs: { values, mean, square, ...(average ? { average } : {}) },
    outputs: average ? ["next", "nextAverage"] : ["next"],
    numbers: { ...options, rest: 1 - options.decay },
    code: `
    let denominator = sqrt(square[index]) * inverseRoot + eps;
    let value = values[index] * kept - mean[index] / denominator * rate;
    next[index] = value;
    ${
      average
        ? `// Without decay the average may be no number: it is not looked at.
    var kept_ = 0.0;
    if (decay > 0.0) { kept_ = average[index] * decay; }
    nextAverage[index] = kept_ + value * rest;`
        : ""
    }`,
  });
}

interface UpdateInputs extends Record<"values" | "mean" | "square", TensorInfo> {
  average: TensorInfo | undefined;
}

interface Elementwise<K extends string> {
  name: string;
  inputs: Record<string, TensorInfo>;
  outputs: readonly K[];
  /** By the names that the code uses; uploaded, since they differ from step to step. */
  numbers: Record<string, number>;
  /** For the parameter `index`. */
  code: string;
}

function elementwise<K extends string>(
  backend: WebGPUBackend,
  { name, inputs, outputs, numbers, code }: Elementwise<K>,
): Record<K, TensorInfo> {
  const [first] = Object.values(inputs) as [TensorInfo];
  const size = first.shape[0] as number;
  const values = Float32Array.from(Object.values(numbers));
  const uploaded = backend.makeTensorInfo([values.length], "float32", values);
  const tensors = { ...inputs, numbers: uploaded };
  const result = run(backend, {
    name,
    inputs: Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]): [string, Input] => [name, [tensor, 1]]),
    ),
    outputs: Object.fromEntries(
      outputs.map((name): [string, Output] => [name, [[size], 1]]),
    ) as Record<K, Output>,
    uniforms: { size },
    numInvocations: size,
    code: () => `
fn main(index: i32) {
  if (index < uniforms.size) {
    ${Object.keys(numbers)
      .map((number, i) => `let ${number} = numbers[${i}];`)
      .join(" ")}
    ${code}
  }
}`,
  });
  backend.disposeData(uploaded.dataId);
  return result as Record<K, TensorInfo>;
}
