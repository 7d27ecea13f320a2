/** Measures the operations of the network one by one, with the shapes of a preset's network. */
import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, type RunConfig } from "../../../src/engine/config/hyperparameters.ts";
import { sinusoidalEmbedding } from "../../../src/engine/nn/embedding.ts";
import { numElements } from "../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../src/engine/nn/unet.ts";
import { fullAttention, linearAttention } from "../../../src/engine/ops/attention.ts";
import { conv2d } from "../../../src/engine/ops/conv.ts";
import { diffusionLoss } from "../../../src/engine/ops/diffusionLoss.ts";
import { linear } from "../../../src/engine/ops/linear.ts";
import { rmsNorm, rmsNormSilu } from "../../../src/engine/ops/normSilu.ts";
import { joinGradients, splitParameters } from "../../../src/engine/ops/parameterVector.ts";
import { pixelUnshuffle, upsampleNearest } from "../../../src/engine/ops/resample.ts";
import { valueAndGradients, withGradient } from "../../../src/engine/ops/tape.ts";
import { randomNormals } from "../../../src/engine/random.ts";
import {
  applyGradient,
  disposeWeights,
  initialState,
} from "../../../src/engine/train/trainState.ts";
import { asStock } from "./asStock.ts";
import type { OperationName, SideName } from "./figures.ts";

export interface MeasuredOperation {
  /** e.g. `8 x 28 x 28 x 16`. */
  shape: string;
  /** Computes it once, and returns a small tensor of the result to wait for. The caller disposes it. */
  sides: Record<SideName, () => tf.Tensor>;
  dispose(): void;
}

/** A function of tensors. Being a method makes it bivariant, so functions of specific ranks fit. */
type Operation = { of(...inputs: tf.Tensor[]): tf.Tensor }["of"];

/** Shapes of the network at its outermost and innermost level. */
function sizesOf({ batchSize, dim, dimMults, attnHeads, attnDimHead }: RunConfig) {
  const innermost = IMAGE_SIZE / 2 ** (dimMults.length - 1);
  const middle = dim * (dimMults.at(-1) ?? 1);
  return {
    numImages: batchSize,
    images: [batchSize, IMAGE_SIZE, IMAGE_SIZE, 1],
    outer: [batchSize, IMAGE_SIZE, IMAGE_SIZE, dim],
    inner: [batchSize, innermost, innermost, middle],
    dim,
    middle,
    heads: attnHeads,
    dimHead: attnDimHead,
  };
}

const conv: Operation = (x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor1D) =>
  conv2d(x, kernel, { bias });
const layer: Operation = (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D) =>
  linear(x, weight, bias);
const norm: Operation = (x: tf.Tensor4D, gain: tf.Tensor1D) => rmsNorm(x, gain);
const normFilmSilu: Operation = (x: tf.Tensor4D, gain: tf.Tensor1D, film: tf.Tensor2D) =>
  rmsNormSilu(x, gain, { film });

const lossWithGradient: Operation = (x: tf.Tensor4D, target: tf.Tensor4D, weights: tf.Tensor4D) =>
  withGradient([x], () => {
    const { loss, slope } = diffusionLoss(x, target, weights);
    return { value: loss, saved: [slope], gradient: (dy) => [tf.mul(slope, dy)] };
  });

type Sizes = ReturnType<typeof sizesOf>;

const MEASURED: Record<OperationName, (sizes: Sizes, config: RunConfig) => MeasuredOperation> = {
  conv3x3Forward: ({ outer, dim }) => forward(conv, [outer, [3, 3, dim, dim], [dim]]),
  conv3x3: ({ outer, dim }) => withBackward(conv, [outer, [3, 3, dim, dim], [dim]]),
  conv1x1: ({ outer, dim }) => withBackward(conv, [outer, [1, 1, dim, dim], [dim]]),
  conv7x7: ({ images, dim }) => withBackward(conv, [images, [7, 7, 1, dim], [dim]]),
  norm: ({ outer, dim }) => withBackward(norm, [outer, [dim]]),
  normFilmSilu: ({ outer, dim, numImages }) =>
    withBackward(normFilmSilu, [outer, [dim], [numImages, 2 * dim]]),
  linearAttention: ({ outer, dim, heads, dimHead }) =>
    withBackward(
      (
        x: tf.Tensor4D,
        qkvKernel: tf.Tensor4D,
        memoryKeyValues: tf.Tensor4D,
        outKernel: tf.Tensor4D,
        outBias: tf.Tensor1D,
      ) => linearAttention({ x, qkvKernel, memoryKeyValues, heads, outKernel, outBias }),
      [...attentionShapes(outer, heads, dimHead), [1, 1, heads * dimHead, dim], [dim]],
    ),
  fullAttention: ({ inner, heads, dimHead }) =>
    withBackward(
      (x: tf.Tensor4D, qkvKernel: tf.Tensor4D, memoryKeyValues: tf.Tensor4D) =>
        fullAttention({ x, qkvKernel, memoryKeyValues, heads }),
      attentionShapes(inner, heads, dimHead),
    ),
  pixelUnshuffle: ({ outer }) => withBackward(pixelUnshuffle, [outer]),
  upsampling: ({ inner }) => withBackward(upsampleNearest, [inner]),
  timeEmbedding: ({ numImages, dim }) => timeEmbeddingOf(numImages, dim),
  diffusionLoss: ({ images, numImages }) =>
    withBackward(lossWithGradient, [images, images, [numImages, 1, 1, 1]], 1),
  linear: ({ numImages, dim, middle }) =>
    withBackward(
      layer,
      [[numImages, 4 * dim], [4 * dim, 2 * middle], [2 * middle]],
      3,
      asParameters,
    ),
  optimizerStep: (_, config) => optimizerStep(config),
};

/** The caller disposes the operation. */
export function measuredOperation(name: OperationName, config: RunConfig): MeasuredOperation {
  return MEASURED[name](sizesOf(config), config);
}

/** The shapes of the image, the projection and the memory. */
function attentionShapes(image: number[], heads: number, dimHead: number): number[][] {
  return [image, [1, 1, image[3] as number, 3 * heads * dimHead], [2, heads, 4, dimHead]];
}

/** Linear, GELU, Linear of the sinusoidal embedding of a batch's timesteps. */
function timeEmbeddingOf(batchSize: number, dim: number): MeasuredOperation {
  const timesteps = Int32Array.from({ length: batchSize }, (_, i) => i);
  const layers = (w1: tf.Tensor2D, b1: tf.Tensor1D, w2: tf.Tensor2D, b2: tf.Tensor1D) =>
    linear(linear(sinusoidalEmbedding(timesteps, dim), w1, b1), w2, b2, "gelu");
  const width = 4 * dim;
  return withBackward(layers, [[dim, width], [width], [width, width], [width]], 4, asParameters);
}

function forward(operation: Operation, shapes: number[][]): MeasuredOperation {
  const inputs = normals(shapes);
  const compute = () => tf.tidy(() => operation(...inputs));
  return {
    shape: formatShape(shapes),
    sides: { fused: compute, stock: () => asStock(compute) },
    dispose: () => tf.dispose(inputs),
  };
}

/** Computes the value, and the gradients of the first `numDifferentiable` inputs for a fixed gradient of the value. */
function withBackward(
  operation: Operation,
  shapes: number[][],
  numDifferentiable = shapes.length,
  make = normals,
): MeasuredOperation {
  const all = make(shapes);
  const inputs = all.slice(0, numDifferentiable);
  const ofInputs = (...xs: tf.Tensor[]) => operation(...xs, ...all.slice(numDifferentiable));
  const dy = tf.tidy(() => normal(operation(...all).shape));
  const ours = () => {
    const { value, gradients } = valueAndGradients(() => {
      const y = ofInputs(...inputs);
      // A loss whose gradient by y is dy.
      return withGradient<tf.Scalar>([y], () => ({
        value: tf.scalar(0),
        gradient: () => [tf.clone(dy)],
      }));
    }, inputs);
    value.dispose();
    // Gradients that come in parts are summed, as in a training step.
    return gradients.map((gradient, i) => {
      const input = inputs[i] as tf.Tensor;
      return gradient.size === input.size ? gradient : joinGradients([input], [gradient]);
    });
  };
  const stock = () => asStock(() => tf.grads(ofInputs)(inputs, dy));
  return {
    shape: formatShape(shapes),
    sides: {
      fused: () => tf.tidy(() => smallest(ours())),
      stock: () => tf.tidy(() => smallest(stock())),
    },
    dispose: () => tf.dispose([...all, dy]),
  };
}

/** A step on all parameters of the network. Ours also clips the gradient and updates the moving average. */
function optimizerStep(config: RunConfig): MeasuredOperation {
  const unet = createUnet(config);
  const { parameters } = unet;
  const state = initialState(unet, config, null);
  const gradient = normal(state.values.shape) as tf.Tensor1D;
  const variables = tf.tidy(() =>
    splitParameters(parameters, state.values).map((value) => tf.variable(value)),
  );
  const gradients = tf.tidy(() => splitParameters(parameters, gradient));
  const optimizer = tf.train.adam(config.learningRate);
  // The length of the run does not change the time.
  const ours = { ...config, totalSteps: Number.POSITIVE_INFINITY, parameters };
  const named = variables.map(({ name }, i) => ({ name, tensor: gradients[i] as tf.Tensor }));
  return {
    shape: `${gradient.size.toLocaleString("en")} parameters`,
    sides: {
      fused: () => applyGradient(state, gradient, ours),
      stock: () =>
        asStock(() => {
          optimizer.applyGradients(named);
          return tf.clone(smallest(variables));
        }),
    },
    dispose() {
      disposeWeights(state);
      optimizer.dispose();
      tf.dispose([gradient, ...gradients, ...variables]);
    },
  };
}

/** `index` tells inputs of the same shape apart. */
function normals(shapes: number[][]): tf.Tensor[] {
  return shapes.map((shape, index) => normal(shape, index));
}

/** In one buffer, as layers of a network have theirs. */
function asParameters(shapes: number[][]): tf.Tensor[] {
  return tf.tidy(() => {
    const values = normals(shapes);
    const vector = tf.concat1d(values.map((value) => tf.reshape<tf.Rank.R1>(value, [-1])));
    return splitParameters(values, vector);
  });
}

function normal(shape: number[], index = 0): tf.Tensor {
  const values = randomNormals({ seed: 0, stream: "noise", index }, numElements(shape));
  return tf.tensor(values, shape);
}

/** The tensor to read, which should take as little time as possible. */
function smallest<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.reduce((least, tensor) => (tensor.size < least.size ? tensor : least));
}

/** A text of the shape of the input, and of the output channels of the first weights. */
function formatShape([x = [], weights = []]: number[][]): string {
  const numOut = weights.length > 1 ? ` to ${weights.at(-1)}` : "";
  return `${x.join(" x ")}${numOut}`;
}
