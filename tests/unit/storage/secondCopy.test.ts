import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase, TABLES } from "../../../src/storage/database.ts";
import { RunStore } from "../../../src/storage/runStore.ts";
import { asHandle, MemoryFolder } from "./memoryFolder.ts";
import { epochReport, runAt, saveAt } from "./storedRun.ts";

let folder: MemoryFolder;
let store: RunStore;

async function loseDatabase() {
  const database = await openDatabase(() => {});
  for (const table of TABLES) await database.clear(table);
  database.close();
}

beforeEach(async () => {
  await loseDatabase();
  folder = new MemoryFolder();
  store = await RunStore.open(asHandle(folder), () => {});
});

const filesOf = (runId: string) => (folder.entries.get(runId) as MemoryFolder).entries;

/** All that there is of the run. */
async function contents() {
  const record = await store.read("a");
  return {
    record,
    checkpoint: await store.newestCheckpoint(record),
    best: await store.bestCheckpoint(record),
    history: await store.history("a", record),
    frames: (await store.frames("a", record.step)).map(({ step, count, pixels, wallTimeMs }) => ({
      ...{ step, count, pixels, wallTimeMs },
    })),
  };
}

async function severalSaves() {
  await store.save(saveAt(4, 0));
  const epochs = [epochReport(1, 10, Number.NaN)];
  await store.save(saveAt(10, 4, { validationLoss: 0.5 }));
  await store.save(saveAt(10, 10, { validationLoss: 0.5, history: { steps: [], epochs } }));
  await store.save(saveAt(13, 10));
  await store.save(saveAt(17, 13));
}

describe("a database that the browser has lost", () => {
  it("comes back from the second copy as it was", async () => {
    await severalSaves();
    const before = await contents();
    await loseDatabase();
    expect(await store.restoreLost()).toEqual(["First run"]);
    expect(await contents()).toEqual(before);
    expect(before.history.steps).toHaveLength(17);
    expect(before.history.epochs).toHaveLength(1);
    // What is there stays as it is.
    expect(await store.restoreLost()).toEqual([]);
  });

  it("comes back with the checkpoint before, where the newest copy is damaged", async () => {
    await severalSaves();
    await loseDatabase();
    filesOf("a").set("checkpoint-17", new Uint8Array(1000));
    await store.restoreLost();
    const { record, history, frames } = await contents();
    expect(record).toMatchObject({ step: 13, numEpochs: 1 });
    expect(history.steps.at(-1)?.step).toBe(13);
    expect(frames.at(-1)?.step).toBe(13);
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
    expect(await store.restoreLost()).toEqual([]);
    expect(await store.list()).toEqual([]);
  });
});

describe("the second copy", () => {
  it("has no more checkpoints than the first, and none beyond a step it went back to", async () => {
    await severalSaves();
    const steps = () =>
      [...filesOf("a").keys()].filter((name) => name.startsWith("checkpoint")).sort();
    expect(steps()).toEqual(["checkpoint-10", "checkpoint-13", "checkpoint-17"]);
    await store.save(saveAt(15, 13));
    expect(steps()).toEqual(["checkpoint-10", "checkpoint-13", "checkpoint-15"]);
    await loseDatabase();
    await store.restoreLost();
    expect((await contents()).history.steps).toHaveLength(15);
  });

  it("does not bring back a run that was deleted", async () => {
    await severalSaves();
    await store.delete("a");
    expect(await store.restoreLost()).toEqual([]);
  });

  it("has the name that was given", async () => {
    await store.save(saveAt(4, 0));
    await store.update("a", { name: "Mine" });
    await loseDatabase();
    expect(await store.restoreLost()).toEqual(["Mine"]);
  });

  it("has what was imported", async () => {
    await severalSaves();
    const { record, checkpoint, history, frames } = await contents();
    const checkpoints = [{ step: 17, bytes: checkpoint.bytes }];
    const pointers = record.checkpoints.slice(-1);
    await store.add({
      record: { ...record, runId: "b", checkpoints: pointers },
      checkpoints,
      history,
      frames,
    });
    await loseDatabase();
    await store.restoreLost();
    const again = await store.read("b");
    expect((await store.newestCheckpoint(again)).bytes).toEqual(checkpoint.bytes);
    expect((await store.history("b", again)).steps).toHaveLength(17);
  });

  it("that cannot be written does not stop a save", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    folder.getDirectoryHandle = () => Promise.reject(new DOMException("", "QuotaExceededError"));
    await store.save(saveAt(4, 0, { run: runAt(4) }));
    expect((await store.read("a")).step).toBe(4);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });
});
