/**
 * The table of optimizers, for settings, form, checkpoints and memory. It needs no TensorFlow.js. An entry has its step in a
 * file beside this one, which `OPTIMIZER_STEPS` in `engine/train/trainState.ts` names, and its own settings among the
 * hyperparameters of training; clipping and the moving average come with every optimizer.
 */
import type { ParameterSpec } from "../nn/parameters.ts";

interface OptimizerEntry {
  label: string;
  /** What it does, in one sentence with its source. */
  help: string;
  /** The settings it has that not every optimizer has; the form shows those of the chosen one. */
  hyperparameters: readonly string[];
  /** The tensors it keeps from step to step, by the names that its step uses; zeros at first. */
  state: Readonly<Record<string, StateVector>>;
}

/** A tensor with a number for each parameter, or for some of them. */
interface StateVector {
  /** The prefix of its tensors in a checkpoint, followed by the name of a parameter. */
  prefix: string;
  /** The parameters that it has numbers for; all when left out. */
  covers?: (parameter: ParameterSpec) => boolean;
}

const ADAMW_SETTINGS = ["beta1", "beta2", "adamEps", "weightDecay"] as const;

/** To add one: an entry here, its step in a file of its own, and that in `OPTIMIZER_STEPS`. */
export const OPTIMIZERS = {
  adamw: {
    label: "AdamW",
    help: "AdamW divides each parameter's mean gradient by its root mean square (Loshchilov and Hutter 2019).",
    hyperparameters: ADAMW_SETTINGS,
    state: { mean: { prefix: "optimizer.exp_avg." }, square: { prefix: "optimizer.exp_avg_sq." } },
  },
  muon: {
    label: "Muon",
    help: "Muon makes the mean gradient of every hidden weight matrix orthogonal; the other parameters have AdamW (Jordan et al. 2024).",
    hyperparameters: [...ADAMW_SETTINGS, "muonMomentum", "muonRateFactor"],
    state: {
      momentum: { prefix: "optimizer.momentum_buffer.", covers: isHiddenMatrix },
      mean: { prefix: "optimizer.exp_avg.", covers: (parameter) => !isHiddenMatrix(parameter) },
      square: {
        prefix: "optimizer.exp_avg_sq.",
        covers: (parameter) => !isHiddenMatrix(parameter),
      },
    },
  },
} as const satisfies Record<string, OptimizerEntry>;

export type OptimizerId = keyof typeof OPTIMIZERS;

/** The state tensors of an optimizer, each with the parameters that it has numbers for. */
export function stateVectors(id: OptimizerId, parameters: readonly ParameterSpec[]) {
  const state: OptimizerEntry["state"] = OPTIMIZERS[id].state;
  return Object.entries(state).map(([name, { prefix, covers }]) => ({
    name,
    prefix,
    parameters: covers ? parameters.filter(covers) : parameters,
  }));
}

/** Images have one channel, or two at the input with self-conditioning. */
const MAX_IMAGE_CHANNELS = 2;

/**
 * Whether Muon updates a parameter: the weights of convolutions and fully connected layers, except those
 * that read or write images; not biases, gains, or learned keys and values.
 */
export function isHiddenMatrix({ shape, layout }: ParameterSpec): boolean {
  const isWeight = layout === "conv" || layout === "unshuffledConv" || layout === "linear";
  return isWeight && Math.min(...shape.slice(-2)) > MAX_IMAGE_CHANNELS;
}
