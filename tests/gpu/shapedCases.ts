/** Cases of the kernels' tests that are made of a shape: convolutions and both kinds of attention. */
import {
  concat1d,
  reshape,
  split,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { fullAttention, linearAttention } from "../../src/engine/ops/attention.ts";
import { conv2d, resampledConv } from "../../src/engine/ops/conv.ts";
import type { Resample } from "../../src/engine/ops/kernel.ts";
import { withGradient } from "../../src/engine/ops/tape.ts";
import type { Operation } from "../evaluate.ts";
import type { AttentionShape, ConvShape, TuningName } from "./kernelShapes.ts";

export interface KernelCase {
  /** Only in `npm run test:all`: what else it shows costs more than it is likely to find. */
  isLong?: boolean;
  inputs: number[][];
  /** Each of these in turn, where the operation depends on it. */
  tunings?: readonly TuningName[] | undefined;
  /** Standard deviations of the inputs, where not all are 1. */
  scales?: number[];
  operation: Operation;
  /** Of the inputs, from the first, where not all have a gradient. */
  numDifferentiable?: number;
}

type CaseOptions = Pick<KernelCase, "tunings" | "isLong">;

export function fullAttentionCase(
  shape: AttentionShape,
  options: CaseOptions,
): [string, KernelCase] {
  const heads = shape[2];
  return [
    `fullAttention of ${attentionText(shape)}`,
    {
      ...options,
      ...attentionInputs(shape),
      operation: (x, qkvKernel, memoryKeyValues) =>
        fullAttention({
          x: x as Tensor4D,
          qkvKernel: qkvKernel as Tensor4D,
          memoryKeyValues: memoryKeyValues as Tensor4D,
          heads,
        }),
    },
  ];
}

export function linearAttentionCase(
  shape: AttentionShape,
  options: CaseOptions,
): [string, KernelCase] {
  const [, channels, heads, dimHead] = shape;
  const { inputs, scales } = attentionInputs(shape);
  return [
    `linearAttention of ${attentionText(shape)}`,
    {
      ...options,
      inputs: [...inputs, [1, 1, heads * dimHead, channels], [channels]],
      scales: [...scales, (heads * dimHead) ** -0.5, 1],
      operation: (x, qkvKernel, memoryKeyValues, outKernel, outBias) =>
        linearAttention({
          x: x as Tensor4D,
          qkvKernel: qkvKernel as Tensor4D,
          memoryKeyValues: memoryKeyValues as Tensor4D,
          outKernel: outKernel as Tensor4D,
          outBias: outBias as Tensor1D,
          heads,
        }),
    },
  ];
}

function attentionText([image, channels, heads, dimHead]: AttentionShape): string {
  return `${image} x ${channels}, ${heads} x ${dimHead}`;
}

function attentionInputs([image, channels, heads, dimHead]: AttentionShape) {
  return {
    inputs: [
      [...image, channels],
      [1, 1, channels, 3 * heads * dimHead],
      [2, heads, 4, dimHead],
    ],
    // So that queries and keys are of the memory's size, and no softmax has a single winner.
    scales: [1, channels ** -0.5, 1],
  };
}

export function convCase(
  [image, channels, numOut, size]: ConvShape,
  options: CaseOptions,
): [string, KernelCase] {
  const numIn = channels.reduce((sum, count) => sum + count, 0);
  return [
    `conv2d of ${image} x ${channels.join(" + ")} to ${numOut}, ${size} x ${size}`,
    {
      ...options,
      inputs: [
        ...channels.map((count) => [...image, count]),
        [size, size, numIn, numOut],
        [numOut],
      ],
      operation: (...tensors) => {
        const xs = tensors.slice(0, channels.length) as Tensor4D[];
        const [kernel, bias] = tensors.slice(channels.length) as [Tensor4D, Tensor1D];
        // The first of several inputs as the addend where it has the shape.
        const addend = channels.length > 1 && channels[0] === numOut ? xs[0] : undefined;
        // What else has a gradient, the kernel adds: of one input twice.
        const others = xs.length === 1 ? [...xs, ...xs] : xs;
        return joined(conv2d(xs, kernel, { bias, addend }), ...others);
      },
    },
  ];
}

export function resampledConvCase(
  resample: Resample,
  [image, [channels = 1], numOut, size]: ConvShape,
  options: CaseOptions,
): [string, KernelCase] {
  const numIn = (resample === "unshuffle" ? 4 : 1) * channels;
  return [
    `${resample} of ${image} x ${channels}, then ${size} x ${size} to ${numOut}`,
    {
      ...options,
      inputs: [[...image, channels], [size, size, numIn, numOut], [numOut]],
      operation: (...tensors) => {
        const [x, kernel, bias] = tensors as [Tensor4D, Tensor4D, Tensor1D];
        return joined(resampledConv(x, kernel, { bias, resample }), x);
      },
    },
  ];
}

/** Numbers of tensors one after the other, with a gradient for each. */
function joined(...tensors: Tensor[]): Tensor {
  const flat = (tensor: Tensor) => reshape(tensor, [tensor.size]) as Tensor1D;
  const sizes = tensors.map(({ size }) => size);
  return withGradient(tensors, () => ({
    value: concat1d(tensors.map(flat)),
    gradient: (dy) => split(dy, sizes).map((part, i) => reshape(part, tensors[i]?.shape ?? [])),
  }));
}
