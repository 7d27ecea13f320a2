import { bestCheckpoint } from "./checkpoints.ts";
import { StorageError } from "./keeper.ts";
import { historyInPart, namesOf, snapshotInPart, stepOf } from "./parts.ts";
import type { Bytes, CheckpointPointer, History, KeptRun, Snapshot, WholeRun } from "./records.ts";
import { historyUpTo, type UncheckedHistory } from "./storedHistory.ts";

/** Reads a part of a run that is whole; null where there is none. */
export type ReadPart = (run: KeptRun, name: string) => Promise<Bytes | null>;

/** A checkpoint with its bytes, and what they were decoded to. */
export interface FoundCheckpoint<T> {
  pointer: CheckpointPointer;
  bytes: Bytes;
  value: T;
}

/**
 * The newest checkpoint of the run that is whole; null where none is.
 *
 * @param decode throws where the bytes are no checkpoint of the run
 */
export async function newestCheckpoint<T>(
  run: KeptRun,
  readPart: ReadPart,
  decode: (bytes: Bytes) => T,
): Promise<FoundCheckpoint<T> | null> {
  for (const pointer of run.record.checkpoints.toReversed()) {
    const found = await checkpointAt(run, pointer, readPart, decode);
    if (found) return found;
  }
  return null;
}

/** The checkpoint after the epoch with the lowest validation loss; null where there is none, or it is damaged. */
export async function readBestCheckpoint<T>(
  run: KeptRun,
  readPart: ReadPart,
  decode: (bytes: Bytes) => T,
): Promise<FoundCheckpoint<T> | null> {
  const pointer = bestCheckpoint(run.record.checkpoints);
  return pointer && checkpointAt(run, pointer, readPart, decode);
}

async function checkpointAt<T>(
  run: KeptRun,
  pointer: CheckpointPointer,
  readPart: ReadPart,
  decode: (bytes: Bytes) => T,
): Promise<FoundCheckpoint<T> | null> {
  const name = checkpointName(run, pointer);
  const bytes = name === undefined ? null : await readPart(run, name);
  if (!bytes) return null;
  try {
    return { pointer, bytes, value: decode(bytes) };
  } catch {
    return null;
  }
}

export function checkpointName(
  { parts }: KeptRun,
  { step }: Pick<CheckpointPointer, "step">,
): string | undefined {
  return namesOf("checkpoint", parts).find((name) => stepOf(name) === step);
}

/** The metric history up to a checkpoint; a piece that is damaged is left out, and logged. */
export async function readHistory(
  run: KeptRun,
  readPart: ReadPart,
  at: Pick<CheckpointPointer, "step" | "numEpochs"> = run.record,
): Promise<History> {
  const pieces: UncheckedHistory[] = [];
  for (const name of namesOf("history", run.parts)) {
    const bytes = await readPart(run, name);
    try {
      if (bytes) pieces.push(historyInPart(bytes, at));
    } catch (error) {
      console.warn(`A piece of the history cannot be read: ${name}`, error);
    }
  }
  return historyUpTo(pieces, at);
}

/** Steps of the snapshots up to a checkpoint, ascending. */
export function snapshotSteps({ parts }: KeptRun, upToStep: number): number[] {
  return snapshotNames(parts, upToStep).map(stepOf);
}

/** The snapshots up to a checkpoint, ascending; those that are damaged are left out. */
export async function readSnapshots(
  run: KeptRun,
  readPart: ReadPart,
  upToStep = run.record.step,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const name of snapshotNames(run.parts, upToStep)) {
    const bytes = await readPart(run, name);
    if (bytes) snapshots.push(snapshotInPart(name, bytes));
  }
  return snapshots;
}

function snapshotNames(parts: readonly string[], upToStep: number): string[] {
  return namesOf("snapshot", parts)
    .filter((name) => stepOf(name) <= upToStep)
    .sort((a, b) => stepOf(a) - stepOf(b));
}

/**
 * All that is kept of a run up to its newest whole checkpoint; of its checkpoints only that one and the best.
 *
 * @param onFraction called after each of the first three of four parts of the work
 * @throws StorageError where no checkpoint is whole
 */
export async function readWholeRun(
  run: KeptRun,
  readPart: ReadPart,
  decode: (bytes: Bytes) => unknown = () => null,
  onFraction: (fraction: number) => void = () => {},
): Promise<WholeRun> {
  const newest = await newestCheckpoint(run, readPart, decode);
  if (!newest) throw noCheckpoint(run);
  onFraction(1 / 4);
  const best = await readBestCheckpoint(run, readPart, decode);
  onFraction(2 / 4);
  const { step, numEpochs } = newest.pointer;
  const history = await readHistory(run, readPart, newest.pointer);
  onFraction(3 / 4);
  const found = [...(best && best.pointer.step < step ? [best] : []), newest];
  return {
    record: { ...run.record, step, numEpochs, checkpoints: found.map(({ pointer }) => pointer) },
    checkpoints: found.map(({ pointer, bytes }) => ({ step: pointer.step, bytes })),
    history,
    snapshots: await readSnapshots(run, readPart, step),
  };
}

export function noCheckpoint({ record: { name, checkpoints } }: KeptRun): StorageError {
  return new StorageError(
    `None of the ${checkpoints.length} checkpoints of “${name}” can be read: they are damaged. Delete the run, or import it from a file.`,
  );
}
