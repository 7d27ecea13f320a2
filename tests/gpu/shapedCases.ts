/** Cases of the kernels' tests that are made of a shape: convolutions and both kinds of attention. */
import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { fullAttention, linearAttention } from "../../src/engine/ops/attention.ts";
import { conv2d } from "../../src/engine/ops/conv.ts";
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
        return conv2d(xs, kernel, { bias, addend });
      },
    },
  ];
}
