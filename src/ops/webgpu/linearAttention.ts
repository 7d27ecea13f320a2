/** One invocation computes four channels, in variables: arrays of a program would lie in memory. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Attention, runAttention, sizesOf } from "./attention.ts";
import { unrolled } from "./program.ts";

/**
 * C = s K^T V of every head, with K the keys after a softmax over the positions and s = 1 / sqrt(d);
 * `[B, heads, d, d]`.
 *
 * @param keyStatistics of `keyStatistics`
 */
export function context(attention: Attention, keyStatistics: TensorInfo): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "linearAttentionContext",
    inputs: { qkv, memory, keyStatistics },
    outputShape: [numImages, heads, dimHead, dimHead],
    numInvocations: numImages * heads * (dimHead / 4) ** 2,
    code: () => `${KEY_WEIGHTS}
fn main(index: i32) {
  ${BLOCKS}
  ${unrolled(4, (i) => `var row${i} = vec4<f32>(0.0);`)}
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    let weights = keyWeights(image, head, at, rows);
    let v = value(image, head, at, columns);
    ${unrolled(4, (i) => `row${i} += weights[${i}] * v;`)}
  }
  ${storeBlock((i) => `scale * row${i}`)}
}`,
  });
}

/** Of every key channel the largest over the positions, then one over the sum of exponentials; `[B, heads, 2, d]`. */
export function keyStatistics(attention: Attention): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "linearAttentionKeyStatistics",
    inputs: { qkv, memory },
    outputShape: [numImages, heads, 2, dimHead],
    numInvocations: (numImages * heads * dimHead) / 4,
    code: () => `
fn main(index: i32) {
  let block = index % dim4;
  let head = (index / dim4) % uniforms.heads;
  let image = index / (dim4 * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
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
  result[row + dim4] = 1.0 / sum;
}`,
  });
}

/** Q C, with Q the queries after a softmax over the channels; `[B, H, W, heads d]`. */
export function linearAttentionOutput(attention: Attention, contexts: TensorInfo): TensorInfo {
  const { numImages, numPositions, heads, dimHead } = sizesOf(attention);
  const [, height, width] = attention.qkv.shape as [number, number, number];
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionOutput",
    inputs: { qkv, contexts },
    outputShape: [numImages, height, width, heads * dimHead],
    numInvocations: (numImages * numPositions * heads * dimHead) / 4,
    code: () => `
fn main(index: i32) {
  ${PLACE_AND_BLOCK}
  let largest = largestQuery(image, head, position);
  var sum = 0.0;
  var row = vec4<f32>(0.0);
  for (var c = 0; c < dim4; c++) {
    let weights = exp(query(image, head, position, c) - largest);
    sum += dot(weights, vec4<f32>(1.0));
    let start = ((image * uniforms.heads + head) * dim4 + c) * 4 * dim4 + block;
    ${unrolled(4, (i) => `row += weights[${i}] * contexts[start + ${i} * dim4];`)}
  }
  result[index] = row / sum;
}
${LARGEST_QUERY}`,
  });
}

/**
 * Of every query: the largest channel, one over the sum of the exponentials, and dOut . out, which the
 * softmax's gradient needs; `[B, N, heads, 4]`.
 */
export function queryStatistics(
  attention: Attention,
  { out, dOut }: Record<"out" | "dOut", TensorInfo>,
): TensorInfo {
  const { numImages, numPositions, heads } = sizesOf(attention);
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionQueryStatistics",
    inputs: { qkv, out, dOut },
    outputShape: [numImages, numPositions, heads, 4],
    numInvocations: numImages * numPositions * heads,
    code: () => `
fn main(index: i32) {
  let head = index % uniforms.heads;
  let position = (index / uniforms.heads) % uniforms.numPositions;
  let image = index / (uniforms.heads * uniforms.numPositions);
  if (image >= uniforms.numImages) { return; }
  let largest = largestQuery(image, head, position);
  var sum = 0.0;
  var along = 0.0;
  for (var c = 0; c < dim4; c++) {
    sum += dot(exp(query(image, head, position, c) - largest), vec4<f32>(1.0));
    along += dot(out[index * dim4 + c], dOut[index * dim4 + c]);
  }
  result[index] = vec4<f32>(largest, 1.0 / sum, along, 0.0);
}
${LARGEST_QUERY}`,
  });
}

/** dC = Q^T dOut; `[B, heads, d, d]`. @param statistics of `queryStatistics` */
export function contextGradient(
  attention: Attention,
  { statistics, dOut }: Record<"statistics" | "dOut", TensorInfo>,
): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionContextGradient",
    inputs: { qkv, statistics, dOut },
    outputShape: [numImages, heads, dimHead, dimHead],
    numInvocations: numImages * heads * (dimHead / 4) ** 2,
    code: () => `
fn main(index: i32) {
  ${BLOCKS}
  ${unrolled(4, (i) => `var row${i} = vec4<f32>(0.0);`)}
  for (var position = 0; position < uniforms.numPositions; position++) {
    let place = (image * uniforms.numPositions + position) * uniforms.heads + head;
    let known = statistics[place];
    let weights = exp(query(image, head, position, rows) - known.x) * known.y;
    let d = dOut[place * dim4 + columns];
    ${unrolled(4, (i) => `row${i} += weights[${i}] * d;`)}
  }
  ${storeBlock((i) => `row${i}`)}
}`,
  });
}

/** What the gradients of queries, keys, values and memory follow from. */
export type LinearGradients = Record<"keyStatistics" | "contexts" | "dContexts", TensorInfo>;

/**
 * Gradients of queries, keys and values; `[B, H, W, 3 heads d]`. With k = softmax(K) and C = s k^T V:
 * dV = s k dC, dK = k (s V - C) . dC.
 */
export function linearQkvGradient(
  attention: Attention,
  inputs: LinearGradients & Record<"statistics" | "dOut", TensorInfo>,
): TensorInfo {
  const { numImages, numPositions, heads, dimHead } = sizesOf(attention);
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionQkvGradient",
    inputs: { qkv, ...inputs },
    outputShape: qkv.shape,
    numInvocations: (numImages * numPositions * heads * dimHead) / 4,
    code: () => `${KEY_WEIGHTS}
fn main(index: i32) {
  ${PLACE_AND_BLOCK}
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
  result[first + 2 * uniforms.heads * dim4] = dValue;
}`,
  });
}

/** Gradient of the memory by each image; `[B, 2, heads, M, d]`, to be summed over these. */
export function linearMemoryGradient(attention: Attention, inputs: LinearGradients): TensorInfo {
  const { numImages, heads, numMemory, dimHead } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "linearAttentionMemoryGradient",
    inputs: { qkv, memory, ...inputs },
    outputShape: [numImages, ...memory.shape],
    numInvocations: (numImages * heads * numMemory * dimHead) / 4,
    code: () => `${KEY_WEIGHTS}
fn main(index: i32) {
  let block = index % dim4;
  let at = (index / dim4) % uniforms.numMemory;
  let head = (index / (dim4 * uniforms.numMemory)) % uniforms.heads;
  let image = index / (dim4 * uniforms.numMemory * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  let matrix = (image * uniforms.heads + head) * 4 * dim4 * dim4;
  let own = matrix + 4 * block * dim4;
  ${KEY_AND_VALUE_GRADIENT}
  let first = ((2 * image * uniforms.heads + head) * uniforms.numMemory + at) * dim4 + block;
  result[first] = dKey;
  result[first + uniforms.heads * uniforms.numMemory * dim4] = dValue;
}`,
  });
}

/** The keys of a position, four channels of a head, after the softmax over the positions. */
const KEY_WEIGHTS = `
fn keyWeights(image: i32, head: i32, at: i32, c: i32) -> vec4<f32> {
  let row = 2 * (image * uniforms.heads + head) * dim4 + c;
  return exp(key(image, head, at, c) - keyStatistics[row]) * keyStatistics[row + dim4];
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

const LARGEST_QUERY = `
fn largestQuery(image: i32, head: i32, position: i32) -> f32 {
  var largest = query(image, head, position, 0);
  for (var c = 1; c < dim4; c++) { largest = max(largest, query(image, head, position, c)); }
  return max(max(largest.x, largest.y), max(largest.z, largest.w));
}`;

/** An invocation for four channels of every query. */
const PLACE_AND_BLOCK = `
  let block = index % dim4;
  let head = (index / dim4) % uniforms.heads;
  let position = (index / (dim4 * uniforms.heads)) % uniforms.numPositions;
  let image = index / (dim4 * uniforms.heads * uniforms.numPositions);
  if (image >= uniforms.numImages) { return; }`;

/** An invocation for every 4 x 4 block of a `[d, d]` matrix. */
const BLOCKS = `
  let columns = index % dim4;
  let rows = (index / dim4) % dim4;
  let head = (index / (dim4 * dim4)) % uniforms.heads;
  let image = index / (dim4 * dim4 * uniforms.heads);
  if (image >= uniforms.numImages) { return; }`;

function storeBlock(row: (i: number) => string): string {
  return `
  let first = ((image * uniforms.heads + head) * dim4 + rows) * 4 * dim4 + columns;
  ${unrolled(4, (i) => `result[first + ${i} * dim4] = ${row(i)};`)}`;
}
