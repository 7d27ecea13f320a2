import type * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import type { ParameterSpec } from "../nn/parameters.ts";

/** What an optimizer keeps from step to step, by the names in its entry of `OPTIMIZERS`. */
export type OptimizerState = Record<string, tf.Tensor1D>;

interface OptimizerInputs {
  /** `[P]` */
  values: tf.Tensor1D;
  /** `[P]` */
  gradient: tf.Tensor1D;
  state: OptimizerState;
  /** 1-based. */
  step: number;
  /** Of this step. */
  learningRate: number;
  config: RunConfig;
  /** In the order of the values. */
  parameters: readonly ParameterSpec[];
}

/** Makes new tensors, within a `tf.tidy`; the inputs stay the caller's. */
export type OptimizerStep = (inputs: OptimizerInputs) => {
  values: tf.Tensor1D;
  state: OptimizerState;
};
