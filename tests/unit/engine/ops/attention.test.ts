import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  attentionWeights,
  fullAttention,
  linearAttention,
} from "../../../../src/engine/ops/attention.ts";
import { type ArrayValue, evaluate, normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

interface Size {
  numImages: number;
  height: number;
  width: number;
  channels: number;
  heads: number;
  dimHead: number;
  numMemory: number;
}

const SMALL = {
  numImages: 3,
  height: 2,
  width: 3,
  channels: 5,
  heads: 2,
  dimHead: 4,
  numMemory: 3,
};
const NUM_OUT = 7;
const SIZES: [string, Size][] = [
  ["small matrices", SMALL],
  // Products of 100 x 104 x 8 are done one by one on WebAssembly.
  ["large matrices", { ...SMALL, height: 10, width: 10, dimHead: 8, numMemory: 4 }],
  ["one head", { ...SMALL, heads: 1 }],
];

function inputsOf({ numImages, height, width, channels, heads, dimHead, numMemory }: Size) {
  return [
    normal([numImages, height, width, channels]),
    normal([1, 1, channels, 3 * heads * dimHead]),
    normal([2, heads, numMemory, dimHead]),
    normal([1, 1, heads * dimHead, NUM_OUT]),
    normal([NUM_OUT]),
  ];
}

const full = (heads: number) => (x: tf.Tensor4D, qkvKernel: tf.Tensor4D, memory: tf.Tensor4D) =>
  fullAttention({ x, qkvKernel, memoryKeyValues: memory, heads });

const linear =
  (heads: number) =>
  (
    x: tf.Tensor4D,
    qkvKernel: tf.Tensor4D,
    memoryKeyValues: tf.Tensor4D,
    outKernel: tf.Tensor4D,
    outBias: tf.Tensor1D,
  ) =>
    linearAttention({ x, qkvKernel, memoryKeyValues, heads, outKernel, outBias });

type Combine = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor;

/** The library's attention in stock operations; `combine` takes `[B, h, N, d]`, memory in front. */
function stockAttention(
  { numImages, height, width, heads, dimHead, numMemory }: Size,
  combine: Combine,
) {
  return (x: tf.Tensor4D, kernel: tf.Tensor4D, memory: tf.Tensor4D) => {
    const numPositions = height * width;
    const qkv = tf.reshape(tf.conv2d(x, kernel, 1, "same"), [
      numImages * numPositions,
      3 * heads * dimHead,
    ]);
    const part = (i: number) => {
      const columns = tf.slice(qkv, [0, i * heads * dimHead], [-1, heads * dimHead]);
      const byHead = tf.reshape(columns, [numImages, numPositions, heads, dimHead]);
      return tf.transpose(byHead, [0, 2, 1, 3]);
    };
    const withMemory = (own: tf.Tensor, i: number) => {
      const one = tf.slice(memory, [i, 0, 0, 0], [1, -1, -1, -1]);
      return tf.concat([tf.add(tf.zeros([numImages, heads, numMemory, dimHead]), one), own], 2);
    };
    const out = combine(part(0), withMemory(part(1), 0), withMemory(part(2), 1));
    return tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [numImages, height, width, heads * dimHead]);
  };
}

function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  const powers = tf.exp(x);
  return tf.div(powers, tf.sum(powers, axis, true));
}

/** softmax(q k^T / sqrt(d)) v. */
function stockFull(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  const scores = tf.matMul(q, tf.transpose(k, [0, 1, 3, 2]));
  return tf.matMul(softmax(tf.div(scores, Math.sqrt(q.shape[3] as number)), 3), v);
}

/** Queries normalised over d, keys over the positions; q (k^T v) / sqrt(d). */
function stockLinear(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  const context = tf.matMul(tf.transpose(softmax(k, 2), [0, 1, 3, 2]), v);
  return tf.div(tf.matMul(softmax(q, 3), context), Math.sqrt(q.shape[3] as number));
}

describe.each(BACKENDS)("on %s", (backend) => {
  it.each(SIZES)("full attention is the stock composition: %s", async (_, size) => {
    await expectSame({
      backend,
      inputs: inputsOf(size).slice(0, 3),
      operation: full(size.heads),
      oracle: stockAttention(size, stockFull),
    });
  });

  it.each(SIZES)("linear attention is the stock composition: %s", async (_, size) => {
    await expectSame({
      backend,
      inputs: inputsOf(size),
      operation: linear(size.heads),
      oracle: (x, kernel, memory, outKernel, outBias) =>
        tf.add(
          tf.conv2d(
            stockAttention(size, stockLinear)(
              x as tf.Tensor4D,
              kernel as tf.Tensor4D,
              memory as tf.Tensor4D,
            ) as tf.Tensor4D,
            outKernel as tf.Tensor4D,
            1,
            "same",
          ),
          outBias as tf.Tensor,
        ),
    });
  });

  it.each([
    ["full", full, 3],
    ["linear", linear, 5],
  ])("%s attention survives scores beyond the range of exp", async (_, attention, numInputs) => {
    const [x, kernel, ...others] = inputsOf(SMALL) as [ArrayValue, ArrayValue, ...ArrayValue[]];
    const large = { ...kernel, values: kernel.values.map((value) => 200 * value) };
    const inputs = [x, large, ...others].slice(0, numInputs);
    const { value, gradients } = await evaluate(backend, inputs, attention(2));
    for (const { values } of [value, ...gradients])
      expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("the weights of attention at one position", () => {
  /** One channel, one head of one channel: q and k are x itself, v is 10 x; the memory's key is 0. */
  const byHand = () => ({
    x: tf.tensor4d([1, 2], [1, 1, 2, 1]),
    qkvKernel: tf.tensor4d([1, 1, 10], [1, 1, 1, 3]),
    memoryKeyValues: tf.tensor4d([0, 7], [2, 1, 1, 1]),
    heads: 1,
  });
  const softmaxOf = (scores: readonly number[]) => {
    const powers = scores.map(Math.exp);
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  };

  it.each([
    ["full, of the second", true, 1, [0, 2, 4]],
    ["full, of the first", true, 0, [0, 1, 2]],
    // A head of one channel has one query, whatever the position.
    ["linear, of the second", false, 1, [0, 1, 2]],
  ])("is as by hand: %s", async (_, isFull, position, scores) => {
    await tf.setBackend("wasm");
    const weights = await attentionWeights(byHand(), { isFull, position }).data();
    expect(weights).toHaveLength(3);
    for (const [i, weight] of softmaxOf(scores).entries()) {
      expect(weights[i]).toBeCloseTo(weight, 6);
    }
  });

  it.each([
    ["full", true],
    ["linear", false],
  ])("makes the output of the values: %s", async (_, isFull) => {
    await tf.setBackend("wasm");
    const { heads, dimHead, channels, numMemory, height, width } = SMALL;
    const [image, kernel, memory] = inputsOf(SMALL).map(({ values, shape }) =>
      tf.tensor<tf.Rank>(values, shape),
    ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const inputs = { x: image, qkvKernel: kernel, memoryKeyValues: memory, heads };
    const all = heads * dimHead;
    const identity = { outKernel: tf.reshape<tf.Rank.R4>(tf.eye(all), [1, 1, all, all]) };
    const output = isFull
      ? fullAttention(inputs)
      : linearAttention({ ...inputs, ...identity, outBias: tf.zeros([all]) });
    const position = 4;
    const [image2, head] = [2, 1];
    const [weights, outputs, xs, kernels, memories] = (await Promise.all(
      [attentionWeights(inputs, { isFull, position }), output, image, kernel, memory].map((t) =>
        t.array(),
      ),
    )) as [number[][][], number[][][][], number[][][][], number[][][][], number[][][][]];
    for (let d = 0; d < dimHead; d++) {
      const column = 2 * all + head * dimHead + d;
      let sum = 0;
      for (let key = 0; key < numMemory + height * width; key++) {
        const at = key - numMemory;
        const pixel = xs[image2]?.[Math.floor(at / width)]?.[at % width] ?? [];
        const ofPixel = () =>
          Array.from({ length: channels }).reduce<number>(
            (total, __, c) => total + (pixel[c] ?? 0) * (kernels[0]?.[0]?.[c]?.[column] ?? 0),
            0,
          );
        const value = at < 0 ? (memories[1]?.[head]?.[key]?.[d] ?? 0) : ofPixel();
        sum += (weights[image2]?.[head]?.[key] ?? 0) * value;
      }
      // Linear attention scales its queries after their softmax, so its output is smaller than the mean.
      const expected = isFull ? sum : sum / Math.sqrt(dimHead);
      const made = outputs[image2]?.[Math.floor(position / width)]?.[position % width];
      expect(made?.[head * dimHead + d]).toBeCloseTo(expected, 4);
    }
  });
});
