import type { CheckpointPointer } from "./records.ts";

/** How many of the newest are kept, so that one may turn out damaged. */
const NUM_NEWEST = 2;

/** The checkpoint after the epoch with the lowest validation loss, the first of equals. */
export function bestCheckpoint<P extends Pick<CheckpointPointer, "validationLoss">>(
  pointers: readonly P[],
): (P & { validationLoss: number }) | null {
  let best: (P & { validationLoss: number }) | null = null;
  for (const pointer of pointers) {
    const { validationLoss } = pointer;
    if (validationLoss === null) continue;
    if (!best || validationLoss < best.validationLoss) best = { ...pointer, validationLoss };
  }
  return best;
}

/** Those worth their room: the newest and the best. Ascending by step, as they are given. */
export function keptCheckpoints(
  pointers: readonly CheckpointPointer[],
  numNewest = NUM_NEWEST,
): CheckpointPointer[] {
  const best = bestCheckpoint(pointers)?.step;
  return pointers.filter(({ step }, i) => step === best || i >= pointers.length - numNewest);
}
