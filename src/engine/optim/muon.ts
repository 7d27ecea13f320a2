import * as tf from "@tensorflow/tfjs-core";
import { numElements, type ParameterSpec } from "../nn/parameters.ts";
import { batchMatMul } from "../ops/batchMatMul.ts";
import { joinGradients, splitParameters } from "../ops/parameterVector.ts";
import { adamW } from "./adamw.ts";
import { runningMean } from "./ema.ts";
import type { OptimizerStep } from "./optimizerStep.ts";
import { isHiddenMatrix } from "./optimizers.ts";

/**
 * One step of Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) on the hidden
 * weight matrices, `[out, in]`,
 *
 * m = mu m + (1 - mu) g, u = mu m + (1 - mu) g (Nesterov's momentum),
 * p = (1 - r lr wd) p - r lr sqrt(max(1, out / in)) orthogonalize(u),
 *
 * with mu = `muonMomentum` and r = `muonRateFactor`, and of AdamW on all other parameters. A
 * convolution counts as the matrix `[out, in kh kw]` of its flattened kernels. In our layout matrices are
 * transposed and have their inputs in another order, which makes no difference to the result.
 */
export const muon: OptimizerStep = (inputs) => {
  const { state, learningRate, config, parameters } = inputs;
  const { weightDecay, muonMomentum } = config;
  const matrices = parameters.filter(isHiddenMatrix);
  const others = parameters.filter((parameter) => !isHiddenMatrix(parameter));
  const values = split(parameters, inputs.values);
  const gradients = split(parameters, inputs.gradient);

  const gradient = join(matrices, gradients);
  const momentum = runningMean(state.momentum as tf.Tensor1D, gradient, muonMomentum);
  const update = orthogonalizeAll(matrices, runningMean(momentum, gradient, muonMomentum));
  const rate = config.muonRateFactor * learningRate;
  const kept = tf.mul(join(matrices, values), 1 - rate * weightDecay);
  const next = tf.sub<tf.Tensor1D>(kept, tf.mul(update, rate));
  const rest = adamW({
    ...inputs,
    values: join(others, values),
    gradient: join(others, gradients),
  });
  return {
    values: join(parameters, new Map([...split(matrices, next), ...split(others, rest.values)])),
    state: { ...rest.state, momentum },
  };
};

type Parts = ReadonlyMap<ParameterSpec, tf.Tensor>;

function split(parameters: readonly ParameterSpec[], vector: tf.Tensor1D): Parts {
  const parts = splitParameters(parameters, vector);
  return new Map(parts.map((part, i) => [parameters[i] as ParameterSpec, part]));
}

function join(parameters: readonly ParameterSpec[], parts: Parts): tf.Tensor1D {
  const tensors = parameters.map((parameter) => parts.get(parameter) as tf.Tensor);
  return joinGradients(parameters, tensors);
}

/** The orthogonalized and scaled updates of all matrices, in one vector in the same order. */
function orthogonalizeAll(matrices: readonly ParameterSpec[], updates: tf.Tensor1D): tf.Tensor1D {
  const parts = split(matrices, updates);
  // Matrices of the same size go together: the network has dozens of them, but few sizes.
  const sizeOf = ({ shape }: ParameterSpec) => [numElements(shape.slice(0, -1)), shape.at(-1) ?? 1];
  const sizes = new Map(matrices.map((matrix) => [String(sizeOf(matrix)), sizeOf(matrix)]));
  const done = [...sizes].flatMap(([key, [numIn = 1, numOut = 1]]) => {
    const alike = matrices.filter((matrix) => String(sizeOf(matrix)) === key);
    const x = tf.reshape<tf.Rank.R4>(join(alike, parts), [1, alike.length, numIn, numOut]);
    const scaled = tf.mul(orthogonalize(x), Math.sqrt(Math.max(1, numOut / numIn)));
    return [...split(alike, tf.reshape(scaled, [-1]))];
  });
  return join(matrices, new Map(done));
}

/** Coefficients of the polynomial a X + b (X X^T) X + c (X X^T)^2 X, which brings singular values near 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const NUM_ITERATIONS = 5;

/**
 * Approximates the nearest orthogonal matrix to each of `[1, n, numIn, numOut]` by Newton-Schulz iterations:
 * singular values become 0.7 to 1.2. In float32, where the original uses bfloat16.
 */
export function orthogonalize(matrices: tf.Tensor4D): tf.Tensor4D {
  const [, , numIn, numOut] = matrices.shape;
  // Use the smaller of the two products with its own transpose.
  const isTall = numIn > numOut;
  const norm = tf.sqrt(tf.sum(tf.square(matrices), [2, 3], true));
  let x = tf.div<tf.Tensor4D>(matrices, tf.add(norm, 1e-7));
  for (let i = 0; i < NUM_ITERATIONS; i++) {
    const next = tf.tidy(() => {
      const gram = batchMatMul(x, x, { transposeA: isTall, transposeB: !isTall });
      const factor = tf.add<tf.Tensor4D>(tf.mul(gram, B), tf.mul(batchMatMul(gram, gram), C));
      const product = isTall ? batchMatMul(x, factor) : batchMatMul(factor, x);
      return tf.add<tf.Tensor4D>(tf.mul(x, A), product);
    });
    x.dispose();
    x = next;
  }
  return x;
}
