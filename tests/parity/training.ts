import * as tf from "@tensorflow/tfjs-core";
import { adamW } from "../../src/engine/optim/adamw.ts";
import { type Denoiser, lossAndGradient } from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import {
  batchOf,
  type Comparison,
  compareParameters,
  OUTPUT_BOUND,
  type Reference,
} from "./reference.ts";

/** PyTorch's defaults. */
const ADAMW = { beta1: 0.9, beta2: 0.999, adamEps: 1e-8, weightDecay: 0.01 };

/**
 * Steps of AdamW from `weight.*` on `train.<step>.*`, as many as the file has. The caller disposes the weights.
 *
 * @param batchAt reads the batch whose quantities begin with a prefix
 */
export async function* compareTraining(
  reference: Reference,
  denoiser: Denoiser,
  {
    learningRate = 4e-4,
    batchAt = (prefix: string) => batchOf(reference, prefix, denoiser.network.classes),
  } = {},
): AsyncGenerator<Comparison, tf.Tensor1D> {
  const expected = reference.get("train.losses").values;
  let values = tf.clone(denoiser.values);
  let state = { mean: tf.zerosLike(values), square: tf.zerosLike(values) };
  const losses: number[] = [];
  for (let step = 1; step <= expected.length; step++) {
    const batch = batchAt(`train.${step - 1}.`);
    const { loss, gradient } = lossAndGradient({ ...denoiser, values }, batch);
    losses.push(...(await loss.data()));
    const next = adamW({ values, gradient, state, step, learningRate, config: ADAMW });
    tf.dispose([loss, gradient, values, state.mean, state.square]);
    values = next.values;
    state = next.state;
  }
  const error = relativeError(losses, expected);
  yield { quantity: "train.losses", error, bound: OUTPUT_BOUND };
  yield* compareParameters(reference, denoiser.network, "trained", await values.data());
  return values;
}
