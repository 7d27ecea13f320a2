import type { RunConfig } from "../config/hyperparameters.ts";
import { FormatError } from "../formats/formatError.ts";
import type { StoredTensor, WritableTensor } from "../formats/safetensors/safetensors.ts";
import { fromStateDict, toStateDict } from "../nn/stateDict.ts";
import { createUnet } from "../nn/unet.ts";
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
}

/** What a checkpoint holds besides its tensors. JSON stores these numbers exactly. */
export type CheckpointPosition = Pick<Checkpoint, "step" | "numEpochs" | "lossSum">;

/** Prefixes of tensor names, followed by the parameter's name in PyTorch; those of an optimizer's state are in its entry. */
const PREFIXES = { values: "model.", ema: "ema_model." } as const;

/** The tensors of a checkpoint by name, in PyTorch's layout. */
export function checkpointTensors(
  config: RunConfig,
  { values, ema, optimizerState }: Checkpoint,
): Map<string, WritableTensor> {
  const { parameters } = createUnet(config);
  const named = (prefix: string, flat: Float32Array, of = parameters) =>
    Array.from(toStateDict(of, flat), ([name, tensor]): [string, WritableTensor] => [
      prefix + name,
      { dtype: "F32", ...tensor },
    ]);
  return new Map([
    ...named(PREFIXES.values, values),
    ...(ema ? named(PREFIXES.ema, ema) : []),
    ...stateVectors(config.optimizer, parameters).flatMap((vector) =>
      named(vector.prefix, optimizerState[vector.name] as Float32Array, vector.parameters),
    ),
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
  const hasEma = config.emaDecay > 0;
  const vectors = stateVectors(config.optimizer, parameters);
  const prefixes = [
    PREFIXES.values,
    ...(hasEma ? [PREFIXES.ema] : []),
    ...vectors.map(({ prefix }) => prefix),
  ];
  const others = [...tensors.keys()].filter((name) => !prefixes.some((p) => name.startsWith(p)));
  if (others.length > 0) {
    throw new FormatError(
      `Expected the tensors of a checkpoint with ${OPTIMIZERS[config.optimizer].label}, got also ${others.length} others, such as ${others[0]}. The file is damaged, or of another optimizer: export the run again.`,
    );
  }
  const flat = (prefix: string, of = parameters) => {
    const entries = [...tensors].filter(([name]) => name.startsWith(prefix));
    return fromStateDict(of, new Map(entries.map(([n, t]) => [n.slice(prefix.length), t])));
  };
  return {
    ...position,
    values: flat(PREFIXES.values),
    ema: hasEma ? flat(PREFIXES.ema) : null,
    optimizerState: Object.fromEntries(
      vectors.map(({ name, prefix, parameters }) => [name, flat(prefix, parameters)]),
    ),
  };
}
