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
 * convolution counts as the matrix `[out, in kh kw]` of its flattened kernels. Here matrices lie
 * transposed and with their inputs in another order, and so does what comes of them.
 */
export const muon: OptimizerStep = (inputs) => {
  const { values, gradient, state, learningRate, config, parameters } = inputs;
  const matrices = parameters.filter(isHiddenMatrix);
  const others = parameters.filter((parameter) => !isHiddenMatrix(parameter));
  const parts = (vector: tf.Tensor1D, of: readonly ParameterSpec[]) => {
    const all = splitParameters(parameters, vector);
    return joinGradients(
      of,
      of.map((parameter) => all[parameters.indexOf(parameter)] as tf.Tensor),
    );
  };

  const g = parts(gradient, matrices);
  const momentum = runningMean(state.momentum as tf.Tensor1D, g, config.muonMomentum);
  const update = orthogonalizeAll(runningMean(momentum, g, config.muonMomentum), matrices);
  const rate = config.muonRateFactor * learningRate;
  const kept = tf.mul(parts(values, matrices), 1 - rate * config.weightDecay);
  const next = tf.sub<tf.Tensor1D>(kept, tf.mul(update, rate));
  const rest = adamW({
    ...inputs,
    ...{ values: parts(values, others), gradient: parts(gradient, others), parameters: others },
  });
  const nextOf = new Map([
    ...splitParameters(matrices, next).map((value, i) => [matrices[i], value] as const),
    ...splitParameters(others, rest.values).map((value, i) => [others[i], value] as const),
  ]);
  return {
    values: joinGradients(
      parameters,
      parameters.map((parameter) => nextOf.get(parameter) as tf.Tensor),
    ),
    state: { ...rest.state, momentum },
  };
};

/**
 * @param update of all matrices, one after the other
 * @returns the same of their orthogonalized and scaled updates
 */
function orthogonalizeAll(update: tf.Tensor1D, matrices: readonly ParameterSpec[]): tf.Tensor1D {
  const parts = splitParameters(matrices, update);
  const results: tf.Tensor[] = [];
  // Those of one size together: the network has dozens of matrices, but few sizes.
  const sizes = matrices.map(({ shape }) => [numElements(shape.slice(0, -1)), shape.at(-1) ?? 1]);
  for (const key of new Set(sizes.map(String))) {
    const places = [...matrices.keys()].filter((i) => String(sizes[i]) === key);
    const [numIn, numOut] = sizes[places[0] as number] as [number, number];
    const specs = places.map((i) => matrices[i] as ParameterSpec);
    const joined = joinGradients(
      specs,
      places.map((i) => parts[i] as tf.Tensor),
    );
    const orthogonal = orthogonalize(tf.reshape(joined, [1, places.length, numIn, numOut]));
    const scaled = tf.mul(orthogonal, Math.sqrt(Math.max(1, numOut / numIn)));
    for (const [i, part] of splitParameters(specs, tf.reshape(scaled, [-1])).entries()) {
      results[places[i] as number] = part;
    }
  }
  return joinGradients(matrices, results);
}

/** Of the polynomial a X + b (X X^T) X + c (X X^T)^2 X, which brings singular values near 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const NUM_ITERATIONS = 5;

/**
 * Nearly the orthogonal matrix that is nearest to each matrix, by Newton-Schulz iterations: singular
 * values become 0.7 to 1.2. In float32, where the source has bfloat16.
 *
 * @param matrices `[1, n, numIn, numOut]`
 */
export function orthogonalize(matrices: tf.Tensor4D): tf.Tensor4D {
  const [, , numIn, numOut] = matrices.shape;
  // Of the two products with its own transpose the smaller.
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
