import type * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import type { ParameterSpec } from "../nn/parameters.ts";

/** The tensors that an optimizer keeps, by their names in its entry of `OPTIMIZERS`. */
export type OptimizerState = Record<string, tf.Tensor1D>;

export interface OptimizerInputs {
  /** `[P]` */
  values: tf.Tensor1D;
  /** `[P]` */
  gradient: tf.Tensor1D;
  state: OptimizerState;
  /** The number of the step, from 1. */
  step: number;
  /** The schedule's value at this step. */
  learningRate: number;
  config: RunConfig;
  /** The layers' parameters, in the order in which `values` has them. */
  parameters: readonly ParameterSpec[];
}

/** Returns new tensors, within a `tf.tidy` of the caller, who keeps the inputs. */
export type OptimizerStep = (inputs: OptimizerInputs) => {
  values: tf.Tensor1D;
  state: OptimizerState;
};
