import * as tf from "@tensorflow/tfjs-core";
import { plus } from "./elementwise.ts";
import { hasKernel, type Resample, runKernel, runStep } from "./kernel.ts";
import { spatialSums } from "./pooling.ts";
import { pixelUnshuffle, upsampleNearest } from "./resample.ts";
import { withGradient } from "./tape.ts";

interface ConvExtras {
  /** `[C_out]`. */
  bias?: tf.Tensor1D | undefined;
  /** Added to the result, as a residual connection does: `[B, H, W, C_out]`. */
  addend?: tf.Tensor4D | undefined;
}

/**
 * Convolution with stride 1 that keeps the image size. Several inputs count as concatenated along the
 * channels, without being copied: y = sum_i conv(x_i, K_i) + b + addend, with K_i the slice of the kernel
 * that belongs to input i. On WebAssembly TensorFlow.js concatenates in JavaScript, which takes as long as the
 * convolution that follows (4 ms for 32 x 28 x 28 x 32).
 *
 * @param inputs `[B, H, W, C_i]` each, at most two
 * @param kernel `[k, k, sum C_i, C_out]`, k odd
 * @returns `[B, H, W, C_out]`
 */
export function conv2d(
  inputs: tf.Tensor4D | readonly tf.Tensor4D[],
  kernel: tf.Tensor4D,
  { bias, addend }: ConvExtras = {},
): tf.Tensor4D {
  const xs = "dataId" in inputs ? [inputs] : inputs;
  const channels = xs.map((x) => x.shape[3]);
  const others = [kernel, ...(bias ? [bias] : []), ...(addend ? [addend] : [])];
  return withGradient([...xs, ...others], () => ({
    value: convForward(xs, kernel, { bias, addend }),
    gradient: (dValue, { isNeeded, takeSum, takeAddends }) => {
      const dy = dValue as tf.Tensor4D;
      const dXs = xs.every((_, i) => isNeeded[i])
        ? inputGradients(dy, kernel, {
            channels,
            addends: xs.length === 1 ? takeAddends(0) : xs.map((_, i) => takeSum(i)),
          })
        : xs.map(() => undefined);
      const [dKernel, dBias] = kernelGradient(xs, dy, kernel.shape[0]);
      return [...dXs, dKernel, ...(bias ? [dBias] : []), ...(addend ? [dy] : [])];
    },
  }));
}

/** `conv2d` without its gradient. */
export function convForward(
  xs: readonly tf.Tensor4D[],
  kernel: tf.Tensor4D,
  { bias, addend }: ConvExtras,
): tf.Tensor4D {
  const [x0, x1] = xs as [tf.Tensor4D, tf.Tensor4D?];
  return runStep("ConvSame", {
    inputs: { x0, x1, kernel, bias, addend },
    composed: () => composedForward(xs, kernel, { bias, addend }),
  });
}

function composedForward(xs: readonly tf.Tensor4D[], kernel: tf.Tensor4D, extras: ConvExtras) {
  const { bias, addend } = extras;
  const channels = xs.map((x) => x.shape[3]);
  // The part of the kernel that belongs to each of the concatenated inputs.
  const kernels = channels.length === 1 ? [kernel] : tf.split(kernel, channels, 2);
  const parts = xs.map((x, i) =>
    tf.fused.conv2d({
      x,
      filter: kernels[i] as tf.Tensor4D,
      strides: 1,
      pad: "same",
      ...(bias && i === 0 ? { bias } : {}),
    }),
  );
  return plus(parts.reduce((sum, part) => tf.add(sum, part)) as tf.Tensor4D, addend);
}

interface InputGradientsOptions {
  /** Channels of each input. */
  channels: readonly number[];
  /** One for each input; or up to two for the only one. */
  addends: readonly (tf.Tensor4D | undefined)[];
}

function inputGradients(
  dy: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { channels, addends }: InputGradientsOptions,
): tf.Tensor4D[] {
  const [addend0, addend1] = addends;
  return runStep("ConvSameInputGradients", {
    inputs: { dy, kernel, addend0, addend1 },
    attrs: { channels: [...channels] },
    composed: () =>
      channels.map((numIn, i) => {
        const firstIn = channels.slice(0, i).reduce((sum, count) => sum + count, 0);
        const isOnly = channels.length === 1 && addend0;
        const addend = isOnly ? plus(isOnly, addend1) : addends[i];
        return inputGradient(dy, kernel, { firstIn, numIn, addend });
      }),
  });
}

/**
 * A convolution of the unshuffled or upsampled image, `[B, H, W, C_out]`; see `pixelUnshuffle`, `upsampleNearest` and `conv2d`.
 * A kernel need not write that image: in a step of Assignment on WebGPU resampling takes 2 programs instead of 10.
 */
export function resampledConv(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { bias, resample }: { bias: tf.Tensor1D; resample: Resample },
): tf.Tensor4D {
  // Rows of squares are read in twos.
  if (!hasKernel("ResampledConv") || x.shape[3] % 2 !== 0) {
    const resampled = resample === "unshuffle" ? pixelUnshuffle(x) : upsampleNearest(x);
    return conv2d(resampled, kernel, { bias });
  }
  return withGradient([x, kernel, bias], () => ({
    value: runKernel("ResampledConv", { inputs: { x, kernel, bias }, attrs: { resample } }),
    gradient: (dy, { takeSum }) => [
      runKernel<"ResampledConvInputGradient", tf.Tensor4D>("ResampledConvInputGradient", {
        inputs: { dy, kernel, addend: takeSum(0) },
        attrs: { resample },
      }),
      ...runKernel<"ResampledConvKernelGradient", tf.Tensor[]>("ResampledConvKernelGradient", {
        inputs: { x, dy },
        attrs: { resample, kernelSize: kernel.shape[0] },
      }),
    ],
  }));
}

interface InputGradientOptions {
  /** The input's channels among those of all concatenated inputs. */
  firstIn: number;
  numIn: number;
  /** Added to the result, `[B, H, W, numIn]`. */
  addend?: tf.Tensor4D | undefined;
}

/**
 * dL/dx: the convolution of dL/dy with the kernel rotated by 180 degrees and its channels swapped. Stock
 * gradient kernels are several times slower on every backend.
 */
export function inputGradient(
  dy: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { firstIn, numIn, addend }: InputGradientOptions,
): tf.Tensor4D {
  return runStep("ConvSameInputGradient", {
    inputs: { dy, kernel, addend },
    attrs: { firstIn, numIn },
    composed: () => {
      const [size, , allIn, numOut] = kernel.shape;
      const part =
        numIn === allIn
          ? kernel
          : tf.slice(kernel, [0, 0, firstIn, 0], [size, size, numIn, numOut]);
      const turned = size === 1 ? part : tf.reverse(part, [0, 1]);
      return plus(tf.conv2d(dy, tf.transpose(turned, [0, 1, 3, 2]), 1, "same"), addend);
    },
  });
}

/**
 * dL/dK[i, j, c, o] = sum_{b, y, x} X[b, y + i, x + j, c] dY[b, y, x, o], and the bias' dL/db.
 *
 * @returns gradients of the kernel `[k, k, sum C_i, C_out]` and of the bias `[C_out]`, either of which may
 *   come in parts (see `joinGradients`)
 */
export function kernelGradient(xs: readonly tf.Tensor4D[], dy: tf.Tensor4D, kernelSize: number) {
  const [x0, x1] = xs as [tf.Tensor4D, tf.Tensor4D?];
  return runStep("ConvSameKernelGradient", {
    inputs: { x0, x1, dy },
    attrs: { kernelSize },
    composed: () => {
      const dKernels = xs.map((x) => composedKernelGradient(x, dy, kernelSize));
      return [tf.concat(dKernels, 2), tf.sum(spatialSums(dy), [0, 1, 2])];
    },
  });
}

/** Itself a convolution: the images of the batch are its channels, the channels of x its batch, dY its kernel. */
export function composedKernelGradient(x: tf.Tensor4D, dy: tf.Tensor4D, kernelSize: number) {
  const [numImages, height, width, numIn] = x.shape;
  const numOut = dy.shape[3];
  if (kernelSize === 1) {
    const numPositions = numImages * height * width;
    const columns = tf.transpose(tf.reshape(x, [numPositions, numIn]));
    const dKernel = tf.matMul(columns, tf.reshape(dy, [numPositions, numOut]));
    return tf.reshape<tf.Rank.R4>(dKernel, [1, 1, numIn, numOut]);
  }
  const images = tf.transpose(x, [3, 1, 2, 0]); // [C_in, H, W, B]
  const gradients = tf.transpose(dy, [1, 2, 0, 3]); // [H, W, B, C_out]
  const pad = (kernelSize - 1) / 2;
  // For each axis: with a single number TensorFlow.js assumes a square kernel, and dY need not be one.
  const padding: [number, number] = [pad, pad];
  const dKernel = tf.conv2d(images, gradients, 1, [[0, 0], padding, padding, [0, 0]]); // [C_in, k, k, C_out]
  return tf.transpose<tf.Tensor4D>(dKernel, [1, 2, 0, 3]);
}
