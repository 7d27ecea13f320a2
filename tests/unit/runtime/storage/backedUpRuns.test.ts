import { describe, expect, it, vi } from "vitest";
import { Backup } from "../../../../src/runtime/storage/backup.ts";
import { RunStore } from "../../../../src/runtime/storage/runStore.ts";
import {
  browser,
  copies,
  filesOf,
  openAgain,
  problems,
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
import { checkpointBytes, saveNext } from "./storedRun.ts";

withTab();

describe("a run that is only in its backup", () => {
  it("is not given up for another one, and comes back once there is room", async () => {
    await save("a", 5);
    await browser.loseDatabase();
    // Room for the record and the checkpoint of another run, not for both.
    browser.quota = browser.usedBytes + 4000;
    expect(await reload()).toEqual({ restored: ["a"], noRoom: [] });
    await browser.loseDatabase();
    browser.quota = browser.usedBytes + 1000;
    expect(await reload()).toEqual({ restored: [], noRoom: ["a"] });
    await expect(save("b", 5)).rejects.toThrow("full");
    expect(copies()).toEqual(["a"]);
    expect(await unreadable()).toEqual(["a"]);
    browser.quota += 3000;
    await save("b", 5);
    expect(await reload()).toEqual({ restored: [], noRoom: ["a"] });
    expect(await readable()).toEqual(["b 5"]);
    await tab.runs.delete("b");
    expect(await tab.runs.restore()).toEqual({ restored: ["a"], noRoom: [] });
    expect(await readable()).toEqual(["a 5"]);
    expect(await stepsOf("a")).toEqual(upTo(5));
  });

  it("gets the room of backups of runs that are back", async () => {
    for (const runId of ["a", "b", "c"]) await save(runId, 5);
    await browser.loseDatabase();
    browser.quota = browser.usedBytes + 4000;
    expect(await reload()).toEqual({ restored: ["a", "b", "c"], noRoom: [] });
    expect(await readable()).toHaveLength(3);
  });

  it("takes no backups where their room would not bring it back", async () => {
    await save("a", 200);
    await browser.loseDatabase();
    await save("b", 5);
    browser.quota = browser.usedBytes + 7000;
    for (let i = 0; i < 2; i++) {
      expect(await reload()).toEqual({ restored: [], noRoom: ["a"] });
      expect(copies().sort()).toEqual(["a", "b"]);
    }
    browser.quota += 5000;
    await save("b", 8, 5);
    expect(filesOf("b").has("checkpoint-8")).toBe(true);
  });

  it("is waited for with backups where it does not fit into their room either", async () => {
    await save("a", 5);
    await browser.loseDatabase();
    await save("b", 5);
    vi.spyOn(tab.runs.database, "replace").mockResolvedValue(false);
    const givenUp = vi.spyOn(Backup.prototype, "delete");
    expect(await tab.runs.restore()).toEqual({ restored: [], noRoom: ["a"] });
    expect(givenUp.mock.calls).toEqual([["b"]]);
    await tab.runs.completeBackups();
    expect(copies().sort()).toEqual(["a", "b"]);
  });

  it("is deleted for good", async () => {
    await save("a", 5);
    await browser.loseDatabase();
    browser.quota = browser.usedBytes;
    await reload();
    await tab.runs.delete("a");
    browser.quota = Number.POSITIVE_INFINITY;
    expect(await reload()).toEqual({ restored: [], noRoom: [] });
    expect(await tab.runs.list()).toEqual([]);
  });

  it("is told to be damaged where no checkpoint is left in it", async () => {
    await save("a", 5);
    await browser.loseDatabase();
    filesOf("a").delete("checkpoint-5");
    await reload();
    expect(await problems()).toEqual({ a: expect.stringContaining("no checkpoint") });
  });

  it("says why it does not come back, each its own reason", async () => {
    for (const runId of ["a", "b", "c"]) await save(runId, 5);
    await browser.loseDatabase();
    filesOf("b").set("run.json", new TextEncoder().encode("{}"));
    const { replace } = RunStore.prototype;
    vi.spyOn(RunStore.prototype, "replace").mockImplementation(function (this: RunStore, run, n) {
      if (run.record.runId === "a") throw new Error("no such table");
      return replace.call(this, run, n);
    });
    browser.quota = browser.usedBytes;
    expect(await problems()).toMatchObject({ c: expect.not.stringContaining("room") });
    expect(await reload()).toEqual({ restored: [], noRoom: ["c"] });
    expect(await problems()).toEqual({
      a: expect.stringContaining("no such table"),
      b: expect.stringContaining("record is damaged"),
      c: expect.stringContaining("not enough room"),
    });
    browser.quota = Number.POSITIVE_INFINITY;
    await tab.runs.restore();
    expect((await unreadable()).sort()).toEqual(["a", "b"]);
  });

  it.each([
    ["saves for the first time", "before"],
    ["saves for the first time", "after"],
    ["deletes", "before"],
    ["deletes", "after"],
  ])("is none that another tab %s just %s the database is listed", async (what, when) => {
    const other = await browser.openTab();
    if (what === "deletes") await save("a", 5);
    const change = async () => {
      if (what === "deletes") await other.runs.delete("a");
      else await saveNext(other.runs, saveOf("a", 5));
    };
    const { database } = tab.runs;
    const list = database.list.bind(database);
    vi.spyOn(database, "list").mockImplementationOnce(async () => {
      if (when === "before") await change();
      const runs = await list();
      if (when === "after") await change();
      return runs;
    });
    expect(await problems()).toEqual({});
    other.runs.database.close();
  });
});

describe("backups", () => {
  it("give way where the disk is full, and are written again once there is room", async () => {
    await save("a", 5);
    await save("b", 5);
    browser.quota = browser.usedBytes + 500;
    await save("b", 8, 5);
    expect(copies()).toEqual([]);
    await save("b", 9, 8);
    // Else the next save would have to delete them again.
    browser.quota = browser.usedBytes + 1000;
    await reload();
    expect(copies()).toEqual([]);
    browser.quota = Number.POSITIVE_INFINITY;
    await reload();
    expect(copies().sort()).toEqual(["a", "b"]);
    await browser.loseDatabase();
    await reload();
    expect((await readable()).sort()).toEqual(["a 5", "b 9"]);
    expect(await stepsOf("b")).toEqual(upTo(9));
  });

  it("are written again when a run is deleted", async () => {
    await save("a", 5);
    await save("b", 5);
    browser.quota = browser.usedBytes + 500;
    await save("b", 8, 5);
    browser.quota = Number.POSITIVE_INFINITY;
    await tab.runs.delete("a");
    await tab.runs.completeBackups();
    expect(copies()).toEqual(["b"]);
  });

  it("are not written whole each time there is no room for them", async () => {
    vi.spyOn(tab, "onWrite").mockImplementation(() => {
      throw new DOMException("", "QuotaExceededError");
    });
    await save("a", 5);
    const read = vi.spyOn(tab.runs.database, "checkpoints");
    await save("a", 8, 5);
    await save("a", 9, 8);
    expect(read).not.toHaveBeenCalled();
    expect(bytesIn(browser.files)).toBe(0);
  });

  it("vouch for nothing that is not there", async () => {
    await save("a", 5);
    // Another tab has given it up.
    browser.files.clear();
    await tab.runs.update("a", { name: "Renamed" });
    expect(browser.files.size).toBe(0);
  });

  it("that are behind get a new name, and stay what they are", async () => {
    await save("a", 5);
    tab.beforeFile = () => Promise.reject(new DOMException("", "InvalidStateError"));
    await save("a", 8, 5);
    tab.beforeFile = () => {};
    await tab.runs.update("a", { name: "Renamed", isFinished: true });
    await browser.loseDatabase();
    expect(await reload()).toEqual({ restored: ["Renamed"], noRoom: [] });
    expect(await tab.runs.database.read("a")).toMatchObject({ step: 5, isFinished: false });
  });

  it("stay whole until they are written anew", async () => {
    await save("a", 5);
    tab.beforeFile = () => Promise.reject(new DOMException("", "InvalidStateError"));
    await save("a", 8, 5);
    tab.beforeFile = () => {};
    // Killed while the copy is written, with a database that does not survive it.
    let numFiles = 0;
    tab.beforeFile = () => {
      if (++numFiles === 20) tab.kill();
    };
    expect(await tab.doing(() => tab.runs.completeBackups())).toBe("killed");
    expect(filesOf("a").has("checkpoint-8")).toBe(true);
    await browser.loseDatabase();
    expect(await reload()).toEqual({ restored: ["a"], noRoom: [] });
    expect(await readable()).toEqual(["a 5"]);
  });

  it.each(Array.from({ length: 25 }, (_, i) => 15 + i))(
    "are completed where the tab was killed at step %i of a save",
    async (numSteps) => {
      const saved = await tab.doing(() => tab.runs.save(saveOf("a", 5)), numSteps);
      await reload();
      const { length: numRuns } = await readable();
      if (saved !== "killed") expect(numRuns).toBe(1);
      expect(copies()).toHaveLength(numRuns);
      expect(browser.files.size).toBe(numRuns);
      await browser.loseDatabase();
      await reload();
      expect(await readable()).toHaveLength(numRuns);
    },
  );

  it("without a record are cleared away, but for those of runs that are stored", async () => {
    await save("a", 5);
    filesOf("a").delete("run.json");
    browser.files.set("b", new Map([["checkpoint-5", checkpointBytes(5)]]));
    browser.files.set("c", new Map([["run.json", new TextEncoder().encode("{}")]]));
    await openAgain();
    await tab.runs.restore();
    expect([...browser.files.keys()]).toEqual(["a", "c"]);
    expect(filesOf("a").has("checkpoint-5")).toBe(true);
  });

  it("count in the size of a run, as far as they are there", async () => {
    await save("a", 5);
    const bytes = 1000 + 2 * 784 + 5 * 110;
    const totalBytes = async () => (await tab.runs.list()).map((run) => Object(run).totalBytes);
    expect(await totalBytes()).toEqual([2 * bytes]);
    browser.quota = browser.usedBytes + 500;
    await save("a", 8, 5);
    const withoutCopy = 2 * 1000 + 4 * 784 + 8 * 110;
    expect(await totalBytes()).toEqual([withoutCopy]);
    browser.quota = browser.usedBytes + 500;
    await expect(save("a", 9, 8)).rejects.toThrow("full");
    // For nothing the older checkpoint went.
    expect(await totalBytes()).toEqual([withoutCopy - 1000]);
    expect(browser.usedBytes).toBe(withoutCopy - 1000);
  });
});
