import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { studentStepsOf } from "../config/studentSteps.ts";
import type { Teacher } from "./gradient.ts";
import type { TrainState } from "./trainState.ts";

/**
 * The teacher after so many finished phases; null but in a distillation. Guidance is the first one's alone:
 * its student does by itself what guidance did, and teaches it to the next.
 */
export function teacherOf(
  { teacher: values }: TrainState,
  config: RunConfig,
  numPhases: number,
): Teacher | null {
  if (!values) return null;
  const guidance = numPhases === 0 ? config.distilGuidance : 1;
  return { values, numSteps: studentStepsOf(config, numPhases), guidance };
}

/**
 * Begins the next phase: the student that has learned, with the moving average of its values where there is
 * one, becomes the teacher, and the next student begins as a copy of it.
 */
export function beginPhase(state: TrainState): void {
  const { values, ema, teacher } = state;
  state.values = tf.clone(ema ?? values);
  state.teacher = tf.clone(state.values);
  tf.dispose([values, teacher ?? []]);
}
