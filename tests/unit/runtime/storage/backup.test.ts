import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BackedUpRuns } from "../../../../src/runtime/storage/backedUpRuns.ts";
import { Backup } from "../../../../src/runtime/storage/backup.ts";
import type { RunRecord } from "../../../../src/runtime/storage/records.ts";
import type { Save } from "../../../../src/runtime/storage/saveRun.ts";
import { MemoryBrowser, type Tab } from "./memoryBrowser.ts";
import { asHandle, bytesIn, type Entries, MemoryFolder } from "./memoryFolder.ts";
import { checkpointBytes, epochReport, runAt, saveAt, saveNext } from "./storedRun.ts";

let browser: MemoryBrowser;
let tab: Tab;
let runs: BackedUpRuns;
/** What lies in the browser, as nothing remembers it. */
let copy: Backup;
const asIs = (bytes: Uint8Array) => bytes;

beforeEach(async () => {
  browser = await MemoryBrowser.start();
  tab = await browser.openTab();
  runs = tab.runs;
  copy = new Backup(async () => asHandle(new MemoryFolder(browser.files)));
});

afterEach(() => {
  runs.database.close();
  vi.restoreAllMocks();
});

const filesOf = (runId: string) => browser.files.get(runId) as Entries;
const loseDatabase = () => browser.loseDatabase();
const restoreLost = async () => (await runs.restore()).restored;
const save = (what: Save) => saveNext(runs, what);

/** All that there is of the run. */
async function contents() {
  const record = await runs.database.read("a");
  return {
    record,
    checkpoint: await runs.database.newestCheckpoint(record, asIs),
    best: await runs.database.bestCheckpoint(record, asIs),
    history: await runs.database.history("a", record),
    snapshots: await runs.database.snapshots("a", record.step),
  };
}

async function severalSaves() {
  await save(saveAt(4, 0));
  const epochs = [epochReport(1, 10, Number.NaN)];
  await save(saveAt(10, 4, { validationLoss: 0.5 }));
  await save(saveAt(10, 10, { validationLoss: 0.5, history: { steps: [], epochs } }));
  await save(saveAt(13, 10));
  await save(saveAt(17, 13));
}

describe("a database that the browser has lost", () => {
  it("comes back from the backup as it was", async () => {
    await severalSaves();
    const before = await contents();
    await loseDatabase();
    expect(await restoreLost()).toEqual(["First run"]);
    expect(await contents()).toEqual(before);
    expect(before.history.steps).toHaveLength(17);
    expect(before.history.epochs).toHaveLength(1);
    // What is there stays as it is.
    expect(await restoreLost()).toEqual([]);
  });

  it("is filled from a file in steps that are told, up to the end of both copies", async () => {
    await severalSaves();
    const { record, history, snapshots } = await contents();
    const checkpoints = await runs.database.checkpoints(record);
    const fractions: number[] = [];
    const run = { record: { ...record, runId: "b" }, checkpoints, history, snapshots };
    await runs.add(run, (fraction) => fractions.push(fraction));
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
    expect(fractions).toContain(0.5);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.length).toBeGreaterThan(2 * checkpoints.length);
  });

  it("comes back with the best checkpoint that could be stored only with a later one", async () => {
    await saveNext(runs, saveAt(4, 0));
    const best = { step: 10, numEpochs: 1, validationLoss: 0.5, bytes: checkpointBytes(10) };
    await saveNext(runs, saveAt(13, 4, { best }));
    await saveNext(runs, saveAt(17, 13));
    const before = await contents();
    expect(before.record.checkpoints.map(({ step }) => step)).toEqual([10, 13, 17]);
    expect(before.best?.bytes).toEqual(best.bytes);
    await loseDatabase();
    await restoreLost();
    expect(await contents()).toEqual(before);
  });

  it("comes back with a snapshot that was drawn after the last checkpoint", async () => {
    await severalSaves();
    const pixels = new Uint8Array(2 * 3 * 784).fill(9);
    const snapshot = { step: 15, wallTimeMs: 5, count: 2, numFrames: 3, pixels };
    const picture = { count: 1, pixels: pixels.slice(0, 784) };
    expect(await runs.addSnapshot("a", snapshot, picture)).toBe(true);
    const before = await contents();
    expect(before.snapshots).toContainEqual(snapshot);
    await loseDatabase();
    await restoreLost();
    expect(await contents()).toEqual(before);
  });

  it("comes back with what an older version copied: of each snapshot but the last frame", async () => {
    await severalSaves();
    await loseDatabase();
    for (const name of [...filesOf("a").keys()]) {
      if (name.startsWith("frame-")) filesOf("a").delete(name);
    }
    const pixels = new Uint8Array(2 * 784).fill(7);
    filesOf("a").set("frame-13-2-1000", pixels);
    filesOf("a").set("frame-17-2-1001-1", pixels);
    filesOf("a").set("frame-17-2-1001-3", pixels); // Cut off.
    await restoreLost();
    const { snapshots } = await contents();
    expect(snapshots).toEqual([
      { step: 13, count: 2, wallTimeMs: 1000, numFrames: 1, pixels },
      { step: 17, count: 2, wallTimeMs: 1001, numFrames: 1, pixels },
    ]);
  });

  it("comes back with the checkpoint before, where the newest copy is damaged", async () => {
    await severalSaves();
    await loseDatabase();
    filesOf("a").set("checkpoint-17", new Uint8Array(1000));
    await restoreLost();
    const { record, history, snapshots } = await contents();
    expect(record).toMatchObject({ step: 13, numEpochs: 1 });
    expect(history.steps.at(-1)?.step).toBe(13);
    expect(snapshots.at(-1)?.step).toBe(13);
  });

  it.each([
    ["no record", () => filesOf("a").delete("run.json")],
    [
      "half a record",
      () => filesOf("a").set("run.json", new TextEncoder().encode('{"runId": "a"')),
    ],
    ["a record that is none", () => filesOf("a").set("run.json", new TextEncoder().encode("{}"))],
    [
      "no checkpoint",
      () => {
        for (const name of filesOf("a").keys()) {
          if (name.startsWith("checkpoint")) filesOf("a").delete(name);
        }
      },
    ],
  ])("is left as it is where the copy has %s", async (_, damage) => {
    await severalSaves();
    await loseDatabase();
    damage();
    expect(await restoreLost()).toEqual([]);
    expect(await runs.database.list()).toEqual([]);
  });
});

describe("the backup", () => {
  it("has no more checkpoints than the first, and none beyond a step it went back to", async () => {
    await severalSaves();
    const steps = () =>
      [...filesOf("a").keys()].filter((name) => name.startsWith("checkpoint")).sort();
    expect(steps()).toEqual(["checkpoint-10", "checkpoint-13", "checkpoint-17"]);
    await save(saveAt(15, 13));
    expect(steps()).toEqual(["checkpoint-10", "checkpoint-13", "checkpoint-15"]);
    expect([...filesOf("a").keys()].filter((name) => name.includes("-17"))).toEqual([]);
    await loseDatabase();
    await restoreLost();
    expect((await contents()).history.steps).toHaveLength(15);
  });

  it("is of the newest save also where a file before it cannot be deleted", async () => {
    await save(saveAt(4, 0));
    await save(saveAt(10, 4));
    tab.failingRemovals = 1;
    await save(saveAt(13, 10));
    expect(tab.failingRemovals).toBe(0);
    expect(filesOf("a").has("checkpoint-4")).toBe(true);
    const before = await contents();
    await loseDatabase();
    await restoreLost();
    expect(await contents()).toEqual(before);
    expect(before.record.step).toBe(13);
    await save(saveAt(17, 13));
    expect(filesOf("a").has("checkpoint-4")).toBe(false);
  });

  it("does not bring back a run that was deleted", async () => {
    await severalSaves();
    await runs.delete("a");
    expect(await restoreLost()).toEqual([]);
  });

  it("that fell behind is written whole with the next save", async () => {
    await severalSaves();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    tab.beforeFile = () => Promise.reject(new DOMException("", "InvalidStateError"));
    await save(saveAt(18, 17));
    tab.beforeFile = () => {};
    const pixels = new Uint8Array(2 * 784);
    const snapshot = { step: 18, wallTimeMs: 5, count: 1, numFrames: 2, pixels };
    await runs.addSnapshot("a", snapshot, null);
    // It is still of the save before.
    expect(await copy.record("a")).toMatchObject({ step: 17 });
    filesOf("a").set("checkpoint-1", new Uint8Array(1));
    await save(saveAt(19, 18));
    expect(filesOf("a").has("checkpoint-1")).toBe(false);
    warn.mockRestore();
    const before = await contents();
    expect(before.history.steps).toHaveLength(19);
    await loseDatabase();
    await restoreLost();
    expect(await contents()).toEqual(before);
  });

  it("of one run that is damaged hinders no other", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await save(saveAt(4, 0, { run: runAt(4, { runId: "0" }) }));
    await severalSaves();
    filesOf("0").set("history-4", new Uint8Array());
    await loseDatabase();
    expect(await restoreLost()).toHaveLength(2);
    expect((await runs.database.history("0", { step: 4, numEpochs: 0 })).steps).toEqual([]);
    expect((await contents()).history.steps).toHaveLength(17);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });

  it("has the name that was given", async () => {
    await save(saveAt(4, 0));
    await runs.update("a", { name: "Mine" });
    await loseDatabase();
    expect(await restoreLost()).toEqual(["Mine"]);
  });

  it("has what was imported", async () => {
    await severalSaves();
    const { record, checkpoint, history, snapshots } = await contents();
    const checkpoints = [{ step: 17, bytes: checkpoint.bytes }];
    const pointers = record.checkpoints.slice(-1);
    await runs.add({
      record: { ...record, runId: "b", checkpoints: pointers },
      checkpoints,
      history,
      snapshots,
    });
    await loseDatabase();
    await restoreLost();
    const again = await runs.database.read("b");
    expect((await runs.database.newestCheckpoint(again, asIs)).bytes).toEqual(checkpoint.bytes);
    expect((await runs.database.history("b", again)).steps).toHaveLength(17);
  });

  it("is whole where it is of the newest save and has its checkpoints and snapshots", async () => {
    await severalSaves();
    const record = await runs.database.read("a");
    const steps = await runs.database.snapshotSteps("a", record.step);
    const has = (of: Partial<RunRecord> = {}) => copy.has({ ...record, ...of }, steps);
    const hasWithout = async (name: string) => {
      const found = filesOf("a");
      const bytes = found.get(name);
      expect(found.delete(name), name).toBe(true);
      const isWhole = await has();
      found.set(name, bytes as Uint8Array<ArrayBuffer>);
      return isWhole;
    };
    expect(await has()).toBe(true);
    expect(await has({ savedMs: record.savedMs - 1 })).toBe(false);
    expect(await has({ runId: "b" })).toBe(false);
    expect(await hasWithout("run.json")).toBe(false);
    const frames = [...filesOf("a").keys()].filter((name) => name.startsWith("frame-"));
    expect(frames).toHaveLength(4);
    for (const frame of frames) expect(await hasWithout(frame)).toBe(false);
    // The newest and the best are needed; one between is there for when the newest is damaged.
    expect(await hasWithout("checkpoint-17")).toBe(false);
    expect(await hasWithout("checkpoint-10")).toBe(false);
    expect(await hasWithout("checkpoint-13")).toBe(true);
  });

  it("is read up to its newest whole checkpoint, in order, whatever order its files are in", async () => {
    await severalSaves();
    filesOf("a").set("checkpoint-17", new Uint8Array(1000));
    for (const [name, bytes] of [...filesOf("a")].reverse()) {
      filesOf("a").delete(name);
      filesOf("a").set(name, bytes);
    }
    const run = await copy.read("a");
    expect(run?.record).toMatchObject({ step: 13, numEpochs: 1 });
    expect(run?.snapshots.map(({ step }) => step)).toEqual([4, 10, 13]);
    expect(run?.history.steps).toHaveLength(13);
    expect(await copy.read("b")).toBeNull();
  });

  it("has the size of its files", async () => {
    await severalSaves();
    expect(await copy.size("a")).toBe(bytesIn(filesOf("a")));
    expect(await copy.size("b")).toBe(0);
  });

  it("is not taken for one that is not there where the browser cannot say", async () => {
    await severalSaves();
    const failing = new Backup(() => Promise.reject(new DOMException("", "InvalidStateError")));
    await expect(failing.read("a")).rejects.toThrow(DOMException);
    await expect(new Backup(async () => null).read("a")).rejects.toThrow(/no folder/);
  });

  it("that cannot be written does not stop a save", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    tab.beforeFile = () => Promise.reject(new DOMException("", "QuotaExceededError"));
    await save(saveAt(4, 0, { run: runAt(4) }));
    expect((await runs.database.read("a")).step).toBe(4);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });
});
