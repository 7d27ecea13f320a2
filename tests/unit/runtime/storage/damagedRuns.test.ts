import { describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../../../src/runtime/storage/database.ts";
import {
  browser,
  changeRecord,
  copies,
  filesOf,
  readable,
  reload,
  save,
  saveOf,
  stepsOf,
  tab,
  unreadable,
  upTo,
  withTab,
} from "./backedUpRunsTab.ts";
import { bytesIn } from "./memoryFolder.ts";
import { checkpointBytes } from "./storedRun.ts";

withTab();

describe("a run that the database has damaged", () => {
  it("comes back from its backup", async () => {
    await save("a", 5);
    await save("a", 8, 5);
    await changeRecord("a", (record) => ({ ...record, checkpoints: "none" }));
    expect(await unreadable()).toEqual(["a"]);
    expect(await reload()).toEqual({ restored: ["a"], noRoom: [] });
    expect(await readable()).toEqual(["a 8"]);
    expect(await stepsOf("a")).toEqual(upTo(8));
  });

  it("is not to be deleted where there is no room to bring it back", async () => {
    await save("a", 5);
    await changeRecord("a", (record) => ({ ...record, checkpoints: "none" }));
    vi.spyOn(tab.runs.database, "replace").mockResolvedValue(false);
    expect(await tab.runs.restore()).toEqual({ restored: [], noRoom: ["a"] });
    expect(await tab.runs.list()).toMatchObject([
      { runId: "a", problem: expect.stringContaining("not enough room") },
    ]);
  });

  it("is left alone where a newer version has written it", async () => {
    await save("a", 5);
    await changeRecord("a", (record) => ({ ...record, format: 1000 }));
    expect(await reload()).toEqual({ restored: [], noRoom: [] });
    expect(await unreadable()).toEqual(["a"]);
  });

  it("has the checkpoint of its backup, which is not given up then", async () => {
    await save("a", 5);
    const database = await openDatabase(() => {});
    await database.put("checkpoints", { runId: "a", step: 5, bytes: new Uint8Array(1000) });
    database.close();
    browser.quota = browser.usedBytes + 500;
    await expect(save("b", 5)).rejects.toThrow("full");
    const run = await tab.runs.database.read("a");
    const found = await tab.runs.database.newestCheckpoint(run, (bytes) => bytes);
    expect(found).toMatchObject({ bytes: checkpointBytes(5), numDamaged: 0 });
  });

  it("keeps its last whole checkpoint where the disk is full", async () => {
    await save("a", 5);
    await save("a", 8, 5);
    const database = await openDatabase(() => {});
    await database.put("checkpoints", { runId: "a", step: 8, bytes: new Uint8Array(1000) });
    database.close();
    browser.files.clear();
    browser.quota = browser.usedBytes;
    await expect(save("b", 5)).rejects.toThrow("full");
    const run = await tab.runs.database.read("a");
    const found = await tab.runs.database.newestCheckpoint(run, (bytes) => bytes);
    expect(found).toMatchObject({ pointer: { step: 5 }, numDamaged: 1 });
  });
});

describe("a checkpoint whose weights turn out to be lost", () => {
  it("is forgotten in the backup, too", async () => {
    await save("a", 5);
    await save("a", 8, 5);
    await tab.runs.forgetNewest("a", 8);
    expect(await readable()).toEqual(["a 5"]);
    await browser.loseDatabase();
    expect(await reload()).toEqual({ restored: ["a"], noRoom: [] });
    expect(await readable()).toEqual(["a 5"]);
    expect(await stepsOf("a")).toEqual(upTo(5));
  });
});

describe("a run that was deleted", () => {
  it("does not come back where the tab that deletes it had given up its copy", async () => {
    await save("a", 5);
    browser.quota = browser.usedBytes + 500;
    await save("a", 8, 5);
    expect(copies()).toEqual([]);
    browser.quota = Number.POSITIVE_INFINITY;
    const other = await browser.openTab();
    await other.runs.completeBackups();
    other.runs.database.close();
    expect(copies()).toEqual(["a"]);
    await tab.runs.delete("a");
    expect(await reload()).toEqual({ restored: [], noRoom: [] });
    expect(await tab.runs.list()).toEqual([]);
  });

  it("is gone also where files of its copy cannot be deleted, until the page is loaded again", async () => {
    await save("a", 5);
    vi.spyOn(tab, "onRemove").mockImplementation(() => {
      if (!filesOf("a").has("run.json")) throw new DOMException("", "NoModificationAllowedError");
    });
    await tab.runs.delete("a");
    expect(filesOf("a").has("run.json")).toBe(false);
    expect(await tab.runs.list()).toEqual([]);
    expect(await reload()).toEqual({ restored: [], noRoom: [] });
    expect(browser.files.size).toBe(0);
  });

  it("does not come back by a save of the tab that had ended it", async () => {
    const { record } = await save("a", 5);
    await tab.runs.delete("a");
    const late = { ...saveOf("a", 8, 5), previousMs: record.savedMs };
    expect(await tab.runs.save({ ...late, isOwn: false })).toBeNull();
    expect(await tab.runs.list()).toEqual([]);
    expect(bytesIn(browser.files)).toBe(0);
  });
});

describe("a browser that refuses locks", () => {
  it("stores runs all the same, and tells what goes wrong", async () => {
    browser.locks.onRequest = () => Promise.reject(new DOMException("denied", "SecurityError"));
    await save("a", 5);
    expect(await readable()).toEqual(["a 5"]);
    browser.quota = 0;
    await expect(save("b", 5)).rejects.toThrow("full");
  });
});

describe("a store that has lost a run while it is trained", () => {
  it("gets all of its history with the next save", async () => {
    const { record } = await save("a", 5);
    await browser.clearSiteData();
    const next = { ...saveOf("a", 8, 5), previousMs: record.savedMs };
    await tab.runs.save(next);
    expect(await stepsOf("a")).toEqual(upTo(8));
    await browser.loseDatabase();
    await reload();
    expect(await stepsOf("a")).toEqual(upTo(8));
  });

  it("also where it has one of an earlier save", async () => {
    await save("a", 5);
    tab.beforeFile = () => Promise.reject(new DOMException("", "InvalidStateError"));
    const { record } = await save("a", 8, 5);
    tab.beforeFile = () => {};
    await browser.loseDatabase();
    const other = await browser.openTab();
    await other.runs.restore();
    other.runs.database.close();
    await tab.runs.save({ ...saveOf("a", 10, 8), previousMs: record.savedMs });
    expect(await stepsOf("a")).toEqual(upTo(10));
    const run = await tab.runs.database.read("a");
    expect(run.checkpoints.map(({ step }) => step)).toEqual([10]);
  });
});
