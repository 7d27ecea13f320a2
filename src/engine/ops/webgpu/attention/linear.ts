/** One invocation computes four channels, in variables: arrays of a program would lie in memory. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { disposeAll, unrolled } from "../program.ts";
import { type Attention, runAttention, sizesOf } from "./attention.ts";

type Tensors<K extends string> = Record<K, TensorInfo>;

/** q (k^T v) / sqrt(d), with softmaxes of queries over the channels and keys over the positions; `[B, H, W, heads d]`. */
export function linearAttentionOutput(attention: Attention): TensorInfo {
  const keyStatistics = statisticsOfKeys(attention);
  const contexts = context(attention, keyStatistics);
  const output = queriesTimes(attention, contexts);
  disposeAll(attention.backend, [keyStatistics, contexts]);
  return output;
}

/** Gradients of queries, keys and values, `[B, H, W, 3 heads d]`, and of the memory by each image. */
export function linearAttentionGradients(
  attention: Attention,
  { out, dOut }: Tensors<"out" | "dOut">,
) {
  const keyStatistics = statisticsOfKeys(attention);
  const contexts = context(attention, keyStatistics);
  const statistics = queryStatistics(attention, { out, dOut });
  const dContexts = contextGradient(attention, { statistics, dOut });
  const known = { keyStatistics, contexts, dContexts };
  const dQkv = qkvGradient(attention, { ...known, statistics, dOut });
  const dMemory = memoryGradient(attention, { memory: attention.memory, ...known });
  disposeAll(attention.backend, [keyStatistics, contexts, statistics, dContexts]);
  return { dQkv, dMemory };
}

/**
 * C = s K^T V of every head, with K the keys after a softmax over the positions and s = 1 / sqrt(d);
 * `[B, heads, d, d]`, an invocation for 4 x 4 of it.
 */
function context(attention: Attention, keyStatistics: TensorInfo): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionContext",
    inputs: { memory: attention.memory, keyStatistics },
    outputShape: [numImages, heads, dimHead, dimHead],
    indices: ["columns", "rows", "head"],
    functions: KEY_WEIGHTS,
    main: () => `
  ${unrolled(4, (i) => `var row${i} = vec4<f32>(0.0);`)}
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    let weights = keyWeights(image, head, at, rows);
    let v = value(image, head, at, columns);
    ${unrolled(4, (i) => `row${i} += weights[${i}] * v;`)}
  }
  ${storeBlock((i) => `scale * row${i}`)}`,
  });
}

/** Of every key channel the largest over the positions, then one over the sum of exponentials; `[B, heads, 2, d]`. */
function statisticsOfKeys(attention: Attention): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionKeyStatistics",
    inputs: { memory: attention.memory },
    outputShape: [numImages, heads, 2, dimHead],
    indices: ["block", "head"],
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
  });
}

/** Q C, with Q the queries after a softmax over the channels; `[B, H, W, heads d]`. */
function queriesTimes(attention: Attention, contexts: TensorInfo): TensorInfo {
  const { numImages, height, width, heads, dimHead } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionOutput",
    inputs: { contexts },
    outputShape: [numImages, height, width, heads * dimHead],
    indices: ["block", "head", "position"],
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
  });
}

/**
 * Of every query: the largest channel, one over the sum of the exponentials, and dOut . out, which the
 * softmax's gradient needs; `[B, N, heads, 4]`.
 */
function queryStatistics(attention: Attention, inputs: Tensors<"out" | "dOut">): TensorInfo {
  const { numImages, height, width, heads } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionQueryStatistics",
    inputs,
    outputShape: [numImages, height * width, heads, 4],
    indices: ["head", "position"],
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
  });
}

/** dC = Q^T dOut; `[B, heads, d, d]`. */
function contextGradient(attention: Attention, inputs: Tensors<"statistics" | "dOut">): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionContextGradient",
    inputs,
    outputShape: [numImages, heads, dimHead, dimHead],
    indices: ["columns", "rows", "head"],
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
  });
}

/** What the gradients of keys, values and memory follow from. */
type Known = Tensors<"keyStatistics" | "contexts" | "dContexts">;

/** With k = softmax(K) and C = s k^T V: dV = s k dC, dK = k (s V - C) . dC; `[B, H, W, 3 heads d]`. */
function qkvGradient(attention: Attention, inputs: Known & Tensors<"statistics" | "dOut">) {
  return runAttention(attention, {
    name: "linearAttentionQkvGradient",
    inputs,
    outputShape: attention.qkv.shape,
    indices: ["block", "head", "position"],
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
  });
}

/** `[B, 2, heads, M, d]`, to be summed over the images. */
function memoryGradient(attention: Attention, inputs: Known & Tensors<"memory">): TensorInfo {
  const { numImages } = sizesOf(attention);
  return runAttention(attention, {
    name: "linearAttentionMemoryGradient",
    inputs,
    outputShape: [numImages, ...attention.memory.shape],
    indices: ["block", "at", "head"],
    functions: KEY_WEIGHTS,
    main: () => `
  let matrix = (image * uniforms.heads + head) * 4 * dim4 * dim4;
  let own = matrix + 4 * block * dim4;
  ${KEY_AND_VALUE_GRADIENT}
  let first = ((2 * image * uniforms.heads + head) * uniforms.numMemory + at) * dim4 + block;
  result[first] = dKey;
  result[first + uniforms.heads * uniforms.numMemory * dim4] = dValue;`,
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

function storeBlock(row: (i: number) => string): string {
  return `
  let first = ((image * uniforms.heads + head) * dim4 + rows) * 4 * dim4 + columns;
  ${unrolled(4, (i) => `result[first + ${i} * dim4] = ${row(i)};`)}`;
}
