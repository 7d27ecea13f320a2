import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Attention, PLACE, runAttention, sizesOf } from "./attention.ts";
import { unrolled } from "./program.ts";

/** softmax(q k^T / sqrt(d)) v, without the matrix of weights; `[B, H, W, heads d]`. */
export function fullAttentionOutput(attention: Attention): TensorInfo {
  const { numImages, numPositions, heads, dimHead } = sizesOf(attention);
  const { qkv, memory } = attention;
  const [, height, width] = qkv.shape as [number, number, number];
  return runAttention(attention, {
    name: "fullAttentionOutput",
    inputs: { qkv, memory },
    outputShape: [numImages, height, width, heads * dimHead],
    numInvocations: numImages * numPositions * heads,
    code: (dim4) => `
fn main(index: i32) {
  ${PLACE}
  ${weightedValues(dim4)}
  ${unrolled(dim4, (c) => `result[index * dim4 + ${c}] = row${c} / sum;`)}
}`,
  });
}

/**
 * Of every query: the largest score, one over the sum of the exponentials, and dOut . out;
 * `[B, N, heads, 4]`.
 */
export function fullAttentionStatistics(attention: Attention, dOut: TensorInfo): TensorInfo {
  const { numImages, numPositions, heads } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "fullAttentionStatistics",
    inputs: { qkv, memory, dOut },
    outputShape: [numImages, numPositions, heads, 4],
    numInvocations: numImages * numPositions * heads,
    code: (dim4) => `
fn main(index: i32) {
  ${PLACE}
  ${weightedValues(dim4)}
  let along = ${sumOf(dim4, (c) => `dot(row${c}, dOut[index * dim4 + ${c}])`)};
  result[index] = vec4<f32>(largest, 1.0 / sum, along / sum, 0.0);
}`,
  });
}

type Gradients = Record<"statistics" | "dOut", TensorInfo>;

/** Gradients of queries, keys and values; `[B, H, W, 3 heads d]`. A position is a query and a key. */
export function fullQkvGradient(attention: Attention, { statistics, dOut }: Gradients): TensorInfo {
  const { numImages, numPositions, heads } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "fullAttentionQkvGradient",
    inputs: { qkv, memory, statistics, dOut },
    outputShape: qkv.shape,
    numInvocations: numImages * numPositions * heads,
    code: (dim4) => `
fn main(index: i32) {
  ${PLACE}
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
  )}
}`,
  });
}

/** Gradient of the memory by each image; `[B, 2, heads, M, d]`, to be summed over these. */
export function fullMemoryGradient(
  attention: Attention,
  { statistics, dOut }: Gradients,
): TensorInfo {
  const { numImages, heads, numMemory } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "fullAttentionMemoryGradient",
    inputs: { qkv, memory, statistics, dOut },
    outputShape: [numImages, ...memory.shape],
    numInvocations: numImages * heads * numMemory,
    code: (dim4) => `
fn main(index: i32) {
  let at = index % uniforms.numMemory;
  let head = (index / uniforms.numMemory) % uniforms.heads;
  let image = index / (uniforms.numMemory * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  ${keyGradients(dim4)}
  let keys = (2 * image * uniforms.heads + head) * uniforms.numMemory + at;
  let values = keys + uniforms.heads * uniforms.numMemory;
  ${unrolled(
    dim4,
    (c) => `
  result[keys * dim4 + ${c}] = dKey${c};
  result[values * dim4 + ${c}] = dValue${c};`,
  )}
}`,
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
