/** What is deleted where the disk is full. Of each run its newest checkpoint and the best one stay, in one place at least. */
import { keptCheckpoints } from "./checkpoints.ts";
import type { Keeper } from "./keeper.ts";
import { isWholePart, namesOf, stepOf } from "./parts.ts";
import { isReadable } from "./readRecord.ts";
import { checkpointName } from "./readRun.ts";
import type { CheckpointPointer, KeptRun } from "./records.ts";

/**
 * Deletes the checkpoints of runs except the newest and the best undamaged ones, in each keeper. It only deletes: a browser
 * whose disk is full refuses whatever writes, be it a record that has become shorter. The record lists what is deleted
 * until its next save.
 *
 * @returns how many
 */
export async function deleteOlderCheckpoints(
  keepers: readonly Keeper[],
  runIds: Iterable<string>,
): Promise<number> {
  let numDeleted = 0;
  for (const runId of runIds) {
    for (const keeper of keepers) {
      const run = await keeper.find(runId);
      if (!run || !isReadable(run)) continue;
      const whole: CheckpointPointer[] = [];
      for (const pointer of run.record.checkpoints) {
        if (await hasCheckpoint(keeper, run, pointer)) whole.push(pointer);
      }
      if (whole.length === 0) continue;
      const kept = new Set(keptCheckpoints(whole, 1).map(({ step }) => step));
      const there = await keeper.parts(runId);
      const older = run.record.checkpoints
        .filter(({ step }) => !kept.has(step))
        .flatMap((pointer) => checkpointName(run, pointer) ?? [])
        .filter((name) => there.has(name));
      if (older.length > 0) await keeper.delete(runId, older);
      numDeleted += older.length;
    }
  }
  return numDeleted;
}

/**
 * Deletes runs in all keepers but the first that has them whole up to their newest checkpoint, unless the copy has a part that this
 * one has lost.
 *
 * @returns how many copies
 */
export async function deleteCopies(
  keepers: readonly Keeper[],
  runs: Iterable<KeptRun>,
): Promise<number> {
  let numDeleted = 0;
  for (const run of runs) {
    const { runId, checkpoints } = run.record;
    let lost: string[] | null = null;
    for (const keeper of keepers) {
      if (lost === null) {
        const hasNewest = await hasCheckpoint(keeper, run, checkpoints.at(-1));
        if (hasNewest) lost = await partsNotIn(keeper, run, partsToKeep(run));
      } else if ((await keeper.parts(runId)).size > 0) {
        const isOnlyCopy = (await partsNotIn(keeper, run, lost)).length < lost.length;
        if (isOnlyCopy) continue;
        await keeper.delete(runId);
        numDeleted++;
      }
    }
  }
  return numDeleted;
}

/** All but its older checkpoints, which are the first to be deleted for room. */
function partsToKeep({ record, parts }: KeptRun): string[] {
  const kept = new Set(keptCheckpoints(record.checkpoints, 1).map(({ step }) => step));
  const checkpoints = new Set(namesOf("checkpoint", parts));
  return parts.filter((name) => !checkpoints.has(name) || kept.has(stepOf(name)));
}

/** Tells which of the parts the keeper does not have whole. */
async function partsNotIn(
  keeper: Keeper,
  run: KeptRun,
  names: readonly string[],
): Promise<string[]> {
  const lost: string[] = [];
  for (const name of names) {
    const bytes = await keeper.read(run.record.runId, name);
    if (!bytes || !isWholePart(name, bytes, run.record)) lost.push(name);
  }
  return lost;
}

async function hasCheckpoint(
  keeper: Keeper,
  run: KeptRun,
  pointer: CheckpointPointer | undefined,
): Promise<boolean> {
  const name = pointer && checkpointName(run, pointer);
  return name !== undefined && (await partsNotIn(keeper, run, [name])).length === 0;
}
