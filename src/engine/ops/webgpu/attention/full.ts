import type { TensorInfo } from "@tensorflow/tfjs-core";
import { unrolled } from "../program.ts";
import { type Attention, runAttention, sizesOf } from "./attention.ts";

/** softmax(q k^T / sqrt(d)) v, without the matrix of weights; `[B, H, W, heads d]`. */
export function fullAttentionOutput(attention: Attention): TensorInfo {
  const { numImages, height, width, heads, dimHead } = sizesOf(attention);
  return runAttention(attention, {
    name: "fullAttentionOutput",
    inputs: { memory: attention.memory },
    outputShape: [numImages, height, width, heads * dimHead],
    indices: ["head", "position"],
    main: (dim4) => `
  ${weightedValues(dim4)}
  ${unrolled(dim4, (c) => `result[index * dim4 + ${c}] = row${c} / sum;`)}`,
  });
}

/** Gradients of queries, keys and values, `[B, H, W, 3 heads d]`, and of the memory by each image. */
export function fullAttentionGradients(attention: Attention, { dOut }: Record<"dOut", TensorInfo>) {
  const statistics = queryStatistics(attention, dOut);
  const inputs = { memory: attention.memory, statistics, dOut };
  const dQkv = qkvGradient(attention, inputs);
  const dMemory = memoryGradient(attention, inputs);
  attention.backend.disposeData(statistics.dataId);
  return { dQkv, dMemory };
}

/**
 * Of every query: the largest score, one over the sum of the exponentials, and dOut . out;
 * `[B, N, heads, 4]`.
 */
function queryStatistics(attention: Attention, dOut: TensorInfo): TensorInfo {
  const { numImages, height, width, heads } = sizesOf(attention);
  return runAttention(attention, {
    name: "fullAttentionStatistics",
    inputs: { memory: attention.memory, dOut },
    outputShape: [numImages, height * width, heads, 4],
    indices: ["head", "position"],
    main: (dim4) => `
  ${weightedValues(dim4)}
  let along = ${sumOf(dim4, (c) => `dot(row${c}, dOut[index * dim4 + ${c}])`)};
  result[index] = vec4<f32>(largest, 1.0 / sum, along / sum, 0.0);`,
  });
}

type Inputs = Record<"memory" | "statistics" | "dOut", TensorInfo>;

/** A position is a query and a key; `[B, H, W, 3 heads d]`. */
function qkvGradient(attention: Attention, inputs: Inputs): TensorInfo {
  return runAttention(attention, {
    name: "fullAttentionQkvGradient",
    inputs,
    outputShape: attention.qkv.shape,
    indices: ["head", "position"],
    main: (dim4) => `
  let own = statistics[index];
  ${unrolled(
    dim4,
    (c) => `
  let q${c} = query(image, head, position, ${c});
  let d${c} = dOut[index * dim4 + ${c}];
  var dQuery${c} = vec4<f32>(0.0);`,
  )}
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    ${unrolled(dim4, (c) => `let k${c} = key(image, head, at, ${c});`)}
    let weight = exp(scale * (${sumOf(dim4, (c) => `dot(q${c}, k${c})`)}) - own.x) * own.y;
    let dWeight = ${sumOf(dim4, (c) => `dot(d${c}, value(image, head, at, ${c}))`)};
    let dScore = scale * weight * (dWeight - own.z);
    ${unrolled(dim4, (c) => `dQuery${c} += dScore * k${c};`)}
  }
  let at = position + uniforms.numMemory;
  ${keyGradients(dim4)}
  let first = (image * uniforms.numPositions + position) * 3 * uniforms.heads + head;
  ${unrolled(
    dim4,
    (c) => `
  result[first * dim4 + ${c}] = dQuery${c};
  result[(first + uniforms.heads) * dim4 + ${c}] = dKey${c};
  result[(first + 2 * uniforms.heads) * dim4 + ${c}] = dValue${c};`,
  )}`,
  });
}

/** `[B, 2, heads, M, d]`, to be summed over the images. */
function memoryGradient(attention: Attention, inputs: Inputs): TensorInfo {
  const { numImages } = sizesOf(attention);
  return runAttention(attention, {
    name: "fullAttentionMemoryGradient",
    inputs,
    outputShape: [numImages, ...attention.memory.shape],
    indices: ["at", "head"],
    main: (dim4) => `
  ${keyGradients(dim4)}
  let keys = (2 * image * uniforms.heads + head) * uniforms.numMemory + at;
  let values = keys + uniforms.heads * uniforms.numMemory;
  ${unrolled(
    dim4,
    (c) => `
  result[keys * dim4 + ${c}] = dKey${c};
  result[values * dim4 + ${c}] = dValue${c};`,
  )}`,
  });
}

function sumOf(count: number, term: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => term(index)).join(" + ");
}

/**
 * The sum `row` of the values by the exponentials of their scores less the largest, and the sum of
 * these, in one pass: what was added before is scaled when a larger score comes. Rows are variables
 * and not arrays, which would lie in memory.
 */
function weightedValues(dim4: number): string {
  return `
  ${unrolled(
    dim4,
    (c) => `
  let q${c} = query(image, head, position, ${c});
  var row${c} = vec4<f32>(0.0);`,
  )}
  var largest = -3.4e38;
  var sum = 0.0;
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    let next = scale * (${sumOf(dim4, (c) => `dot(q${c}, key(image, head, at, ${c}))`)});
    let before = exp(largest - max(largest, next));
    let weight = exp(next - max(largest, next));
    largest = max(largest, next);
    sum = sum * before + weight;
    ${unrolled(dim4, (c) => `row${c} = row${c} * before + weight * value(image, head, at, ${c});`)}
  }`;
}

/** `dKey` and `dValue` of the key `at`, from all queries. */
function keyGradients(dim4: number): string {
  return `
  ${unrolled(
    dim4,
    (c) => `
  let ownKey${c} = key(image, head, at, ${c});
  let ownValue${c} = value(image, head, at, ${c});
  var dKey${c} = vec4<f32>(0.0);
  var dValue${c} = vec4<f32>(0.0);`,
  )}
  for (var other = 0; other < uniforms.numPositions; other++) {
    let row = (image * uniforms.numPositions + other) * uniforms.heads + head;
    let known = statistics[row];
    ${unrolled(
      dim4,
      (c) => `
    let otherQuery${c} = query(image, head, other, ${c});
    let otherGradient${c} = dOut[row * dim4 + ${c}];`,
    )}
    let score = scale * (${sumOf(dim4, (c) => `dot(otherQuery${c}, ownKey${c})`)});
    let weight = exp(score - known.x) * known.y;
    let dWeight = ${sumOf(dim4, (c) => `dot(otherGradient${c}, ownValue${c})`)};
    let dScore = scale * weight * (dWeight - known.z);
    ${unrolled(
      dim4,
      (c) => `
    dKey${c} += dScore * otherQuery${c};
    dValue${c} += weight * otherGradient${c};`,
    )}
  }`;
}
