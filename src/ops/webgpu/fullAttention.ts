import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Attention, runAttention, sizesOf } from "./attention.ts";
import { sumParts } from "./sumParts.ts";

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
    code: `${SCORE}
fn main(index: i32) {
  ${PLACE}
  var row: array<vec4<f32>, dim4>;
  var largest = -3.4e38;
  var sum = 0.0;
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    ${ADD_VALUE}
  }
  for (var c = 0; c < dim4; c++) { result[index * dim4 + c] = row[c] / sum; }
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
    code: `${SCORE}
fn main(index: i32) {
  ${PLACE}
  var row: array<vec4<f32>, dim4>;
  var largest = -3.4e38;
  var sum = 0.0;
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    ${ADD_VALUE}
  }
  var along = 0.0;
  for (var c = 0; c < dim4; c++) { along += dot(row[c], dOut[index * dim4 + c]); }
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
    code: `${SCORE}${WEIGHT}
fn main(index: i32) {
  ${PLACE}
  var dQuery: array<vec4<f32>, dim4>;
  for (var at = 0; at < uniforms.numMemory + uniforms.numPositions; at++) {
    let weight = weightOf(image, head, position, at);
    for (var c = 0; c < dim4; c++) {
      dQuery[c] += (weight.y * scale) * key(image, head, at, c);
    }
  }
  ${GRADIENTS_OF_KEY}
  let first = (image * uniforms.numPositions + position) * 3 * uniforms.heads + head;
  addQueries(image, head, position + uniforms.numMemory, &dKey, &dValue);
  for (var c = 0; c < dim4; c++) {
    result[first * dim4 + c] = dQuery[c];
    result[(first + uniforms.heads) * dim4 + c] = dKey[c];
    result[(first + 2 * uniforms.heads) * dim4 + c] = dValue[c];
  }
}`,
  });
}

/** Gradient of the memory, summed over the images; `[2, heads, M, d]`. */
export function fullMemoryGradient(
  attention: Attention,
  { statistics, dOut }: Gradients,
): TensorInfo {
  const { numImages, heads, numMemory } = sizesOf(attention);
  const { backend, qkv, memory } = attention;
  const parts = runAttention(attention, {
    name: "fullAttentionMemoryGradient",
    inputs: { qkv, memory, statistics, dOut },
    outputShape: [numImages, ...memory.shape],
    numInvocations: numImages * heads * numMemory,
    code: `${SCORE}${WEIGHT}
fn main(index: i32) {
  let at = index % uniforms.numMemory;
  let head = (index / uniforms.numMemory) % uniforms.heads;
  let image = index / (uniforms.numMemory * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  ${GRADIENTS_OF_KEY}
  addQueries(image, head, at, &dKey, &dValue);
  let keys = (2 * image * uniforms.heads + head) * uniforms.numMemory + at;
  let values = keys + uniforms.heads * uniforms.numMemory;
  for (var c = 0; c < dim4; c++) {
    result[keys * dim4 + c] = dKey[c];
    result[values * dim4 + c] = dValue[c];
  }
}`,
  });
  const sum = sumParts(backend, parts, memory.shape);
  backend.disposeData(parts.dataId);
  return sum;
}

/** Which query an invocation is for. */
const PLACE = `
  let head = index % uniforms.heads;
  let position = (index / uniforms.heads) % uniforms.numPositions;
  let image = index / (uniforms.heads * uniforms.numPositions);
  if (image >= uniforms.numImages) { return; }`;

const SCORE = `
fn score(image: i32, head: i32, position: i32, at: i32) -> f32 {
  var product = 0.0;
  for (var c = 0; c < dim4; c++) {
    product += dot(query(image, head, position, c), key(image, head, at, c));
  }
  return product * scale;
}`;

/** Adds a value to \`row\` by its weight; what was there before is scaled to the new largest score. */
const ADD_VALUE = `
    let next = score(image, head, position, at);
    let before = exp(largest - max(largest, next));
    let weight = exp(next - max(largest, next));
    largest = max(largest, next);
    sum = sum * before + weight;
    for (var c = 0; c < dim4; c++) { row[c] = row[c] * before + weight * value(image, head, at, c); }`;

const GRADIENTS_OF_KEY = `
  var dKey: array<vec4<f32>, dim4>;
  var dValue: array<vec4<f32>, dim4>;`;

/** The weight of a key for a query, and the gradient of its score. */
const WEIGHT = `
fn weightOf(image: i32, head: i32, position: i32, at: i32) -> vec2<f32> {
  let row = (image * uniforms.numPositions + position) * uniforms.heads + head;
  let known = statistics[row];
  let weight = exp(score(image, head, position, at) - known.x) * known.y;
  var dWeight = 0.0;
  for (var c = 0; c < dim4; c++) { dWeight += dot(dOut[row * dim4 + c], value(image, head, at, c)); }
  return vec2<f32>(weight, weight * (dWeight - known.z));
}
fn addQueries(
  image: i32,
  head: i32,
  at: i32,
  dKey: ptr<function, array<vec4<f32>, dim4>>,
  dValue: ptr<function, array<vec4<f32>, dim4>>,
) {
  for (var position = 0; position < uniforms.numPositions; position++) {
    let row = (image * uniforms.numPositions + position) * uniforms.heads + head;
    let weight = weightOf(image, head, position, at);
    for (var c = 0; c < dim4; c++) {
      (*dKey)[c] += (weight.y * scale) * query(image, head, position, c);
      (*dValue)[c] += weight.x * dOut[row * dim4 + c];
    }
  }
}`;
