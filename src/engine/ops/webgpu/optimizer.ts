/** Passes over all parameters at once; every tensor is `[P]`. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";
import { MAX_SERIAL, tuningOf } from "./tuning.ts";

/** Numbers that one invocation adds up, four at a time. */
const ROW_LENGTH = 4 * MAX_SERIAL;

/** Invocations that add up what these have: as many as every device has in a workgroup. */
const SIZE = 256;

/** Euclidean norm, a scalar; summed in stages, for precision in float32 and for a card's many invocations. */
export function globalNorm({
  backend,
  inputs: { gradient },
}: KernelCall<"GlobalNorm">): TensorInfo {
  const size = gradient.shape[0] as number;
  const numRows = Math.ceil(size / ROW_LENGTH);
  const { sums } = run(backend, {
    name: "sumsOfSquares",
    inputs: { gradient: [gradient, 1] },
    outputs: { sums: [[numRows], 1] },
    uniforms: { size, numRows },
    numInvocations: numRows,
    work: () => ({ serialPositions: MAX_SERIAL }),
    // Neighboring invocations read neighboring numbers, and no load waits for the one before.
    code: () => `
fn term(i: i32) -> f32 { return select(0.0, gradient[min(i, uniforms.size - 1)], i < uniforms.size); }
fn main(index: i32) {
  let step = uniforms.numRows;
  if (index >= step) { return; }
  var squares = vec4<f32>(0.0);
  for (var i = index; i < uniforms.size; i += 4 * step) {
    let four = vec4<f32>(term(i), term(i + step), term(i + 2 * step), term(i + 3 * step));
    squares += four * four;
  }
  sums[index] = (squares.x + squares.y) + (squares.z + squares.w);
}`,
  });
  const { norm } = run(backend, {
    inputs: { sums: [sums, 1] },
    outputs: { norm: [[], 1] },
    uniforms: { numRows },
    ...(tuningOf(backend.device).tiles === "workgroup" ? inWorkgroup(numRows) : alone(numRows)),
  });
  backend.disposeData(sums.dataId);
  return norm;
}

/** The root of the sum of all rows, by the invocations of one workgroup. */
function inWorkgroup(numRows: number) {
  return {
    name: "globalNorm",
    numInvocations: SIZE,
    workgroupSize: SIZE,
    work: () => ({ serialPositions: Math.ceil(numRows / SIZE) }),
    code: () => `
var<workgroup> parts: array<f32, ${SIZE}>;
fn main(group: i32, local: i32) {
  var sum = 0.0;
  for (var i = local; i < uniforms.numRows; i += ${SIZE}) { sum += sums[i]; }
  parts[local] = sum;
  for (var half = ${SIZE / 2}; half > 0; half /= 2) {
    workgroupBarrier();
    if (local < half) { parts[local] += parts[local + half]; }
  }
  if (local == 0) { norm[0] = sqrt(parts[0]); }
}`,
  };
}

/** One invocation adds up all rows and takes the root, without barriers; it has several sums, which is more precise. */
function alone(numRows: number) {
  const numSums = 16;
  return {
    name: "globalNormAlone",
    numInvocations: 1,
    work: () => ({ serialPositions: numRows }),
    code: () => `
fn main(index: i32) {
  if (index > 0) { return; }
  var parts: array<f32, ${numSums}>;
  for (var i = 0; i < uniforms.numRows; i++) { parts[i % ${numSums}] += sums[i]; }
  var sum = 0.0;
  for (var i = 0; i < ${numSums}; i++) { sum += parts[i]; }
  norm[0] = sqrt(sum);
}`,
  };
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
