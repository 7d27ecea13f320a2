import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { hasTeacher, studentStepsOf } from "../config/studentSteps.ts";
import type { NeuralNetwork } from "../nn/network.ts";
import { initialValues, type ParameterSpec, totalElements } from "../nn/parameters.ts";
import { adamW } from "../optim/adamw.ts";
import { clipByGlobalNorm, globalNorm } from "../optim/clip.ts";
import { DECAYS } from "../optim/decays.ts";
import { emaDecayAt, emaStep } from "../optim/ema.ts";
import { muon } from "../optim/muon.ts";
import type { OptimizerState, OptimizerStep } from "../optim/optimizerStep.ts";
import { type OptimizerId, stateVectors } from "../optim/optimizers.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Teacher } from "./gradient.ts";

/** The steps of `OPTIMIZERS`. */
const OPTIMIZER_STEPS: Record<OptimizerId, OptimizerStep> = { adamw: adamW, muon };

/** The weights that samples are drawn from; `[P]` each. */
export interface Weights {
  /** Optimizer steps done. */
  step: number;
  values: tf.Tensor1D;
  /** Moving average of the values; null when the run keeps none. */
  ema: tf.Tensor1D | null;
}

/** All that an optimizer step changes. The state owns its tensors. */
export interface TrainState extends Weights {
  optimizerState: OptimizerState;
  /** The values that a student learns from, `[P]`; null but in a distillation. */
  teacher: tf.Tensor1D | null;
}

/**
 * @param startValues weights to begin with, `[P]`, where there is a teacher those of it; null for the initial
 *   weights of the seed
 * @throws Error where the teacher is missing
 */
export function initialState(
  network: NeuralNetwork,
  config: RunConfig,
  startValues: Float32Array | null,
): TrainState {
  const { seed, emaDecay, optimizer } = config;
  if (hasTeacher(config) && !startValues) {
    throw new Error("Expected the weights of a trained network to learn from, got none.");
  }
  const values = tf.tensor1d(startValues ?? initialValues(network.parameters, seed));
  return {
    step: 0,
    values,
    optimizerState: Object.fromEntries(
      stateVectors(optimizer, network.parameters).map(({ name, parameters }) => [
        name,
        tf.zeros<tf.Rank.R1>([totalElements(parameters)]),
      ]),
    ),
    ema: emaDecay > 0 ? tf.clone(values) : null,
    teacher: hasTeacher(config) ? tf.clone(values) : null,
  };
}

/** The state that a checkpoint holds, on the device. */
export function stateOf(checkpoint: Checkpoint): TrainState {
  const { optimizerState, teacher } = checkpoint;
  const vectors = Object.entries(optimizerState);
  return {
    ...tensorsOfWeights(checkpoint),
    optimizerState: Object.fromEntries(
      vectors.map(([name, values]) => [name, tf.tensor1d(values)]),
    ),
    teacher: teacher ? tf.tensor1d(teacher) : null,
  };
}

/** The inverse, read from the device, with where the run stands. */
export async function checkpointOf(
  { step, values, optimizerState, ema, teacher }: TrainState,
  position: Pick<Checkpoint, "numEpochs" | "lossSum">,
): Promise<Checkpoint> {
  const read = (tensor: tf.Tensor1D) => tensor.data<"float32">();
  const [valuesRead, emaRead, teacherRead, ...vectors] = await Promise.all([
    ...([read(values), ema && read(ema), teacher && read(teacher)] as const),
    ...Object.entries(optimizerState).map(async ([name, vector]) => [name, await read(vector)]),
  ]);
  const state = Object.fromEntries(vectors);
  const weights = { values: valuesRead, ema: emaRead, teacher: teacherRead };
  return { step, ...position, ...weights, optimizerState: state };
}

export function tensorsOfWeights({ step, values, ema }: Checkpoint): Weights {
  return { step, values: tf.tensor1d(values), ema: ema && tf.tensor1d(ema) };
}

export function cloneWeights({ step, values, ema }: Weights): Weights {
  return { step, values: tf.clone(values), ema: ema && tf.clone(ema) };
}

/** What an optimizer step depends on: the settings, the length of the run, and the parameters. */
export interface OptimizerConfig extends RunConfig {
  /** Optimizer steps to the end of the last epoch, of a distillation to that of a phase. */
  totalSteps: number;
  parameters: readonly ParameterSpec[];
}

/**
 * Learning rate of a step (1-based): linear warm-up, then as `DECAYS` says from the share of steps done since.
 * So the first step after the warm-up has the full rate, and with a cosine the step after the last would have 0;
 * every `totalSteps` steps it begins anew (Loshchilov and Hutter 2017, equation 5 and warm restarts).
 */
export function learningRateAt(
  stepOfRun: number,
  config: Pick<OptimizerConfig, "learningRate" | "warmupSteps" | "lrDecay" | "totalSteps">,
): number {
  const { learningRate, warmupSteps, totalSteps } = config;
  const step = ((stepOfRun - 1) % totalSteps) + 1;
  if (step <= warmupSteps) return learningRate * (step / warmupSteps);
  const share = (step - 1 - warmupSteps) / (totalSteps - warmupSteps);
  return learningRate * DECAYS[config.lrDecay].factor(share);
}

/**
 * Replaces the tensors of the state by those of the next. Returns the norm that the gradient had before
 * clipping, a scalar; the caller disposes it.
 *
 * @param gradient `[P]`
 */
export function applyGradient(
  state: TrainState,
  gradient: tf.Tensor1D,
  config: OptimizerConfig,
): tf.Scalar {
  const { norm, next } = nextState(state, gradient, config);
  disposeWeights(state);
  Object.assign(state, next);
  return norm;
}

/**
 * The state after the gradient is clipped, an optimizer step taken and the moving average updated; the one
 * before is left as it is. The caller disposes both.
 */
export function nextState(
  { step: before, values, optimizerState: state, ema, teacher }: TrainState,
  gradient: tf.Tensor1D,
  config: OptimizerConfig,
): { norm: tf.Scalar; next: TrainState } {
  const step = before + 1;
  const { maxGradNorm: maxNorm, parameters } = config;
  const made = tf.tidy(() => {
    const norm = globalNorm(gradient);
    const next = OPTIMIZER_STEPS[config.optimizer]({
      values,
      state,
      step,
      config,
      parameters,
      gradient: maxNorm > 0 ? clipByGlobalNorm(gradient, { norm, maxNorm }) : gradient,
      learningRate: learningRateAt(step, config),
    });
    const nextEma = ema && emaStep(ema, next.values, emaDecayAt(step, config));
    return { norm, ...next, ...(nextEma && { ema: nextEma }) };
  });
  const { norm, values: nextValues, state: optimizerState, ema: nextEma = null } = made;
  const weights = { step, values: nextValues, ema: nextEma };
  return { norm, next: { ...weights, optimizerState, teacher: teacher && tf.clone(teacher) } };
}

/** Disposes all tensors of the state. */
export function disposeWeights(weights: Weights): void {
  tf.dispose({ ...weights } as tf.TensorContainerObject);
}

/**
 * The teacher after so many finished phases; null where there is none. In a distillation guidance is the first one's alone:
 * its student does by itself what guidance did, and teaches it to the next.
 */
export function teacherOf(
  { teacher: values }: TrainState,
  config: RunConfig,
  numPhases: number,
): Teacher | null {
  if (!values) return null;
  if (config.reflowSteps > 0) {
    return { values, teaches: "reflow", numSteps: config.reflowSteps, guidance: 1 };
  }
  const guidance = numPhases === 0 ? config.distilGuidance : 1;
  return { values, teaches: "halving", numSteps: studentStepsOf(config, numPhases), guidance };
}

/**
 * Begins the next phase: of the student that has learned the moving average, or its values where there is none,
 * becomes the teacher, and the next student begins as a copy of it.
 */
export function beginPhase(state: TrainState): void {
  const { values, ema, teacher } = state;
  state.values = tf.clone(ema ?? values);
  state.teacher = tf.clone(state.values);
  tf.dispose([values, teacher ?? []]);
}
