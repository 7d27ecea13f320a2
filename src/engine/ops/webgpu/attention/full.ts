import type { TensorInfo } from "@tensorflow/tfjs-core";
import { unrolled } from "../program.ts";
import {
  type Attention,
  type AttentionProgram,
  numKeys,
  runAttention,
} from "./attentionProgram.ts";
import { fullTiledGradients, fullTiledOutput, fullTiles } from "./fullTiled.ts";

/** `[B, H, W, heads d]` */
export function fullAttentionOutput(attention: Attention): TensorInfo {
  const tiles = fullTiles(attention);
  if (tiles) return fullTiledOutput(attention, tiles);
  return runAttention(attention, OUTPUT, { memory: attention.memory });
}

/** Gradients of queries, keys and values, `[B, H, W, 3 heads d]`, and of the memory by each image. */
export function fullAttentionGradients(attention: Attention, { dOut }: Record<"dOut", TensorInfo>) {
  const tiles = fullTiles(attention);
  if (tiles) return fullTiledGradients(attention, tiles, { dOut });
  const { backend, memory } = attention;
  const statistics = runAttention(attention, QUERY_STATISTICS, { memory, dOut });
  const inputs = { memory, statistics, dOut };
  const dQkv = runAttention(attention, QKV_GRADIENT, inputs);
  const dMemory = runAttention(attention, MEMORY_GRADIENT, inputs);
  backend.disposeData(statistics.dataId);
  return { dQkv, dMemory };
}

/** softmax(q k^T / sqrt(d)) v, without the matrix of weights; `[B, H, W, heads d]`. */
const OUTPUT: AttentionProgram = {
  name: "fullAttentionOutput",
  outputShape: (s) => [s.numImages, s.height, s.width, s.heads * s.dimHead],
  indices: ["head", "position"],
  flops: (s) => 5 * s.numPositions * numKeys(s) * s.dimHead,
  serialPositions: numKeys,
  numRead: 3,
  main: (dim4) => `
  ${weightedValues(dim4)}
  ${unrolled(dim4, (c) => `result[index * dim4 + ${c}] = row${c} / sum;`)}`,
};

/** Computes for every query the largest score, one over the sum of exponentials, and dOut . out; `[B, N, heads, 4]`. */
const QUERY_STATISTICS: AttentionProgram = {
  name: "fullAttentionStatistics",
  outputShape: (s) => [s.numImages, s.height * s.width, s.heads, 4],
  indices: ["head", "position"],
  flops: (s) => 5 * s.numPositions * numKeys(s) * s.dimHead,
  serialPositions: numKeys,
  numRead: 3,
  main: (dim4) => `
  ${weightedValues(dim4)}
  let along = ${sumOf(dim4, (c) => `dot(row${c}, dOut[index * dim4 + ${c}])`)};
  result[index] = vec4<f32>(largest, 1.0 / sum, along / sum, 0.0);`,
};

/** A position is a query and a key; `[B, H, W, 3 heads d]`. */
const QKV_GRADIENT: AttentionProgram = {
  name: "fullAttentionQkvGradient",
  outputShape: (s) => [s.numImages, s.height, s.width, 3 * s.heads * s.dimHead],
  indices: ["head", "position"],
  flops: (s) => (6 * numKeys(s) + 8 * s.numPositions) * s.numPositions * s.dimHead,
  serialPositions: numKeys,
  numRead: 3,
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
};

/** `[B, 2, heads, M, d]`, to be summed over the images. */
const MEMORY_GRADIENT: AttentionProgram = {
  name: "fullAttentionMemoryGradient",
  outputShape: (s) => [s.numImages, 2, s.heads, s.numMemory, s.dimHead],
  outputKind: "gradient",
  indices: ["at", "head"],
  flops: (s) => 8 * s.numPositions * s.numMemory * s.dimHead,
  serialPositions: (s) => s.numPositions,
  numRead: 1,
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
};

function sumOf(count: number, term: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => term(index)).join(" + ");
}

/**
 * Online softmax (Milakov and Gimelshein 2018): the sum `row` of the values by the exponentials of their
 * scores less the largest, and the sum of these. Rows are variables, since arrays would lie in memory.
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
