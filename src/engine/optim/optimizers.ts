/** The table of optimizers: what settings, form, checkpoints and memory go by, without TensorFlow.js. */
import type { ParameterSpec } from "../nn/parameters.ts";

interface OptimizerEntry {
  label: string;
  /** What it does, in one sentence with its source. */
  help: string;
  /** The settings that only some optimizers have: of these the form shows those of the chosen one. */
  hyperparameters: readonly string[];
  /** What it keeps from step to step, by the names that its step has for them: zeros at first. */
  state: Readonly<Record<string, StateVector>>;
}

/** Numbers of all parameters, or of some, in one tensor. */
interface StateVector {
  /** Of its tensors in a checkpoint: the name of a parameter follows. */
  prefix: string;
  /** Which parameters it has numbers of; all when left out. */
  covers?: (parameter: ParameterSpec) => boolean;
}

/** To add one: an entry here, its step in a file of its own, and that in `optimizerSteps.ts`. */
export const OPTIMIZERS = {
  adamw: {
    label: "AdamW",
    help: "AdamW divides each parameter's mean gradient by its root mean square (Loshchilov and Hutter 2019).",
    hyperparameters: ["beta1", "beta2", "adamEps", "weightDecay"],
    state: {
      mean: { prefix: "optimizer.exp_avg." },
      square: { prefix: "optimizer.exp_avg_sq." },
    },
  },
  muon: {
    label: "Muon",
    help: "Muon makes the mean gradient of every hidden weight matrix orthogonal; the other parameters have AdamW (Jordan et al. 2024).",
    hyperparameters: [
      ...["beta1", "beta2", "adamEps", "weightDecay", "muonMomentum", "muonRateFactor"],
    ],
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

/** What an optimizer keeps, each with the parameters of a network that it has numbers of. */
export function stateVectors(id: OptimizerId, parameters: readonly ParameterSpec[]) {
  const state: OptimizerEntry["state"] = OPTIMIZERS[id].state;
  return Object.entries(state).map(([name, { prefix, covers }]) => ({
    ...{ name, prefix },
    parameters: covers ? parameters.filter(covers) : parameters,
  }));
}

/** An image comes in as one channel, two with self-conditioning, and goes out as one. */
const MAX_IMAGE_CHANNELS = 2;

/**
 * Whether Muon takes it: weights of convolutions and fully connected layers, but for those from and
 * to images, and no biases, gains or learned keys and values.
 */
export function isHiddenMatrix({ shape, layout }: ParameterSpec): boolean {
  const isWeight = layout === "conv" || layout === "unshuffledConv" || layout === "linear";
  return isWeight && Math.min(...shape.slice(-2)) > MAX_IMAGE_CHANNELS;
}
