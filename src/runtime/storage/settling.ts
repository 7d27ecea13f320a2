import { isFull, type Keeper } from "./keeper.ts";
import { isVersion, type Keepers } from "./keepers.ts";
import { isReadable } from "./readRecord.ts";
import type { KeptRun } from "./records.ts";

/**
 * Brings all keepers to the newest version of a run, as far as there is room, and moves it out of the retired ones.
 * What a newer version of the page has written is left to that.
 *
 * @returns whether anything was written, and the run's name where the first keeper had lost it, or had an older version
 */
export async function settleRun(
  keepers: Keepers,
  runId: string,
): Promise<{ isChanged: boolean; restored: string | null }> {
  const { versions, unread } = await keepers.versions(runId);
  const [newest] = versions;
  if (!newest && unread.size === 0) await clear(keepers, runId);
  if (!newest || !isReadable(newest.run)) return { isChanged: false, restored: null };
  const { run } = newest;
  const isMoved = versions.some(
    (version) => keepers.retired.has(version.keeper) && isVersion(version.run, run.changedMs),
  );
  let isChanged = false;
  let restored: string | null = null;
  for (const [i, keeper] of keepers.active.entries()) {
    const there = versions.find((version) => version.keeper === keeper)?.run ?? null;
    const isNewest = there !== null && isVersion(there, run.changedMs);
    const bring = () => keepers.bring(keeper, run, { mayCopy: i === 0 || isMoved, isNewest });
    const failures = new Map<Keeper, unknown>();
    const numBrought = await keepers.attempt(keeper, bring, failures);
    if (isFull(failures.get(keeper))) keepers.noteShortOfRoom();
    if (numBrought === null) continue;
    isChanged ||= !isNewest || numBrought > 0;
    if (i === 0 && !isNewest && !isMoved) restored = run.record.name;
  }
  for (const keeper of keepers.retired) {
    if (!unread.has(keeper)) await keepers.attempt(keeper, () => retire(keepers, keeper, run));
  }
  return { isChanged, restored };
}

/** Deletes a run in a retired keeper once those that have the version have all of its parts that it still lists. */
async function retire(
  keepers: Keepers,
  keeper: Keeper,
  { record: { runId }, parts, changedMs }: KeptRun,
): Promise<void> {
  const isBrought = new Set<string>();
  for (const other of keepers.active) {
    const found = await other.find(runId);
    if (!found || !isVersion(found, changedMs)) continue;
    for (const name of await other.parts(runId)) isBrought.add(name);
  }
  const names = [...(await keeper.parts(runId))].filter((name) => parts.includes(name));
  if (names.every((name) => isBrought.has(name))) await keeper.delete(runId);
}

/** Deletes what is left of a run without a record: one that was deleted, or never written to its end. */
async function clear(keepers: Keepers, runId: string): Promise<void> {
  for (const keeper of keepers.active) await keepers.attempt(keeper, () => keeper.delete(runId));
}
