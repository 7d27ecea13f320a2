/**
 * One invocation computes four channels, in variables: arrays of a program lie in memory on an adapter that computes on the
 * processor. With arrays, full attention's gradient took 796 ms of a step of Tiny, without them 150.
 */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { disposeAll, unrolled } from "../program.ts";
import {
  type Attention,
  type AttentionProgram,
  numKeys,
  runAttention,
} from "./attentionProgram.ts";

/** q (k^T v) / sqrt(d), with softmaxes of queries over the channels and keys over the positions; `[B, H, W, heads d]`. */
export function linearAttentionOutput(attention: Attention): TensorInfo {
  const { keyStatistics, contexts } = contextsOf(attention);
  const output = runAttention(attention, OUTPUT, { contexts });
  disposeAll(attention.backend, [keyStatistics, contexts]);
  return output;
}

/** Gradients of queries, keys and values, `[B, H, W, 3 heads d]`, and of the memory by each image. */
export function linearAttentionGradients(
  attention: Attention,
  { out, dOut }: Record<"out" | "dOut", TensorInfo>,
) {
  const { backend, memory } = attention;
  const { keyStatistics, contexts } = contextsOf(attention);
  const statistics = runAttention(attention, QUERY_STATISTICS, { out, dOut });
  const dContexts = runAttention(attention, CONTEXT_GRADIENT, { statistics, dOut });
  const known = { keyStatistics, contexts, dContexts };
  const dQkv = runAttention(attention, QKV_GRADIENT, { ...known, statistics, dOut });
  const dMemory = runAttention(attention, MEMORY_GRADIENT, { memory, ...known });
  disposeAll(backend, [keyStatistics, contexts, statistics, dContexts]);
  return { dQkv, dMemory };
}

function contextsOf(attention: Attention) {
  const { memory } = attention;
  const keyStatistics = runAttention(attention, KEY_STATISTICS, { memory });
  return { keyStatistics, contexts: runAttention(attention, CONTEXT, { memory, keyStatistics }) };
}

/** The keys of a position, four channels of a head, after the softmax over the positions. */
const KEY_WEIGHTS = `
fn keyWeights(image: i32, head: i32, at: i32, c: i32) -> vec4<f32> {
  let row = 2 * (image * uniforms.heads + head) * dim4 + c;
  return exp(key(image, head, at, c) - keyStatistics[row]) * keyStatistics[row + dim4];
}`;

const LARGEST_QUERY = `
fn largestQuery(image: i32, head: i32, position: i32) -> f32 {
  var largest = query(image, head, position, 0);
  for (var c = 1; c < dim4; c++) { largest = max(largest, query(image, head, position, c)); }
  return max(max(largest.x, largest.y), max(largest.z, largest.w));
}`;

/** `dKey` and `dValue` of the key `at`, channels `block`. */
const KEY_AND_VALUE_GRADIENT = `
  var dKey = vec4<f32>(0.0);
  var dValue = vec4<f32>(0.0);
  for (var c = 0; c < dim4; c++) {
    let scaled = scale * value(image, head, at, c);
    let others = scale * keyWeights(image, head, at, c);
    ${unrolled(
      4,
      (i) => `{
      let mine = own + ${i} * dim4 + c;
      dKey[${i}] += dot(dContexts[mine], scaled - contexts[mine]);
      dValue += others[${i}] * dContexts[matrix + (4 * c + ${i}) * dim4 + block];
    }`,
    )}
  }
  dKey *= keyWeights(image, head, at, block);`;

/** C = s softmax_n(K)^T V of every head, with s = 1 / sqrt(d); `[B, heads, d, d]`, 4 x 4 an invocation. */
const CONTEXT: AttentionProgram = {
  name: "linearAttentionContext",
  outputShape: (s) => [s.numImages, s.heads, s.dimHead, s.dimHead],
  indices: ["columns", "rows", "head"],
  flops: (s) => 2 * numKeys(s) * s.dimHead ** 2,
  serialPositions: numKeys,
  numRead: 2,
  functions: KEY_WEIGHTS,
  main: () => `
  ${unrolled(4, (i) => `var row${i} = vec4<f32>(0.0);`)}
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    let weights = keyWeights(image, head, at, rows);
    let v = value(image, head, at, columns);
    ${unrolled(4, (i) => `row${i} += weights[${i}] * v;`)}
  }
  ${storeBlock((i) => `scale * row${i}`)}`,
};

/** Computes for every key channel the largest value over the positions, and one over the sum of exponentials; `[B, heads, 2, d]`. */
const KEY_STATISTICS: AttentionProgram = {
  name: "linearAttentionKeyStatistics",
  outputShape: (s) => [s.numImages, s.heads, 2, s.dimHead],
  indices: ["block", "head"],
  flops: (s) => 6 * numKeys(s) * s.dimHead,
  serialPositions: numKeys,
  numRead: 1,
  main: () => `
  let end = uniforms.numMemory + uniforms.numPositions;
  var largest = key(image, head, 0, block);
  var sum = vec4<f32>(1.0);
  for (var at = 1; at < end; at++) {
    let next = key(image, head, at, block);
    let higher = max(largest, next);
    sum = sum * exp(largest - higher) + exp(next - higher);
    largest = higher;
  }
  let row = 2 * (image * uniforms.heads + head) * dim4 + block;
  result[row] = largest;
  result[row + dim4] = 1.0 / sum;`,
};

/** Q C, with Q the queries after a softmax over the channels; `[B, H, W, heads d]`. */
const OUTPUT: AttentionProgram = {
  name: "linearAttentionOutput",
  outputShape: (s) => [s.numImages, s.height, s.width, s.heads * s.dimHead],
  indices: ["block", "head", "position"],
  flops: (s) => 2 * s.numPositions * s.dimHead ** 2,
  numRead: 1,
  functions: LARGEST_QUERY,
  main: () => `
  let largest = largestQuery(image, head, position);
  var sum = 0.0;
  var row = vec4<f32>(0.0);
  for (var c = 0; c < dim4; c++) {
    let weights = exp(query(image, head, position, c) - largest);
    sum += dot(weights, vec4<f32>(1.0));
    let start = ((image * uniforms.heads + head) * dim4 + c) * 4 * dim4 + block;
    ${unrolled(4, (i) => `row += weights[${i}] * contexts[start + ${i} * dim4];`)}
  }
  result[index] = row / sum;`,
};

/** Computes for every query the largest channel, one over the sum of exponentials, and dOut . out; `[B, N, heads, 4]`. */
const QUERY_STATISTICS: AttentionProgram = {
  name: "linearAttentionQueryStatistics",
  outputShape: (s) => [s.numImages, s.height * s.width, s.heads, 4],
  indices: ["head", "position"],
  flops: (s) => 6 * s.numPositions * s.dimHead,
  numRead: 1,
  functions: LARGEST_QUERY,
  main: () => `
  let largest = largestQuery(image, head, position);
  var sum = 0.0;
  var along = 0.0;
  for (var c = 0; c < dim4; c++) {
    sum += dot(exp(query(image, head, position, c) - largest), vec4<f32>(1.0));
    along += dot(out[index * dim4 + c], dOut[index * dim4 + c]);
  }
  result[index] = vec4<f32>(largest, 1.0 / sum, along, 0.0);`,
};

/** dC = Q^T dOut; `[B, heads, d, d]`. */
const CONTEXT_GRADIENT: AttentionProgram = {
  name: "linearAttentionContextGradient",
  outputShape: (s) => [s.numImages, s.heads, s.dimHead, s.dimHead],
  indices: ["columns", "rows", "head"],
  flops: (s) => 2 * s.numPositions * s.dimHead ** 2,
  serialPositions: (s) => s.numPositions,
  numRead: 1,
  main: () => `
  ${unrolled(4, (i) => `var row${i} = vec4<f32>(0.0);`)}
  for (var position = 0; position < uniforms.numPositions; position++) {
    let place = (image * uniforms.numPositions + position) * uniforms.heads + head;
    let known = statistics[place];
    let weights = exp(query(image, head, position, rows) - known.x) * known.y;
    let d = dOut[place * dim4 + columns];
    ${unrolled(4, (i) => `row${i} += weights[${i}] * d;`)}
  }
  ${storeBlock((i) => `row${i}`)}`,
};

/** With k = softmax(K) and C = s k^T V: dV = s k dC, dK = k (s V - C) . dC; `[B, H, W, 3 heads d]`. */
const QKV_GRADIENT: AttentionProgram = {
  name: "linearAttentionQkvGradient",
  outputShape: (s) => [s.numImages, s.height, s.width, 3 * s.heads * s.dimHead],
  indices: ["block", "head", "position"],
  flops: (s) => 7 * s.numPositions * s.dimHead ** 2,
  numRead: 3,
  functions: KEY_WEIGHTS,
  main: () => `
  let place = index / dim4;
  let known = statistics[place];
  let at = position + uniforms.numMemory;
  let matrix = (image * uniforms.heads + head) * 4 * dim4 * dim4;
  let own = matrix + 4 * block * dim4;
  var dWeights = vec4<f32>(0.0);
  ${KEY_AND_VALUE_GRADIENT}
  for (var c = 0; c < dim4; c++) {
    let d = dOut[place * dim4 + c];
    ${unrolled(4, (i) => `dWeights[${i}] += dot(d, contexts[own + ${i} * dim4 + c]);`)}
  }
  let weights = exp(query(image, head, position, block) - known.x) * known.y;
  let first = ((place / uniforms.heads) * 3 * uniforms.heads + head) * dim4 + block;
  result[first] = weights * (dWeights - known.z);
  result[first + uniforms.heads * dim4] = dKey;
  result[first + 2 * uniforms.heads * dim4] = dValue;`,
};

/** `[B, 2, heads, M, d]`, to be summed over the images. */
const MEMORY_GRADIENT: AttentionProgram = {
  name: "linearAttentionMemoryGradient",
  outputShape: (s) => [s.numImages, 2, s.heads, s.numMemory, s.dimHead],
  indices: ["block", "at", "head"],
  flops: (s) => 5 * s.numMemory * s.dimHead ** 2,
  numRead: 0,
  functions: KEY_WEIGHTS,
  main: () => `
  let matrix = (image * uniforms.heads + head) * 4 * dim4 * dim4;
  let own = matrix + 4 * block * dim4;
  ${KEY_AND_VALUE_GRADIENT}
  let first = ((2 * image * uniforms.heads + head) * uniforms.numMemory + at) * dim4 + block;
  result[first] = dKey;
  result[first + uniforms.heads * uniforms.numMemory * dim4] = dValue;`,
};

function storeBlock(row: (i: number) => string): string {
  return `
  let first = ((image * uniforms.heads + head) * dim4 + rows) * 4 * dim4 + columns;
  ${unrolled(4, (i) => `result[first + ${i} * dim4] = ${row(i)};`)}`;
}
