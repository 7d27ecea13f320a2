import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";
import { channelSums } from "./sums.ts";
import { withGradient } from "./withGradient.ts";

/**
 * Convolution with stride 1 that keeps the image size, over the channels of one input or of several
 * as if they were concatenated: y = sum_i conv(x_i, K_i) + b, with K_i the slice of the kernel that
 * belongs to input i. The concatenation itself is never made.
 *
 * @param inputs `[B, H, W, C_i]` each
 * @param kernel `[k, k, sum C_i, C_out]`, k odd
 * @param bias `[C_out]`
 * @returns `[B, H, W, C_out]`
 */
export function conv2d(
  inputs: tf.Tensor4D | readonly tf.Tensor4D[],
  kernel: tf.Tensor4D,
  bias?: tf.Tensor1D,
): tf.Tensor4D {
  const xs = "dataId" in inputs ? [inputs] : inputs;
  const channels = xs.map((x) => x.shape[3]);
  return withGradient([...xs, kernel, ...(bias ? [bias] : [])], () => ({
    value: forward(xs, kernel, bias),
    gradient: (dValue, isNeeded) => {
      const dy = dValue as tf.Tensor4D;
      const dXs = channels.map((numIn, i) => {
        const firstIn = channels.slice(0, i).reduce((sum, count) => sum + count, 0);
        return isNeeded[i] ? inputGradient(dy, kernel, { firstIn, numIn }) : undefined;
      });
      const dKernels = xs.map((x) => kernelGradient(x, dy, kernel.shape[0]));
      const dKernel = dKernels.length === 1 ? dKernels[0] : tf.concat(dKernels, 2);
      return [...dXs, dKernel as tf.Tensor4D, ...(bias ? [channelSums(dy)] : [])];
    },
  }));
}

function forward(
  xs: readonly tf.Tensor4D[],
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
): tf.Tensor4D {
  const named = Object.fromEntries(xs.map((x, i) => [`x${i}`, x]));
  return runStep("ConvSame", {
    inputs: { ...named, kernel, ...(bias ? { bias } : {}) },
    composed: () => composedForward(xs, kernel, bias),
  });
}

function composedForward(
  xs: readonly tf.Tensor4D[],
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
): tf.Tensor4D {
  const channels = xs.map((x) => x.shape[3]);
  const kernels = splitInputs(kernel, channels);
  const parts = xs.map((x, i) =>
    tf.fused.conv2d({
      x,
      filter: kernels[i] as tf.Tensor4D,
      strides: 1,
      pad: "same",
      ...(bias && i === 0 ? { bias } : {}),
    }),
  );
  return parts.reduce((sum, part) => tf.add(sum, part)) as tf.Tensor4D;
}

/** The part of the kernel that belongs to each of the concatenated inputs. */
function splitInputs(kernel: tf.Tensor4D, channels: readonly number[]): tf.Tensor4D[] {
  return channels.length === 1 ? [kernel] : tf.split(kernel, [...channels], 2);
}

/**
 * dL/dx: the same convolution of dL/dy with the kernel turned by 180 degrees and its channels
 * swapped. The stock gradient kernels are several times slower on every backend.
 *
 * @param of the input's channels among those of all concatenated inputs; all of them by default
 */
export function inputGradient(
  dy: tf.Tensor4D,
  kernel: tf.Tensor4D,
  of: { firstIn: number; numIn: number } = { firstIn: 0, numIn: kernel.shape[2] },
): tf.Tensor4D {
  return runStep("ConvSameInputGradient", {
    inputs: { dy, kernel },
    attributes: of,
    composed: () => {
      const [size, , numIn, numOut] = kernel.shape;
      const part =
        of.numIn === numIn
          ? kernel
          : tf.slice(kernel, [0, 0, of.firstIn, 0], [size, size, of.numIn, numOut]);
      const turned = size === 1 ? part : tf.reverse(part, [0, 1]);
      return tf.conv2d(dy, tf.transpose(turned, [0, 1, 3, 2]), 1, "same");
    },
  });
}

/**
 * dL/dK[i, j, c, o] = sum_{b, y, x} X[b, y + i, x + j, c] dY[b, y, x, o]: again a convolution, in
 * which the images of the batch are the channels, the channels of x the batch, and dY the kernel.
 */
export function kernelGradient(x: tf.Tensor4D, dy: tf.Tensor4D, kernelSize: number): tf.Tensor4D {
  return runStep("ConvSameKernelGradient", {
    inputs: { x, dy },
    attributes: { kernelSize },
    composed: () => composedKernelGradient(x, dy, kernelSize),
  });
}

function composedKernelGradient(x: tf.Tensor4D, dy: tf.Tensor4D, kernelSize: number): tf.Tensor4D {
  const [numImages, height, width, numIn] = x.shape;
  const numOut = dy.shape[3];
  if (kernelSize === 1) {
    const numPositions = numImages * height * width;
    const columns = tf.transpose(tf.reshape(x, [numPositions, numIn]));
    return tf.reshape(tf.matMul(columns, tf.reshape(dy, [numPositions, numOut])), [
      1,
      1,
      numIn,
      numOut,
    ]);
  }
  const images = tf.transpose(x, [3, 1, 2, 0]); // [C_in, H, W, B]
  const gradients = tf.transpose(dy, [1, 2, 0, 3]); // [H, W, B, C_out]
  const pad = (kernelSize - 1) / 2;
  // Written out for both axes: with a number, tfjs takes every kernel for a square, and dY is none
  // when the images are not.
  const padding: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
  const dKernel = tf.conv2d(images, gradients, 1, padding); // [C_in, k, k, C_out]
  return tf.transpose(dKernel, [1, 2, 0, 3]);
}
