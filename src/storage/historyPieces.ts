import type { History } from "./historyJson.ts";
import type { CheckpointPointer } from "./records.ts";

/**
 * The metric history of a run up to a checkpoint, ascending, out of its pieces in their order. What is there
 * twice, since a run went back and trained or validated again, counts as it was told last.
 */
export function historyUpTo(
  pieces: readonly History[],
  { step, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
): History {
  const steps = new Map(pieces.flatMap((piece) => piece.steps.map((s) => [s.step, s] as const)));
  const epochs = new Map(pieces.flatMap((piece) => piece.epochs.map((e) => [e.epoch, e] as const)));
  return {
    steps: [...steps.values()].filter((s) => s.step <= step).sort((a, b) => a.step - b.step),
    epochs: [...epochs.values()]
      .filter((e) => e.epoch <= numEpochs)
      .sort((a, b) => a.epoch - b.epoch),
  };
}
