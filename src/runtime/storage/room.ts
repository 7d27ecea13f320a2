/** What is deleted where the disk is full. Of each run its newest checkpoint and the best one stay, in one place at least. */
import { keptCheckpoints } from "./checkpoints.ts";
import { isFull, type Keeper, NoRoomError } from "./keeper.ts";
import type { Keepers } from "./keepers.ts";
import { isWholePart, namesOf, stepOf } from "./parts.ts";
import { isReadable } from "./readRecord.ts";
import { checkpointName } from "./readRun.ts";
import type { CheckpointPointer, KeptRun } from "./records.ts";
import type { NextVersion } from "./saves.ts";

/** Chromium frees the space of what was deleted only after two seconds, or ten when there is more to come. */
const WAITS_MS = [0, 2500, 5000];

/**
 * Writes a version of a run to all keepers that have room for it; where one has, nothing is deleted. Where none has, older
 * checkpoints are deleted: first its own, then second copies of runs, its own too, then older checkpoints of others.
 *
 * @param unread keepers in which nothing is deleted, since they may have what no other one has
 * @param onDeleted told what was deleted, such as `older checkpoints of other runs were`
 * @throws NoRoomError when there is no room even so, StorageError when it fails otherwise
 */
export async function writeMakingRoom(
  keepers: Keepers,
  { run, added }: NextVersion,
  {
    unread,
    wait,
    onDeleted,
  }: {
    unread: ReadonlyMap<Keeper, unknown>;
    wait: (ms: number) => Promise<void>;
    onDeleted: (what: string) => void;
  },
): Promise<void> {
  const { runId, name } = run.record;
  const read = keepers.active.filter((keeper) => !unread.has(keeper));
  const makingRoom = [
    async () => null,
    async () =>
      (await deleteOlderCheckpoints(read, [runId])) && `older checkpoints of “${name}” were`,
    async () => {
      const numCopies = await deleteCopies(read, await keepers.newestOfAll());
      keepers.isShortOfRoom ||= numCopies > 0;
      const copies = numCopies === 1 ? "copy of one run was" : `copies of ${numCopies} runs were`;
      return numCopies && `the second ${copies}`;
    },
    async () =>
      (await deleteOlderCheckpoints(read, await keepers.runIds())) &&
      "older checkpoints of other runs were",
  ];
  for (const makeRoom of makingRoom) {
    // Where it fails, something may have been deleted all the same.
    const deleted = await makeRoom().catch(() => null);
    if (deleted === 0) continue;
    if (deleted !== null) onDeleted(deleted);
    // What was just deleted counts as free a moment later.
    for (const waitMs of deleted === null ? [0] : WAITS_MS) {
      if (waitMs > 0) await wait(waitMs);
      try {
        return await keepers.write(run, { added });
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
  }
  throw new NoRoomError();
}

/**
 * Deletes the checkpoints of runs except the newest and the best undamaged ones, in each keeper. It only deletes: a browser
 * whose disk is full refuses whatever writes, be it a record that has become shorter. The record lists what is deleted
 * until its next save.
 *
 * @returns how many
 */
async function deleteOlderCheckpoints(
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
async function deleteCopies(keepers: readonly Keeper[], runs: Iterable<KeptRun>): Promise<number> {
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
