import type { RunConfig } from "../config/hyperparameters.ts";
import { hasTeacher } from "../config/studentSteps.ts";
import { FormatError, quoted } from "../formats/formatError.ts";
import type { StoredTensor, WritableTensor } from "../formats/safetensors/safetensors.ts";
import { networkParameters } from "../nn/networkBlocks.ts";
import { fromStateDict, writableTensors } from "../nn/stateDict.ts";
import { OPTIMIZERS, stateVectors } from "../optim/optimizers.ts";

/**
 * All that is needed to continue a run exactly as if it had never stopped. Random numbers are functions
 * of seed and step (`draws.ts`), so there is no generator state to store.
 */
export interface Checkpoint {
  /** Optimizer steps done. */
  step: number;
  /** Finished epochs, including their validation; the steps after these are the position in the next. */
  numEpochs: number;
  /** Sum of the losses of the images seen in the current epoch. */
  lossSum: number;
  /** The parameters, `[P]`, in our order and layout (`nn/layout.ts`). */
  values: Float32Array;
  /** What the run's optimizer keeps, by the names in its entry of `OPTIMIZERS`. */
  optimizerState: Record<string, Float32Array>;
  /** Moving average of the values, `[P]`; null when the run keeps none. */
  ema: Float32Array | null;
  /** The values of the network that a student learns from, `[P]`; null where there is none. */
  teacher?: Float32Array | null;
}

/** What a checkpoint holds besides its tensors. JSON stores these numbers exactly. */
export type CheckpointPosition = Pick<Checkpoint, "step" | "numEpochs" | "lossSum">;

/** Prefix of the tensors of a student's teacher. */
const TEACHER = "teacher_model.";

/**
 * The vectors of a checkpoint: their names in it, the prefix of their tensors (followed by a parameter's name
 * in PyTorch), and the parameters that they have numbers for.
 */
function vectorsOf(config: RunConfig) {
  const { optimizer, emaDecay } = config;
  const parameters = networkParameters(config);
  return [
    { name: "values", prefix: "model.", parameters },
    ...(emaDecay > 0 ? [{ name: "ema", prefix: "ema_model.", parameters }] : []),
    ...(hasTeacher(config) ? [{ name: "teacher", prefix: TEACHER, parameters }] : []),
    ...stateVectors(optimizer, parameters),
  ];
}

/** The tensors of a checkpoint by name, in PyTorch's layout. */
export function checkpointTensors(
  config: RunConfig,
  { values, ema, teacher = null, optimizerState }: Checkpoint,
): Map<string, WritableTensor> {
  const vectors: Record<string, Float32Array | null> = { ...optimizerState, values, ema, teacher };
  return new Map(
    vectorsOf(config).flatMap(({ name, prefix, parameters }) => [
      ...writableTensors(parameters, vectors[name] as Float32Array, { prefix }),
    ]),
  );
}

export function positionOf({ step, numEpochs, lossSum }: Checkpoint): CheckpointPosition {
  return { step, numEpochs, lossSum };
}

/**
 * The inverse of `checkpointTensors`.
 *
 * @throws FormatError when tensors are missing, misshapen, not finite, or more than those
 */
export function checkpointFrom(
  config: RunConfig,
  position: CheckpointPosition,
  tensors: ReadonlyMap<string, StoredTensor>,
): Checkpoint {
  const vectors = vectorsOf(config);
  const others = [...tensors.keys()].filter(
    (name) => !vectors.some(({ prefix }) => name.startsWith(prefix)),
  );
  if (others.length > 0) {
    throw new FormatError(
      `Expected the tensors of a checkpoint with ${OPTIMIZERS[config.optimizer].label}, got also ${others.length} others, such as ${quoted(others[0] as string)}. The file is damaged, or of another optimizer: export the run again.`,
    );
  }
  if (hasTeacher(config) && ![...tensors.keys()].some((name) => name.startsWith(TEACHER))) {
    throw new FormatError(
      "Expected the weights of the teacher in a checkpoint of a distillation or a reflow, got none. The file is damaged: take another, or train the network again.",
    );
  }
  const read = vectors.map(({ name, prefix, parameters }) => {
    const own = [...tensors].filter(([tensor]) => tensor.startsWith(prefix));
    const stateDict = new Map(own.map(([tensor, stored]) => [tensor.slice(prefix.length), stored]));
    return [name, fromStateDict(parameters, stateDict)];
  });
  const { values, ema = null, teacher = null, ...optimizerState } = Object.fromEntries(read);
  return { ...position, values, ema, teacher, optimizerState };
}
