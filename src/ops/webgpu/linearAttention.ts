import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Attention, PLACE, runAttention, sizesOf } from "./attention.ts";

/**
 * C = s K^T V of every head, with K the keys after a softmax over the positions and s = 1 / sqrt(d);
 * behind each row the maximum of its keys and one over the sum of their exponentials.
 *
 * @returns `[B, heads, d, d + 4]`
 */
export function context(attention: Attention): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  const { qkv, memory } = attention;
  return runAttention(attention, {
    name: "linearAttentionContext",
    inputs: { qkv, memory },
    outputShape: [numImages, heads, dimHead, dimHead + 4],
    numInvocations: numImages * heads * dimHead,
    code: `
fn main(index: i32) {
  let i = index % (4 * dim4);
  let head = (index / (4 * dim4)) % uniforms.heads;
  let image = index / (4 * dim4 * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  let end = uniforms.numMemory + uniforms.numPositions;
  var largest = key(image, head, 0, i / 4)[i % 4];
  for (var at = 1; at < end; at++) { largest = max(largest, key(image, head, at, i / 4)[i % 4]); }
  var sum = 0.0;
  var row: array<vec4<f32>, dim4>;
  for (var at = 0; at < end; at++) {
    let weight = exp(key(image, head, at, i / 4)[i % 4] - largest);
    sum += weight;
    for (var c = 0; c < dim4; c++) { row[c] += weight * value(image, head, at, c); }
  }
  let start = index * (dim4 + 1);
  for (var c = 0; c < dim4; c++) { result[start + c] = row[c] * (scale / sum); }
  result[start + dim4] = vec4<f32>(largest, 1.0 / sum, 0.0, 0.0);
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
    numInvocations: numImages * numPositions * heads,
    code: `${QUERY_WEIGHTS}
fn main(index: i32) {
  ${PLACE}
  let weights = queryWeights(image, head, position);
  var row: array<vec4<f32>, dim4>;
  for (var i = 0; i < 4 * dim4; i++) {
    let start = ((image * uniforms.heads + head) * 4 * dim4 + i) * (dim4 + 1);
    for (var c = 0; c < dim4; c++) { row[c] += weights[i / 4][i % 4] * contexts[start + c]; }
  }
  for (var c = 0; c < dim4; c++) { result[index * dim4 + c] = row[c]; }
}`,
  });
}

/**
 * dC = Q^T dOut; behind each row its product with that of C, which the softmax of the keys needs.
 *
 * @param dOut `[B, H, W, heads d]`
 * @returns `[B, heads, d, d + 4]`
 */
export function contextGradient(
  attention: Attention,
  contexts: TensorInfo,
  dOut: TensorInfo,
): TensorInfo {
  const { numImages, heads, dimHead } = sizesOf(attention);
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionContextGradient",
    inputs: { qkv, contexts, dOut },
    outputShape: [numImages, heads, dimHead, dimHead + 4],
    numInvocations: numImages * heads * dimHead,
    code: `${QUERY_WEIGHTS}
fn main(index: i32) {
  let i = index % (4 * dim4);
  let head = (index / (4 * dim4)) % uniforms.heads;
  let image = index / (4 * dim4 * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  var row: array<vec4<f32>, dim4>;
  for (var position = 0; position < uniforms.numPositions; position++) {
    let weights = queryWeights(image, head, position);
    let start = ((image * uniforms.numPositions + position) * uniforms.heads + head) * dim4;
    for (var c = 0; c < dim4; c++) { row[c] += weights[i / 4][i % 4] * dOut[start + c]; }
  }
  let start = index * (dim4 + 1);
  var along = 0.0;
  for (var c = 0; c < dim4; c++) {
    along += dot(row[c], contexts[start + c]);
    result[start + c] = row[c];
  }
  result[start + dim4] = vec4<f32>(along, 0.0, 0.0, 0.0);
}`,
  });
}

/** Gradients of queries, keys and values; `[B, H, W, 3 heads d]`. */
export function linearQkvGradient(
  attention: Attention,
  { contexts, dContexts, dOut }: Record<"contexts" | "dContexts" | "dOut", TensorInfo>,
): TensorInfo {
  const { numImages, numPositions, heads } = sizesOf(attention);
  const { qkv } = attention;
  return runAttention(attention, {
    name: "linearAttentionQkvGradient",
    inputs: { qkv, contexts, dContexts, dOut },
    outputShape: qkv.shape,
    numInvocations: numImages * numPositions * heads,
    code: `${QUERY_WEIGHTS}
fn main(index: i32) {
  ${PLACE}
  let at = position + uniforms.numMemory;
  let weights = queryWeights(image, head, position);
  var dWeights: array<vec4<f32>, dim4>;
  var dKey: array<vec4<f32>, dim4>;
  var dValue: array<vec4<f32>, dim4>;
  for (var i = 0; i < 4 * dim4; i++) {
    let start = ((image * uniforms.heads + head) * 4 * dim4 + i) * (dim4 + 1);
    let statistics = contexts[start + dim4];
    let keyWeight = exp(key(image, head, at, i / 4)[i % 4] - statistics.x) * statistics.y;
    var dWeight = 0.0;
    var dKeyWeight = 0.0;
    for (var c = 0; c < dim4; c++) {
      dWeight += dot(dOut[index * dim4 + c], contexts[start + c]);
      dKeyWeight += dot(dContexts[start + c], value(image, head, at, c));
      dValue[c] += (scale * keyWeight) * dContexts[start + c];
    }
    dWeights[i / 4][i % 4] = dWeight;
    dKey[i / 4][i % 4] = keyWeight * (scale * dKeyWeight - dContexts[start + dim4].x);
  }
  var along = 0.0;
  for (var c = 0; c < dim4; c++) { along += dot(weights[c], dWeights[c]); }
  let first = (image * uniforms.numPositions + position) * 3 * uniforms.heads + head;
  for (var c = 0; c < dim4; c++) {
    result[first * dim4 + c] = weights[c] * (dWeights[c] - along);
    result[(first + uniforms.heads) * dim4 + c] = dKey[c];
    result[(first + 2 * uniforms.heads) * dim4 + c] = dValue[c];
  }
}`,
  });
}

/** Gradient of the memory, summed over the images; `[2, heads, M, d]`. */
export function linearMemoryGradient(
  attention: Attention,
  { contexts, dContexts }: Record<"contexts" | "dContexts", TensorInfo>,
): TensorInfo {
  const { heads, numMemory, dimHead } = sizesOf(attention);
  const { memory } = attention;
  return runAttention(attention, {
    name: "linearAttentionMemoryGradient",
    inputs: { memory, contexts, dContexts },
    outputShape: memory.shape,
    numInvocations: (heads * numMemory * dimHead) / 4,
    code: `
fn main(index: i32) {
  let block = index % dim4;
  let row = index / dim4;
  let head = row / uniforms.numMemory;
  if (head >= uniforms.heads) { return; }
  let values = uniforms.heads * uniforms.numMemory + row;
  var dKey = vec4<f32>(0.0);
  var dValue = vec4<f32>(0.0);
  for (var image = 0; image < uniforms.numImages; image++) {
    for (var i = 0; i < 4 * dim4; i++) {
      let start = ((image * uniforms.heads + head) * 4 * dim4 + i) * (dim4 + 1);
      let statistics = contexts[start + dim4];
      let keyWeight = exp(memory[row * dim4 + i / 4][i % 4] - statistics.x) * statistics.y;
      dValue += (scale * keyWeight) * dContexts[start + block];
      if (i / 4 == block) {
        var dKeyWeight = 0.0;
        for (var c = 0; c < dim4; c++) {
          dKeyWeight += dot(dContexts[start + c], memory[values * dim4 + c]);
        }
        dKey[i % 4] += keyWeight * (scale * dKeyWeight - dContexts[start + dim4].x);
      }
    }
  }
  result[row * dim4 + block] = dKey;
  result[values * dim4 + block] = dValue;
}`,
  });
}

/** The queries of a position after their softmax. */
const QUERY_WEIGHTS = `
fn queryWeights(image: i32, head: i32, position: i32) -> array<vec4<f32>, dim4> {
  var weights: array<vec4<f32>, dim4>;
  var largest = -3.4e38;
  for (var c = 0; c < dim4; c++) {
    weights[c] = query(image, head, position, c);
    largest = max(largest, max(max(weights[c].x, weights[c].y), max(weights[c].z, weights[c].w)));
  }
  var sum = 0.0;
  for (var c = 0; c < dim4; c++) {
    weights[c] = exp(weights[c] - largest);
    sum += dot(weights[c], vec4<f32>(1.0));
  }
  for (var c = 0; c < dim4; c++) { weights[c] /= sum; }
  return weights;
}`;
