import * as tf from "@tensorflow/tfjs-core";
import { batchMatMul } from "./batchMatMul.ts";
import { composedKernelGradient, convForward, inputGradient, kernelGradient } from "./conv.ts";
import { plus } from "./elementwise.ts";
import { runStep } from "./kernel.ts";
import { withGradient } from "./tape.ts";

export interface AttentionInputs {
  /** `[B, H, W, C]`. */
  x: tf.Tensor4D;
  /** Projection to queries, keys and values, each `[heads, d]`: `[1, 1, C, 3 heads d]`. */
  qkvKernel: tf.Tensor4D;
  /** Learned keys and values that every image also attends to: `[2, heads, M, d]`. */
  memoryKeyValues: tf.Tensor4D;
  heads: number;
}

export interface LinearAttentionInputs extends AttentionInputs {
  /** Projection of the heads' outputs: `[1, 1, heads d, C_out]`. */
  outKernel: tf.Tensor4D;
  /** `[C_out]`. */
  outBias: tf.Tensor1D;
}

/** Queries `[B, h, N, d]`; keys and values with the memory in front, `[B, h, M + N, d]`. */
interface Qkv {
  q: tf.Tensor4D;
  k: tf.Tensor4D;
  v: tf.Tensor4D;
}

/** Computes the output from queries, keys and values, `[B, h, N, d]`, and the gradients. */
interface AttentionRule {
  value(qkv: Qkv): tf.Tensor4D;
  gradient(dOut: tf.Tensor4D, qkv: Qkv): Qkv;
}

/**
 * Softmax attention over all positions of an image and the memory (Vaswani et al. 2017):
 * softmax(q k^T / sqrt(d)) v, `[B, H, W, heads d]`.
 */
export function fullAttention(inputs: AttentionInputs): tf.Tensor4D {
  return withGradient<tf.Tensor4D>(Object.values(tensorsOf(inputs)), () => {
    const value = forward(inputs, true);
    return {
      value,
      gradient: (dy, { takeSum }) =>
        gradients(inputs, true, { y: value, dy: dy as tf.Tensor4D, addend: takeSum(0) }),
    };
  });
}

/**
 * Linear attention (Shen et al. 2018, "Efficient attention") and the projection of its heads,
 * `[B, H, W, C_out]`: queries are normalized over the channels of a head, keys over the positions, and
 * softmax(q) (softmax(k)^T v) / sqrt(d) costs no N x N matrix.
 *
 * With the projection it is one operation, so that a kernel need not write the heads' outputs, four times
 * as wide as the image.
 */
export function linearAttention(inputs: LinearAttentionInputs): tf.Tensor4D {
  const { outKernel, outBias } = inputs;
  const tensors = { ...tensorsOf(inputs), outKernel, outBias };
  return withGradient<tf.Tensor4D>(Object.values(tensors), () => {
    const [value, saved] = runStep("LinearAttention", {
      inputs: tensors,
      isForKernels: isForKernels(inputs),
      composed: () => {
        const heads = forward(inputs, false);
        return [convForward([heads], outKernel, { bias: outBias }), heads];
      },
    }) as [tf.Tensor4D, tf.Tensor];
    return {
      value,
      saved: [saved],
      gradient: (dValue, { takeSum }) => {
        const dy = dValue as tf.Tensor4D;
        const addend = takeSum<tf.Tensor4D>(0);
        return runStep("LinearAttentionGradient", {
          inputs: { ...tensors, saved, dy, addend },
          isForKernels: isForKernels(inputs),
          composed: () => {
            const y = saved as tf.Tensor4D;
            const all = { firstIn: 0, numIn: outKernel.shape[2] };
            const dHeads = inputGradient(dy, outKernel, all);
            const ofOut = kernelGradient([y], dy, 1);
            return [...gradients(inputs, false, { y, dy: dHeads, addend }), ...ofOut];
          },
        });
      },
    };
  });
}

/**
 * The share of each key's value in the output at one position, `[B, heads, M + N]`, the memory's first: a row of
 * softmax(q k^T / sqrt(d)), or, where attention is linear, of softmax(q) softmax(k)^T, with the queries normalized
 * over the channels of a head and the keys over the positions. Either way the shares add up to 1. The output is
 * the mean of the values with these weights; that of linear attention is 1 / sqrt(d) of it, since the scale of
 * the queries comes after their softmax, as in lucidrains' `LinearAttention`.
 *
 * @param options.position index of the position, 0 to N - 1, row by row
 * @throws RangeError for another
 */
export function attentionWeights(
  inputs: AttentionInputs,
  { isFull, position }: { isFull: boolean; position: number },
): tf.Tensor3D {
  return tf.tidy(() => {
    const { q: queries, k } = project(inputs);
    const [numImages, heads, numPositions, d] = queries.shape;
    if (!(position >= 0 && position < numPositions)) {
      throw new RangeError(`Expected a pixel from 0 to ${numPositions - 1}, got ${position}.`);
    }
    const q: tf.Tensor4D = tf.slice(queries, [0, 0, position, 0], [numImages, heads, 1, d]);
    const weights = isFull ? fullWeights(q, k) : batchMatMul(tf.softmax(q), positionSoftmax(k));
    return tf.squeeze<tf.Tensor3D>(weights, [2]);
  });
}

const FULL: AttentionRule = {
  value({ q, k, v }) {
    return batchMatMul(fullWeights(q, k), v);
  },
  gradient(dOut, { q, k, v }) {
    const weights = fullWeights(q, k); // [B, h, N, M + N]
    const dWeights = batchMatMul(dOut, v, { transposeB: true });
    const dScores = tf.mul<tf.Tensor4D>(softmaxGradient(dWeights, weights), headScale(q));
    return {
      q: batchMatMul(dScores, k),
      k: batchMatMul(dScores, q, { transposeA: true }),
      v: batchMatMul(weights, dOut, { transposeA: true }),
    };
  },
};

function fullWeights(q: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  return tf.softmax(batchMatMul(tf.mul<tf.Tensor4D>(q, headScale(q)), k, { transposeB: true }));
}

const LINEAR: AttentionRule = {
  value({ q, k, v }) {
    const context = batchMatMul(positionSoftmax(k), v); // [B, h, d, d]
    return batchMatMul(tf.softmax(q), tf.mul<tf.Tensor4D>(context, headScale(q)));
  },
  gradient(dOut, { q, k, v }) {
    const scale = headScale(q);
    const queries = tf.softmax(q); // [B, h, N, d]
    const keys = positionSoftmax(k); // [B, h, d, M + N]
    const context = tf.mul<tf.Tensor4D>(batchMatMul(keys, v), scale);
    const dQueries = batchMatMul(dOut, context, { transposeB: true });
    const dContext = tf.mul<tf.Tensor4D>(batchMatMul(queries, dOut, { transposeA: true }), scale);
    const dKeys = batchMatMul(dContext, v, { transposeB: true }); // [B, h, d, M + N]
    return {
      q: softmaxGradient(dQueries, queries),
      k: tf.transpose(softmaxGradient(dKeys, keys), [0, 1, 3, 2]),
      v: batchMatMul(keys, dContext, { transposeA: true }),
    };
  },
};

/** Keys as `[B, h, d, M + N]`, normalized over the positions. */
function positionSoftmax(k: tf.Tensor4D): tf.Tensor4D {
  return tf.softmax(tf.transpose<tf.Tensor4D>(k, [0, 1, 3, 2]));
}

function headScale(q: tf.Tensor4D): number {
  return q.shape[3] ** -0.5;
}

/** dL/dx for y = softmax(x) over the last axis: y (dy - sum(y dy)). */
function softmaxGradient(dy: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(y, dy), -1, true)));
}

function tensorsOf({ x, qkvKernel, memoryKeyValues }: AttentionInputs) {
  return { x, qkvKernel, memoryKeyValues };
}

/** The kernels read four channels at a time. */
function isForKernels({ memoryKeyValues }: AttentionInputs): boolean {
  return memoryKeyValues.shape[3] % 4 === 0;
}

/** The part that both kinds share: projection, memory, heads. */
function forward(inputs: AttentionInputs, isFull: boolean): tf.Tensor4D {
  return runStep("Attention", {
    inputs: tensorsOf(inputs),
    attrs: { isFull },
    isForKernels: isForKernels(inputs),
    composed: () => {
      const rule = isFull ? FULL : LINEAR;
      return mergeHeads(rule.value(project(inputs)), inputs.x.shape);
    },
  });
}

/** What the backward pass is given of `forward`, of which only inputs and value are kept. */
interface Backward {
  y: tf.Tensor4D;
  dy: tf.Tensor4D;
  addend: tf.Tensor4D | undefined;
}

function gradients(inputs: AttentionInputs, isFull: boolean, backward: Backward): tf.Tensor[] {
  return runStep("AttentionGradient", {
    inputs: { ...tensorsOf(inputs), ...backward },
    attrs: { isFull },
    isForKernels: isForKernels(inputs),
    composed: () => composedGradient(inputs, isFull ? FULL : LINEAR, backward),
  });
}

/** Gradients of x (plus the addend), the projection and the memory. */
function composedGradient(
  inputs: AttentionInputs,
  rule: AttentionRule,
  { dy, addend }: Backward,
): tf.Tensor[] {
  const { x, qkvKernel, memoryKeyValues, heads } = inputs;
  const numMemory = memoryKeyValues.shape[2];
  const gradients = rule.gradient(splitHeads(dy, heads), project(inputs));
  const keys = splitMemory(gradients.k, numMemory);
  const values = splitMemory(gradients.v, numMemory);
  const dParts = [gradients.q, keys.own, values.own].map((d) => mergeHeads(d, x.shape));
  const dXs = splitProjection(qkvKernel).map((kernel, i) =>
    inputGradient(dParts[i] as tf.Tensor4D, kernel, { firstIn: 0, numIn: kernel.shape[2] }),
  );
  const dKernels = dParts.map((d) => composedKernelGradient(x, d, 1));
  const dX = plus(tf.addN<tf.Tensor4D>(dXs), addend);
  return [dX, tf.concat(dKernels, 3), tf.stack([keys.memory, values.memory])];
}

function project({ x, qkvKernel, memoryKeyValues, heads }: AttentionInputs): Qkv {
  const [q, k, v] = splitProjection(qkvKernel).map((part) =>
    splitHeads(tf.conv2d(x, part, 1, "same"), heads),
  );
  const [memoryKeys, memoryValues] = tf.split(memoryKeyValues, 2); // [1, h, M, d]
  return {
    q: q as tf.Tensor4D,
    k: withMemory(memoryKeys as tf.Tensor4D, k as tf.Tensor4D),
    v: withMemory(memoryValues as tf.Tensor4D, v as tf.Tensor4D),
  };
}

/** The projections to queries, keys and values, `[1, 1, C, h d]` each. */
function splitProjection(kernel: tf.Tensor4D): tf.Tensor4D[] {
  return tf.split(kernel, 3, 3);
}

function withMemory(memory: tf.Tensor4D, own: tf.Tensor4D): tf.Tensor4D {
  return tf.concat([tf.tile(memory, [own.shape[0], 1, 1, 1]), own], 2);
}

/** The inverse of `withMemory` for a gradient: the memory's share, `[h, M, d]`, and the image's. */
function splitMemory(gradient: tf.Tensor4D, numMemory: number) {
  const [memory, own] = tf.split(gradient, [numMemory, gradient.shape[2] - numMemory], 2);
  return { memory: tf.sum<tf.Tensor3D>(memory as tf.Tensor4D, 0), own: own as tf.Tensor4D };
}

/** `[B, H, W, h d]` to `[B, h, H W, d]`. */
function splitHeads(x: tf.Tensor4D, heads: number): tf.Tensor4D {
  const [numImages, height, width, channels] = x.shape;
  const byHead = tf.reshape<tf.Rank.R4>(x, [numImages, height * width, heads, channels / heads]);
  return tf.transpose<tf.Tensor4D>(byHead, [0, 2, 1, 3]);
}

/** `[B, h, H W, d]` to `[B, H, W, h d]`. */
function mergeHeads(x: tf.Tensor4D, imageShape: tf.Tensor4D["shape"]): tf.Tensor4D {
  const [numImages, heads, , headChannels] = x.shape;
  const [, height, width] = imageShape;
  const byPosition = tf.transpose<tf.Tensor4D>(x, [0, 2, 1, 3]);
  return tf.reshape(byPosition, [numImages, height, width, heads * headChannels]);
}
