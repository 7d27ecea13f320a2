import type { RunConfig } from "../config/hyperparameters.ts";
import { FormatError } from "../formats/formatError.ts";
import type { StoredTensor, WritableTensor } from "../formats/safetensors.ts";
import { fromStateDict, toStateDict } from "../nn/stateDict.ts";
import { createUnet } from "../nn/unet.ts";

/**
 * All that a run needs to go on exactly as if it had never stopped. Random numbers are functions of
 * seed and step (`draws.ts`), so there is no state of a generator.
 */
export interface Checkpoint {
  /** Optimizer steps done. */
  step: number;
  /** Whole epochs, with their validation; the steps above these are the position in the next. */
  numEpochs: number;
  /** Sum of the losses of the images of the epoch that goes on. */
  lossSum: number;
  /** `[P]`, in our order and layout. */
  values: Float32Array;
  /** AdamW's running mean and mean square of the gradient, `[P]`. */
  moments: { mean: Float32Array; square: Float32Array };
  /** Moving average of the values, `[P]`; null when the run keeps none. */
  ema: Float32Array | null;
}

/** What a checkpoint holds besides its tensors; JSON keeps each number exactly. */
export type CheckpointPosition = Pick<Checkpoint, "step" | "numEpochs" | "lossSum">;

/** As modules of PyTorch would name them, with the parameter's name behind. */
const PREFIXES = {
  values: "model.",
  ema: "ema_model.",
  mean: "optimizer.exp_avg.",
  square: "optimizer.exp_avg_sq.",
} as const;

/** The tensors of a checkpoint by name, in PyTorch's layout. */
export function checkpointTensors(
  config: RunConfig,
  { values, ema, moments }: Checkpoint,
): Map<string, WritableTensor> {
  const { parameters } = createUnet(config);
  const named = (prefix: string, flat: Float32Array) =>
    Array.from(toStateDict(parameters, flat), ([name, tensor]): [string, WritableTensor] => [
      prefix + name,
      { dtype: "F32", ...tensor },
    ]);
  return new Map([
    ...named(PREFIXES.values, values),
    ...(ema ? named(PREFIXES.ema, ema) : []),
    ...named(PREFIXES.mean, moments.mean),
    ...named(PREFIXES.square, moments.square),
  ]);
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
  const { parameters } = createUnet(config);
  const left = new Set(tensors.keys());
  const flat = (prefix: string) => {
    const entries = [...tensors].filter(([name]) => name.startsWith(prefix));
    for (const [name] of entries) left.delete(name);
    return fromStateDict(parameters, new Map(entries.map(([n, t]) => [n.slice(prefix.length), t])));
  };
  const checkpoint = {
    ...position,
    values: flat(PREFIXES.values),
    ema: config.emaDecay > 0 ? flat(PREFIXES.ema) : null,
    moments: { mean: flat(PREFIXES.mean), square: flat(PREFIXES.square) },
  };
  if (left.size > 0) {
    throw new FormatError(
      `Expected the tensors of a checkpoint, got also ${left.size} others, such as ${[...left][0]}. The file is damaged: export the run again.`,
    );
  }
  return checkpoint;
}
