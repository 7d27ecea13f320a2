import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  NoRoomError,
  openDatabase,
  StorageError,
} from "../../../../src/runtime/storage/database.ts";
import { RECORD_FORMAT } from "../../../../src/runtime/storage/records.ts";
import { RunStore } from "../../../../src/runtime/storage/runStore.ts";
import type { Save } from "../../../../src/runtime/storage/saveRun.ts";
import { checkpointBytes, epochReport, runAt, saveAt, saveNext, stepReport } from "./storedRun.ts";

let store: RunStore;
const asIs = (bytes: Uint8Array) => bytes;
const saved = async (save: Save) => (await saveNext(store, save)).record;

beforeEach(async () => {
  store = await RunStore.open(() => {}, { wait: async () => {} });
  for (const { runId } of await store.list()) await store.delete(runId);
});

const stepsOf = async (step: number, numEpochs = 0) =>
  (await store.history("a", { step, numEpochs })).steps.map((s) => s.step);

/** Writes into the tables as nothing of this project does. */
async function raw() {
  return openDatabase(() => {});
}

/** From now on there is room for a checkpoint only once so many others have been pruned. */
function fullUntilPruned(numPruned: number) {
  const { put, delete: del } = IDBObjectStore.prototype;
  let left = numPruned;
  const isSave = ({ transaction }: IDBObjectStore) =>
    transaction.objectStoreNames.contains("history");
  vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(function (
    this: IDBObjectStore,
    key,
  ) {
    if (!isSave(this)) left--;
    return del.call(this, key);
  });
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
    value,
  ) {
    if (left > 0) throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value);
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a save", () => {
  it("is found again as it was written", async () => {
    const written = await saved(saveAt(5, 0));
    expect(await store.read("a")).toEqual(written);
    expect(written).toMatchObject({ ...runAt(5), format: RECORD_FORMAT });
    const found = await store.newestCheckpoint(written, asIs);
    expect(found).toEqual({
      pointer: written.checkpoints[0],
      bytes: checkpointBytes(5),
      value: checkpointBytes(5),
      numDamaged: 0,
    });
    expect(await store.history("a", { step: 5, numEpochs: 0 })).toEqual({
      steps: [1, 2, 3, 4, 5].map(stepReport),
      epochs: [],
    });
    expect((await store.snapshots("a", 5)).map((f) => f.step)).toEqual([5]);
    expect(written.totalBytes).toBe(1000 + 5 * 110 + 2 * 784);
  });

  it("has all frames of its snapshots, and of those of older versions the one there is", async () => {
    await saved(saveAt(5, 0));
    const pixels = new Uint8Array(32 * 784).fill(9);
    const old = { step: 3, wallTimeMs: 30, count: 32, pixels };
    await (await raw()).put("frames", { runId: "a", ...old });
    expect(await store.snapshots("a", 5)).toEqual([
      { ...old, numFrames: 1 },
      { step: 5, wallTimeMs: 5, count: 1, numFrames: 2, pixels: new Uint8Array(2 * 784) },
    ]);
    expect(await store.snapshots("a", 4)).toHaveLength(1);
    expect(await store.snapshotSteps("a", 5)).toEqual([3, 5]);
    expect(await store.snapshotSteps("a", 4)).toEqual([3]);
  });

  it("keeps the last two checkpoints and the best, and all of the history", async () => {
    await saved(saveAt(10, 0, { validationLoss: 0.5 }));
    await saved(saveAt(15, 10));
    await saved(saveAt(20, 15, { validationLoss: 0.4 }));
    await saved(saveAt(25, 20));
    // Of equals the first is the best.
    await saved(saveAt(30, 25, { validationLoss: 0.4 }));
    const run = await saved(saveAt(35, 30));
    expect(run.checkpoints.map((c) => c.step)).toEqual([20, 30, 35]);
    expect(run.bestValidationLoss).toBe(0.4);
    const keys = await (await raw()).getAllKeys("checkpoints");
    expect(keys.map(([, step]) => step)).toEqual([20, 30, 35]);
    expect((await store.bestCheckpoint(run, asIs))?.bytes).toEqual(checkpointBytes(20));
    expect(await stepsOf(35)).toEqual(Array.from({ length: 35 }, (_, i) => i + 1));
  });

  it("has the best checkpoint once, in its place, where it is given again", async () => {
    await saved(saveAt(10, 0, { validationLoss: 0.5 }));
    await saved(saveAt(13, 10));
    const best = { step: 10, numEpochs: 1, validationLoss: 0.5, bytes: checkpointBytes(10) };
    const run = await saved(saveAt(17, 13, { best }));
    expect(run.checkpoints.map((c) => c.step)).toEqual([10, 13, 17]);
    expect(run.totalBytes).toBe(3000 + 17 * 110 + 3 * 2 * 784);
  });

  it("at the step of the last adds the epoch that has ended since", async () => {
    await saved(saveAt(10, 0));
    const epoch = epochReport(1, 10, 0.5);
    await saved(saveAt(10, 10, { validationLoss: 0.5, history: { steps: [], epochs: [epoch] } }));
    const run = await saved(saveAt(12, 10));
    expect(run.checkpoints.map((c) => [c.step, c.validationLoss])).toEqual([
      [10, 0.5],
      [12, null],
    ]);
    const { steps, epochs } = await store.history("a", { step: 12, numEpochs: 1 });
    expect(steps.map((s) => s.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(epochs).toEqual([epoch]);
  });

  it("where the disk is full forgets older checkpoints, its own and then those of others", async () => {
    await saved({ ...saveAt(5, 0), run: runAt(5, { runId: "b" }) });
    await saved({ ...saveAt(8, 5), run: runAt(8, { runId: "b" }) });
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    fullUntilPruned(2);
    const run = await saved(saveAt(9, 8));
    expect(run.checkpoints.map((c) => c.step)).toEqual([8, 9]);
    const other = await store.newestCheckpoint(await store.read("b"), asIs);
    expect(other).toMatchObject({ pointer: { step: 8 }, numDamaged: 0 });
    expect(await (await raw()).getAllKeys("checkpoints")).toEqual([
      ["a", 8],
      ["a", 9],
      ["b", 8],
    ]);
  });

  it("leaves the checkpoints of others where the room of its own is enough", async () => {
    await saved({ ...saveAt(5, 0), run: runAt(5, { runId: "b" }) });
    const other = await saved({ ...saveAt(8, 5), run: runAt(8, { runId: "b" }) });
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    fullUntilPruned(1);
    const freeMore = vi.fn(async () => 0);
    const before = await store.read("a");
    expect(
      await store.save({ ...saveAt(9, 8), previousMs: before.savedMs }, freeMore),
    ).not.toBeNull();
    expect(freeMore).not.toHaveBeenCalled();
    expect(await store.checkpoints(other)).toHaveLength(2);
  });

  it("is tried again, later and later, only where something was deleted for it", async () => {
    const waits: number[] = [];
    const patient = await RunStore.open(() => {}, { wait: async (ms) => void waits.push(ms) });
    const before = await saved(saveAt(5, 0));
    const whole = {
      record: { ...before, runId: "b" },
      checkpoints: await store.checkpoints(before),
      history: await store.history("a", before),
      snapshots: await store.snapshots("a", 5),
    };
    fullUntilPruned(1);
    expect(await patient.replace(whole, 0)).toBe(false);
    expect(waits).toEqual([]);
    expect(await patient.replace(whole, 1)).toBe(false);
    expect(waits).toEqual([2500, 5000]);
    await expect(patient.add(whole)).rejects.toThrow(NoRoomError);
    vi.restoreAllMocks();
    expect(await patient.replace(whole, 0)).toBe(true);
    const again = await patient.add(whole).catch((error) => error);
    expect(again).toBeInstanceOf(StorageError);
    expect(again).not.toBeInstanceOf(NoRoomError);
  });

  it("says so where there is no room even then, and leaves what there was", async () => {
    await saved(saveAt(5, 0));
    const before = await saved(saveAt(8, 5));
    fullUntilPruned(2);
    await expect(saved(saveAt(9, 8))).rejects.toThrow("full, even without older checkpoints");
    expect(await store.read("a")).toEqual(before);
    expect((await store.newestCheckpoint(before, asIs)).bytes).toEqual(checkpointBytes(8));
  });

  it("is taken back when its weights turn out to be lost, but for the last", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    await store.forgetNewest("a", 7);
    const { step, totalBytes } = await store.read("a");
    expect(step).toBe(8);
    await store.forgetNewest("a", 8);
    const run = await store.read("a");
    expect(run).toMatchObject({ step: 5, numEpochs: 0, checkpoints: [{ step: 5 }] });
    expect(run.totalBytes).toBe(totalBytes - 1000);
    expect((await store.newestCheckpoint(run, asIs)).bytes).toEqual(checkpointBytes(5));
    expect(await (await raw()).getAllKeys("checkpoints")).toEqual([["a", 5]]);
    await store.forgetNewest("a", 5);
    expect((await store.read("a")).step).toBe(5);
  });

  it("after going back forgets what was beyond", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    const run = await saved(saveAt(7, 5));
    expect(run.checkpoints.map((c) => c.step)).toEqual([5, 7]);
    expect(await stepsOf(100)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect((await store.snapshots("a", 100)).map((f) => f.step)).toEqual([5, 7]);
  });

  it("after going back within a piece of the history keeps what came before in it", async () => {
    const { history } = saveAt(17, 0);
    const epochs = [epochReport(1, 10, 0.5)];
    await store.add({
      record: { ...(await saved(saveAt(17, 0))), runId: "b" },
      checkpoints: [{ step: 17, bytes: checkpointBytes(17) }],
      history: { steps: history.steps, epochs },
      snapshots: [],
    });
    await saved(saveAt(12, 10, { run: runAt(12, { runId: "b" }) }));
    const told = await store.history("b", { step: 12, numEpochs: 1 });
    expect(told.steps.map((s) => s.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(told.epochs).toEqual(epochs);
  });

  it("of an epoch that was validated twice tells the later", async () => {
    const epochs = (loss: number) => [epochReport(1, 10, loss)];
    await saved(saveAt(10, 0, { history: { steps: [], epochs: epochs(0.5) } }));
    await saved(saveAt(12, 10, { history: { steps: [], epochs: epochs(0.4) } }));
    expect((await store.history("a", { step: 12, numEpochs: 1 })).epochs).toEqual(epochs(0.4));
  });

  it("has a later time than the one before, also where the clock was set back", async () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(1000);
    expect((await saved(saveAt(5, 0))).savedMs).toBe(1000);
    expect((await saved(saveAt(8, 5))).savedMs).toBe(1001);
    now.mockReturnValue(3);
    expect((await saved(saveAt(9, 8))).savedMs).toBe(1002);
    now.mockReturnValue(2000);
    expect((await saved(saveAt(10, 9))).savedMs).toBe(2000);
    // Nor has that of another tab, which knows nothing of those.
    expect((await store.save(saveAt(4, 0)))?.record.savedMs).toBe(2001);
  });

  it("leaves a name that was given meanwhile", async () => {
    await saved(saveAt(5, 0));
    await store.update("a", { name: "Mine" });
    expect((await saved(saveAt(8, 5))).name).toBe("Mine");
  });

  it("leaves other runs alone, also one whose id begins the same", async () => {
    const ofB = (step: number) => runAt(step, { runId: "ab" });
    await saved(saveAt(5, 0, { run: ofB(5) }));
    await saved(saveAt(3, 0));
    await store.delete("a");
    expect((await store.list()).map((run) => run.runId)).toEqual(["ab"]);
    expect((await store.history("ab", { step: 5, numEpochs: 0 })).steps).toHaveLength(5);
    expect(await store.snapshots("ab", 5)).toHaveLength(1);
  });

  it("that fails in its middle leaves all as it was", async () => {
    await saved(saveAt(5, 0));
    const before = await store.read("a");
    // What cannot be cloned into the database, met after the checkpoint has been put.
    const pixels = (() => {}) as never;
    const snapshot = { step: 8, wallTimeMs: 8, count: 1, numFrames: 1, pixels };
    const error = await saved(saveAt(8, 5, { snapshots: [snapshot] })).catch((error) => error);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).not.toBeInstanceOf(NoRoomError);
    expect(await store.read("a")).toEqual(before);
    expect((await store.newestCheckpoint(before, asIs)).pointer.step).toBe(5);
    expect(await stepsOf(100)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("a snapshot that is drawn to its end after its checkpoint was saved", () => {
  const snapshotAt = (step: number, count = 2) => ({
    step,
    wallTimeMs: 9,
    count,
    numFrames: 3,
    pixels: new Uint8Array(3 * count * 784),
  });
  const picture = { count: 1, pixels: new Uint8Array(784).fill(7) };

  it("is the run's picture where it is the newest, and counts in its size once", async () => {
    const { totalBytes } = await saved(saveAt(5, 0));
    const added = await store.addSnapshot("a", snapshotAt(8), picture);
    expect(added).toMatchObject({ picture, totalBytes: totalBytes + 6 * 784 });
    expect(await store.read("a")).toEqual(added);
    expect(await store.addSnapshot("a", snapshotAt(8), picture)).toEqual(added);
    const earlier = await store.addSnapshot("a", snapshotAt(3, 1), null);
    expect(earlier).toMatchObject({ picture, totalBytes: totalBytes + 9 * 784 });
    expect(await store.snapshotSteps("a", 100)).toEqual([3, 5, 8]);
  });

  it("is not stored of a run that was deleted, or that cannot be read", async () => {
    const runs = await raw();
    await runs.put("runs", { runId: "future", format: 1000 });
    for (const runId of ["deleted", "future"]) {
      expect(await store.addSnapshot(runId, snapshotAt(5), picture)).toBeNull();
      expect(await store.snapshotSteps(runId, 100)).toEqual([]);
    }
    expect(await runs.get("runs", "future")).toEqual({ runId: "future", format: 1000 });
    await store.forgetNewest("future", 5);
    expect(await runs.get("runs", "future")).toEqual({ runId: "future", format: 1000 });
  });
});

describe("the list of runs", () => {
  it("has the newest first, and those that cannot be read last", async () => {
    await (await raw()).put("runs", { runId: "future", format: 1000, name: "From the future" });
    const now = vi.spyOn(Date, "now").mockReturnValue(1e12);
    await saved(saveAt(5, 0, { run: runAt(5, { runId: "older" }) }));
    now.mockReturnValue(1e12 + 1);
    await saved(saveAt(5, 0, { run: runAt(5, { runId: "newer" }) }));
    const runs = await store.list();
    expect(runs.map((run) => run.runId)).toEqual(["newer", "older", "future"]);
    expect(runs.at(-1)).toMatchObject({ problem: expect.stringContaining("newer version") });
    await expect(store.read("future")).rejects.toThrow(/“From the future” cannot be opened/);
  });

  it("does not know a run that was deleted", async () => {
    await saved(saveAt(5, 0));
    await store.delete("a");
    expect(await store.list()).toEqual([]);
    await expect(store.read("a")).rejects.toThrow(/no longer stored/);
    // Also not by a change of its name that comes too late.
    await store.update("a", { name: "Ghost" });
    expect(await store.list()).toEqual([]);
  });
});
