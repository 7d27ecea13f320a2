import { beforeEach, describe, expect, it, vi } from "vitest";
import { NoRoomError, StorageError } from "../../../../src/runtime/storage/keeper.ts";
import { KeptRuns, type KeptRunsOptions } from "../../../../src/runtime/storage/keptRuns.ts";
import { promisedBytes, stepOf } from "../../../../src/runtime/storage/parts.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { readWholeRun, snapshotSteps } from "../../../../src/runtime/storage/readRun.ts";
import { RECORD_FORMAT } from "../../../../src/runtime/storage/records.ts";
import { runAfter, type Save } from "../../../../src/runtime/storage/saves.ts";
import { FaultyKeeper, Room } from "./faultyKeeper.ts";
import { asLockManager, MemoryLocks } from "./memoryLocks.ts";
import {
  checkpointBytes,
  checkpointSteps,
  epochReport,
  readBack,
  runAt,
  saveAt,
  snapshotAt,
  upTo,
} from "./storedRun.ts";

let room: Room;
let database: FaultyKeeper;
let folder: FaultyKeeper;
let runs: KeptRuns;
let notes: string[];

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  room = new Room();
  database = new FaultyKeeper("the browser’s database", room);
  folder = new FaultyKeeper("the browser’s files", room);
  notes = [];
  runs = opened();
});

/** The runs as a page finds them that was just loaded. */
function opened(options: Partial<KeptRunsOptions> = {}): KeptRuns {
  return new KeptRuns({
    keepers: [database, folder],
    freeBytes: async () => room.quota - room.usedBytes,
    wait: async () => {},
    onNote: (note) => notes.push(note),
    ...options,
  });
}

async function saved(save: Save, to = runs) {
  const run = await to.save(save);
  if (!run) throw new Error("Expected the run to be this tab's to save.");
  return run;
}

const ofRun = (runId: string, step: number, afterStep: number, changes: Partial<Save> = {}) =>
  saveAt(step, afterStep, { run: runAt(step, { runId, name: runId }), ...changes });
const fail = (name: string) => () => {
  throw new DOMException(`${name}.`, name);
};
const stepIn = (keeper: FaultyKeeper, runId = "a") => {
  const run = keeper.stored.get(runId)?.run;
  return run && isReadable(run) ? run.record.step : null;
};
const checkpointsIn = (keeper: FaultyKeeper, runId: string) =>
  partsIn(keeper, runId).filter((name) => name.startsWith("checkpoint")).length;
const partsIn = (keeper: FaultyKeeper, runId = "a") => [
  ...(keeper.stored.get(runId)?.parts.keys() ?? []),
];

describe("a save", () => {
  it("is found again as it was written, from either keeper alone", async () => {
    const run = await saved(saveAt(5, 0));
    expect(run.record).toMatchObject({ ...runAt(5), format: RECORD_FORMAT });
    const written = {
      step: 5,
      name: "First run",
      bytes: checkpointBytes(5),
      numLost: 0,
      steps: upTo(5),
      epochs: [],
      snapshots: [5],
    };
    for (const keepers of [[database, folder], [database], [folder]]) {
      expect(await readBack(opened({ keepers }))).toEqual(written);
    }
    expect(await readWholeRun(run, runs.part)).toMatchObject({ snapshots: [snapshotAt(5)] });
  });

  it("keeps the last two checkpoints and the best, the first of equals, and all of the history", async () => {
    await saved(saveAt(10, 0, { validationLoss: 0.5 }));
    await saved(saveAt(15, 10));
    await saved(saveAt(20, 15, { validationLoss: 0.4 }));
    await saved(saveAt(25, 20));
    await saved(saveAt(30, 25, { validationLoss: 0.4 }));
    const run = await saved(saveAt(35, 30));
    expect(checkpointSteps(run)).toEqual([20, 30, 35]);
    expect(run.record.bestValidationLoss).toBe(0.4);
    for (const keeper of [database, folder]) {
      const checkpoints = partsIn(keeper).filter((name) => name.startsWith("checkpoint"));
      expect(checkpoints.map((name) => name.split("-")[1])).toEqual(["20", "30", "35"]);
    }
    expect((await readBack(runs)).steps).toEqual(upTo(35));
    const whole = await readWholeRun(run, runs.part);
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([20, 35]);
    expect(whole.checkpoints[0]?.bytes).toEqual(checkpointBytes(20));
  });

  it("at the step of the last adds the epoch that has ended since", async () => {
    await saved(saveAt(10, 0));
    const epoch = epochReport(1, 10, 0.5);
    await saved(saveAt(10, 10, { validationLoss: 0.5, history: { steps: [], epochs: [epoch] } }));
    const run = await saved(saveAt(12, 10));
    expect(run.record.checkpoints.map((c) => [c.step, c.validationLoss])).toEqual([
      [10, 0.5],
      [12, null],
    ]);
    expect(await readBack(runs)).toMatchObject({
      steps: upTo(12),
      epochs: [0.5],
      snapshots: [10, 12],
    });
  });

  it("after going back forgets what was beyond, also within a piece of the history", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    const run = await saved(saveAt(7, 5));
    expect(checkpointSteps(run)).toEqual([5, 7]);
    const stepsOf = (kind: string) => run.parts.filter((name) => name.startsWith(kind)).map(stepOf);
    expect([stepsOf("history"), stepsOf("snapshot")]).toEqual([
      [5, 7],
      [5, 7],
    ]);
    expect(await readBack(runs)).toMatchObject({ steps: upTo(7), snapshots: [5, 7] });

    const whole = await readWholeRun(await saved(ofRun("b", 17, 0)), runs.part);
    const epochs = [epochReport(1, 10, 0.5)];
    const record = { ...whole.record, runId: "c" };
    await runs.add({ ...whole, record, history: { ...whole.history, epochs } });
    await saved(ofRun("c", 12, 10, { history: { steps: [], epochs: [] } }));
    const history = saveAt(14, 10).history;
    await saved(ofRun("c", 14, 10, { history }));
    expect(await readBack(runs, "c")).toMatchObject({ steps: upTo(14), epochs: [0.5] });
  });

  it("of an epoch that was validated twice tells the later", async () => {
    const epochs = (loss: number) => [epochReport(1, 10, loss)];
    await saved(saveAt(10, 0, { history: { steps: [], epochs: epochs(0.5) } }));
    await saved(saveAt(12, 10, { history: { steps: [], epochs: epochs(0.4) } }));
    expect((await readBack(runs)).epochs).toEqual([0.4]);
  });

  it("has a later time than the one before, also where the clock was set back", async () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(1000);
    expect((await saved(saveAt(5, 0))).changedMs).toBe(1000);
    expect((await saved(saveAt(8, 5))).changedMs).toBe(1001);
    now.mockReturnValue(3);
    expect((await saved(saveAt(9, 8))).changedMs).toBe(1002);
    // Nor has that of another tab, which knows nothing of those.
    expect((await saved(saveAt(4, 0), opened())).changedMs).toBe(1003);
    now.mockReturnValue(2000);
    expect((await saved(saveAt(10, 9))).changedMs).toBe(2000);
    vi.mocked(Date.now).mockRestore();
  });

  it("leaves a name that was given meanwhile, and other runs alone", async () => {
    await saved(ofRun("ab", 5, 0));
    await saved(saveAt(5, 0));
    await runs.update("a", { name: "Mine" });
    expect((await saved(saveAt(8, 5))).record.name).toBe("Mine");
    expect(await readBack(opened())).toMatchObject({ name: "Mine" });
    await runs.delete("a");
    expect(await readBack(runs, "ab")).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("after others have the best of all checkpoints, also of one that could not be stored when it was", async () => {
    await saved(saveAt(4, 0));
    database.onUse = folder.onUse = (isWrite) => (isWrite ? fail("UnknownError")() : undefined);
    await expect(runs.save(saveAt(10, 4, { validationLoss: 0.5 }))).rejects.toThrow(StorageError);
    await expect(runs.save(saveAt(12, 10))).rejects.toThrow(StorageError);
    database.onUse = folder.onUse = () => {};
    expect(await readBack(opened())).toMatchObject({ step: 4 });
    const run = await saved(saveAt(17, 12));
    expect(checkpointSteps(run)).toEqual([10, 12, 17]);
    expect(await readBack(opened())).toMatchObject({
      step: 17,
      steps: upTo(17),
      snapshots: [4, 10, 12, 17],
    });
    expect(partsIn(folder).sort()).toEqual([...run.parts].sort());
  });

  it("is refused where the run was deleted or trained on elsewhere since this tab ended it, and held all the same", async () => {
    const { record } = await saved(saveAt(5, 0));
    const late = saveAt(8, 5, { previousMs: record.savedMs, claim: "ifUnchanged" });
    const other = opened();
    const { record: newer } = await saved(saveAt(6, 5), other);
    expect(await runs.save(late)).toBeNull();
    // Nor with what else is changed here.
    await runs.update("a", { name: "Mine" });
    expect(await readBack(other)).toMatchObject({ step: 6, name: "Mine" });
    expect(await runs.save({ ...late, previousMs: newer.savedMs })).not.toBeNull();
    await other.delete("a");
    for (const claim of ["ifUnchanged", "never"] as const) {
      expect(await runs.save({ ...late, claim })).toBeNull();
      expect(await runs.list()).toEqual([]);
      const held = await runs.held("a");
      expect(held && (await readWholeRun(held, runs.part)).history.steps).toHaveLength(8);
    }
  });

  it("is this tab's own where what could not be saved was written with another change", async () => {
    const { record } = await saved(saveAt(5, 0));
    room.quota = 0;
    const late = saveAt(8, 5, { previousMs: record.savedMs, claim: "ifUnchanged" });
    await expect(runs.save(late)).rejects.toThrow(NoRoomError);
    room.quota = Number.POSITIVE_INFINITY;
    await runs.update("a", { name: "Mine" });
    expect(await readBack(opened())).toMatchObject({ step: 8, name: "Mine" });
    expect((await saved(late)).record.step).toBe(8);
    expect(await readBack(opened())).toMatchObject({ step: 8, name: "Mine", steps: upTo(8) });
  });

  it("does not write over what a newer version of the page has written", async () => {
    await saved(saveAt(5, 0));
    const problem = { runId: "a", name: "First run", problem: "newer version", isNewer: true };
    for (const keeper of [database, folder])
      keeper.stored.set("a", { run: problem, parts: new Map() });
    await expect(opened().save(saveAt(8, 5))).rejects.toThrow("newer version");
    expect((await opened().settle()).restored).toEqual([]);
    expect(await runs.list()).toEqual([problem]);
    await expect(runs.update("a", { name: "Mine" })).rejects.toThrow("newer version");
    await expect(runs.read("a")).rejects.toThrow("“First run” cannot be opened. newer version");
    expect(database.stored.get("a")?.run).toEqual(problem);
  });

  it("makes no second branch of a run that a newer version of the page has trained on elsewhere", async () => {
    await saved(saveAt(5, 0));
    const problem = { runId: "a", name: "First run", problem: "newer version", isNewer: true };
    database.stored.set("a", { run: problem, parts: new Map() });
    await expect(opened().save(saveAt(8, 5))).rejects.toThrow("newer version");
    expect(stepIn(folder)).toBe(5);
  });
});

describe("what is read", () => {
  it.each([
    ["the database", () => database],
    ["the folder", () => folder],
  ])(
    "is the newer version where %s has fallen back to an earlier one, and settling brings it back",
    async (_, of) => {
      await saved(saveAt(40, 0));
      const hourAgo = of().remember();
      await saved(saveAt(120, 40));
      await runs.update("a", { name: "Mine" });
      of().fallBack(hourAgo);
      const page = opened();
      expect(await page.list()).toMatchObject([{ step: 120, name: "Mine" }]);
      expect(await readBack(page)).toMatchObject({ step: 120, steps: upTo(120), numLost: 0 });
      const { restored, isChanged } = await page.settle();
      expect([restored, isChanged]).toEqual([of() === database ? ["Mine"] : [], true]);
      expect([stepIn(database), stepIn(folder)]).toEqual([120, 120]);
      expect(partsIn(database).sort()).toEqual(partsIn(folder).sort());
      expect(await opened().settle()).toEqual({ restored: [], isChanged: false });
    },
  );

  it.each([
    ["gone", () => null],
    ["zeroed", () => new Uint8Array(1000)],
    ["cut short", () => checkpointBytes(8).slice(0, 999)],
    [
      "with a bit flipped",
      () => checkpointBytes(8).map((byte, i) => (i === 500 ? byte ^ 1 : byte)),
    ],
  ])(
    "is each part from whichever has it, where those of the database are %s, and the database is mended",
    async (_, bytes) => {
      await saved(saveAt(5, 0));
      await saved(saveAt(8, 5));
      for (const start of ["checkpoint", "history", "snapshot"])
        database.damage("a", start, bytes());
      const page = opened();
      const whole = {
        step: 8,
        bytes: checkpointBytes(8),
        steps: upTo(8),
        snapshots: [5, 8],
        numLost: 0,
      };
      expect(await readBack(page)).toMatchObject(whole);
      folder.fallBack();
      expect(await readBack(page)).toMatchObject(whole);
    },
  );

  it("is mended with that part alone where a keeper has an earlier version", async () => {
    await saved(saveAt(5, 0));
    database.damage("a", "checkpoint-5", new Uint8Array(1000));
    const before = database.remember();
    await saved(saveAt(8, 5));
    database.fallBack(before);
    const run = await opened().read("a");
    const name = run.parts.find((part) => part.startsWith("checkpoint-5")) as string;
    await opened().part(run, name);
    expect(database.stored.get("a")?.parts.get(name)).toEqual(checkpointBytes(5));
    folder.fallBack();
    expect(await readBack(opened())).toMatchObject({ step: 5, steps: upTo(5), numLost: 0 });
  });

  it("is the checkpoint before, and how many steps are lost, where the newest is whole nowhere", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    for (const keeper of [database, folder]) keeper.damage("a", "checkpoint-8", null);
    expect(await readBack(opened())).toMatchObject({
      step: 5,
      numLost: 3,
      steps: upTo(5),
      snapshots: [5],
    });
    const decode = (bytes: Uint8Array) => {
      if (bytes[1] === 5) throw new Error("It is none.");
    };
    await expect(opened().open("a", () => decode)).rejects.toThrow(
      "None of the 2 checkpoints of “First run” can be read",
    );
  });

  it("is an earlier version where the newest has no checkpoint that is whole", async () => {
    await saved(saveAt(5, 0));
    const before = folder.remember();
    await saved(saveAt(8, 5));
    await saved(saveAt(9, 8));
    folder.fallBack(before);
    database.damage("a", "checkpoint", new Uint8Array(3));
    expect(await readBack(opened())).toMatchObject({ step: 5, numLost: 4, steps: upTo(5) });
  });

  it("stays where the newest version has no whole checkpoint that could be brought", async () => {
    await saved(saveAt(5, 0));
    const earlier = folder.remember();
    await saved(saveAt(8, 5));
    await saved(saveAt(12, 8));
    folder.fallBack(earlier);
    database.damage("a", "checkpoint", null);
    for (let i = 0; i < 2; i++) {
      await opened().settle();
      expect(await readBack(opened())).toMatchObject({ step: 5, bytes: checkpointBytes(5) });
    }
    const page = opened();
    await page.update("a", { name: "Mine" });
    expect((await opened().read("a")).record.name).toBe("Mine");
    expect(await readBack(opened())).toMatchObject({ step: 5, bytes: checkpointBytes(5) });
    await saved(saveAt(9, 5), page);
    expect([stepIn(database), stepIn(folder)]).toEqual([9, 9]);
    expect(await readBack(opened({ keepers: [folder] }))).toMatchObject({
      step: 9,
      steps: upTo(9),
    });
  });

  it("is what was saved last, also where another keeper has an earlier version that was renamed since", async () => {
    await saved(saveAt(5, 0));
    const earlier = folder.remember();
    await saved(saveAt(10, 5));
    folder.fallBack(earlier);
    database.onUse = fail("UnknownError");
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 1000);
    await opened().update("a", { name: "Mine" });
    later.mockRestore();
    database.onUse = () => {};
    await opened().settle();
    expect([stepIn(database), stepIn(folder)]).toEqual([10, 10]);
    expect(await readBack(opened())).toMatchObject({ step: 10, steps: upTo(10) });
  });

  it.each(["save", "start"])(
    "is whole in each keeper where a killed page left empty files, from the next %s on",
    async (next) => {
      await saved(saveAt(5, 0));
      const earlier = folder.remember();
      const { parts } = await saved(saveAt(8, 5));
      folder.fallBack(earlier);
      for (const name of parts) {
        const inFolder = folder.stored.get("a")?.parts;
        if (!inFolder?.has(name)) inFolder?.set(name, new Uint8Array());
      }
      if (next === "save") {
        database.fallBack(earlier);
        await saved(saveAt(8, 5), opened());
      } else await opened().settle();
      expect(await readBack(opened({ keepers: [folder] }))).toMatchObject({
        step: 8,
        bytes: checkpointBytes(8),
        steps: upTo(8),
        snapshots: [5, 8],
      });
    },
  );

  it("comes from the folder alone where the database does not open, which is told once", async () => {
    await saved(saveAt(5, 0));
    database.onUse = fail("UnknownError");
    const page = opened();
    expect(await page.list()).toMatchObject([{ runId: "a", step: 5 }]);
    expect(await readBack(page)).toMatchObject({ step: 5, steps: upTo(5) });
    await saved(saveAt(8, 5), page);
    await page.settle();
    expect(await readBack(page)).toMatchObject({ step: 8, steps: upTo(8) });
    expect(notes).toEqual([expect.stringMatching(/database.*UnknownError.*files/)]);
    database.onUse = () => {};
    expect(await opened().settle()).toEqual({ restored: ["First run"], isChanged: true });
    expect(stepIn(database)).toBe(8);
  });

  it("comes from one keeper without a word where the browser refuses the other, as in a private window", async () => {
    folder.onUse = fail("SecurityError");
    await saved(saveAt(5, 0));
    expect(await readBack(opened())).toMatchObject({ step: 5 });
    expect(notes).toEqual([]);
  });

  it("leaves a keeper alone whose record cannot be read just now: it may be the newer one", async () => {
    await saved(saveAt(40, 0));
    const hourAgo = database.remember();
    await saved(saveAt(120, 40));
    database.fallBack(hourAgo);
    const { find } = folder;
    folder.find = fail("NotReadableError");
    const page = opened();
    await page.settle();
    await page.update("a", { name: "Mine" });
    folder.find = find;
    expect([stepIn(database), stepIn(folder)]).toEqual([40, 120]);
    // Nor where it can be read again a moment later.
    const failOnce = () => {
      folder.find = async () => {
        folder.find = find;
        return fail("NotReadableError")();
      };
    };
    failOnce();
    await opened().update("a", { name: "Mine" });
    expect([stepIn(database), stepIn(folder)]).toEqual([40, 120]);
    failOnce();
    await expect(opened().save(saveAt(125, 120))).rejects.toThrow("NotReadableError");
    expect(stepIn(folder)).toBe(120);
    folder.onUse = (isWrite) => (isWrite ? undefined : fail("NotReadableError")());
    await opened().settle();
    folder.onUse = () => {};
    expect(stepIn(folder)).toBe(120);
  });

  it("is nothing, and says why, where no keeper opens", async () => {
    database.onUse = () => {
      throw new StorageError("The browser gives this page no storage.");
    };
    folder.onUse = fail("SecurityError");
    await expect(runs.list()).rejects.toThrow("no storage");
    await expect(runs.save(saveAt(5, 0))).rejects.toThrow("no storage");
    expect(await readWholeRun((await runs.held("a")) ?? expect.fail(), runs.part)).toMatchObject({
      record: { step: 5 },
    });
    await expect(opened({ keepers: [] }).list()).rejects.toThrow("no place to keep runs");
  });

  it("has the run that was saved last first, and those that cannot be read last", async () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(1e12);
    await saved(ofRun("older", 5, 0));
    now.mockReturnValue(1e12 + 1);
    await saved(ofRun("newer", 5, 0));
    vi.mocked(Date.now).mockRestore();
    const problem = { runId: "x", name: "X", problem: "Its record is damaged.", isNewer: false };
    database.stored.set("x", { run: problem, parts: new Map() });
    expect((await runs.list()).map(({ runId }) => runId)).toEqual(["newer", "older", "x"]);
    await expect(runs.read("x")).rejects.toThrow("“X” cannot be opened. Its record is damaged.");
    await expect(runs.read("y")).rejects.toThrow("no longer stored");
  });

  it("counts the bytes in all places", async () => {
    await saved(saveAt(5, 0));
    const totalBytes = async () => Object((await runs.list())[0]).totalBytes;
    expect(await totalBytes()).toBe(room.usedBytes);
    const both = room.usedBytes;
    folder.fallBack();
    expect(await totalBytes()).toBe(both / 2);
  });
});

describe("a damaged record", () => {
  const problem = {
    runId: "a",
    name: "First run",
    problem: "Its record is damaged.",
    isNewer: false,
  };

  it("gives way to that of another keeper, and is mended from there", async () => {
    await saved(saveAt(5, 0));
    database.stored.set("a", { run: problem, parts: new Map() });
    expect(await opened().list()).toMatchObject([{ step: 5 }]);
    expect((await opened().settle()).restored).toEqual(["First run"]);
    expect(stepIn(database)).toBe(5);
  });

  it("is left where there is no other", async () => {
    database.stored.set("a", { run: problem, parts: new Map() });
    await opened().settle();
    expect(database.stored.get("a")?.run).toEqual(problem);
  });
});

describe("parts without a record", () => {
  it("are cleared away, but for those of a run that another keeper has", async () => {
    await saved(saveAt(5, 0));
    const parts = new Map([["checkpoint-5-3-00000000", new Uint8Array(3)]]);
    const noRecord = null as never;
    folder.stored.set("a", { run: noRecord, parts: folder.stored.get("a")?.parts ?? new Map() });
    folder.stored.set("b", { run: noRecord, parts });
    await opened().settle();
    expect([...folder.stored.keys()]).toEqual(["a"]);
    expect(stepIn(folder)).toBe(5);
  });

  it("are left where another keeper cannot be read just now: it may have their record", async () => {
    const run = await saved(saveAt(5, 0));
    const parts = database.stored.get("a")?.parts ?? new Map();
    database.stored.set("a", { run: null as never, parts });
    const { find } = folder;
    folder.find = fail("NotReadableError");
    await opened().settle();
    folder.find = find;
    expect(partsIn(database)).toEqual(run.parts);
    expect(await readBack(opened())).toMatchObject({ step: 5, steps: upTo(5) });
  });
});

describe("where room is short", () => {
  it("a run's own older checkpoints go first, then second copies, then older checkpoints of others, each told", async () => {
    await saved(ofRun("b", 5, 0));
    await saved(ofRun("b", 8, 5));
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    // Room for what is new, but for so many bytes.
    const leave = (numMissing: number, step: number, afterStep: number) => {
      const { added } = runAfter(null, saveAt(step, afterStep), 0);
      room.quota = room.usedBytes + promisedBytes(added.keys()) - numMissing;
    };
    leave(1900, 9, 8);
    const run = await saved(saveAt(9, 8));
    expect(checkpointSteps(run)).toEqual([8, 9]);
    expect(notes).toEqual([
      expect.stringContaining("older checkpoints of “First run”"),
      expect.stringContaining("once instead of twice"),
    ]);
    expect([stepIn(folder, "b"), checkpointsIn(database, "b")]).toEqual([8, 2]);
    notes = [];
    leave(3000, 12, 9);
    await saved(saveAt(12, 9));
    // What was told is not told again with each save.
    expect(notes).toEqual([expect.stringContaining("second copies of 2 runs were")]);
    expect([folder.stored.size, checkpointsIn(database, "b")]).toEqual([0, 2]);
    notes = [];
    leave(1900, 14, 12);
    await saved(saveAt(14, 12));
    expect(notes.at(-1)).toContain("older checkpoints of other runs");
    expect(checkpointsIn(database, "b")).toBe(1);
    expect(await readBack(opened())).toMatchObject({ step: 14, steps: upTo(14) });
    expect(await readBack(opened(), "b")).toMatchObject({ step: 8, steps: upTo(8) });
    // Whoever has made room is told anew.
    runs.noteRoom();
    room.quota = Number.POSITIVE_INFINITY;
    for (const step of [15, 16]) await saved(saveAt(step, step - 1));
    notes = [];
    leave(1900, 17, 16);
    await saved(saveAt(17, 16));
    expect(notes[0]).toContain("older checkpoints of “First run”");
  });

  it("says so where there is no room even then, and leaves what there was", async () => {
    await saved(saveAt(5, 0));
    const before = await saved(saveAt(8, 5));
    room.quota = 0;
    await expect(runs.save(saveAt(9, 8))).rejects.toThrow(NoRoomError);
    expect(await opened().read("a")).toEqual(before);
    expect(await readBack(opened())).toMatchObject({ step: 8, bytes: checkpointBytes(8) });
    room.quota = Number.POSITIVE_INFINITY;
    await saved(saveAt(12, 9));
    expect(await readBack(opened())).toMatchObject({
      step: 12,
      steps: upTo(12),
      snapshots: [5, 8, 9, 12],
    });
  });

  it("tries again, later and later, only where something was deleted for it", async () => {
    const waits: number[] = [];
    runs = opened({ wait: async (ms) => void waits.push(ms) });
    room.quota = 0;
    await expect(runs.save(saveAt(5, 0))).rejects.toThrow(NoRoomError);
    expect(waits).toEqual([]);
    room.quota = Number.POSITIVE_INFINITY;
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    room.quota = 0;
    await expect(runs.save(saveAt(9, 8))).rejects.toThrow(NoRoomError);
    expect(waits.slice(0, 2)).toEqual([2500, 5000]);
  });

  it("keeps the copy of a run whose newest checkpoint is damaged in the first place", async () => {
    await saved(ofRun("b", 5, 0));
    database.damage("b", "checkpoint", new Uint8Array(1000));
    room.quota = room.usedBytes;
    await expect(runs.save(saveAt(5, 0))).rejects.toThrow(NoRoomError);
    expect(await readBack(opened(), "b")).toMatchObject({ step: 5, bytes: checkpointBytes(5) });
  });

  it("keeps the copy that alone has a part of the run", async () => {
    await saved(ofRun("b", 5, 0));
    database.damage("b", "history", null);
    room.quota = room.usedBytes;
    await expect(runs.save(saveAt(5, 0))).rejects.toThrow(NoRoomError);
    expect(await readBack(opened(), "b")).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("says so where what one place has lost cannot be brought back to it", async () => {
    await saved(saveAt(5, 0));
    database.fallBack();
    room.quota = room.usedBytes;
    const page = opened();
    await page.settle();
    await page.settle();
    expect(notes).toEqual([expect.stringContaining("once instead of twice")]);
    expect(await readBack(opened())).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("keeps the best checkpoint of a run beside its newest", async () => {
    await saved(ofRun("b", 10, 0, { validationLoss: 0.1 }));
    await saved(ofRun("b", 20, 10, { validationLoss: 0.3 }));
    await saved(ofRun("b", 30, 20, { validationLoss: 0.2 }));
    room.quota = room.usedBytes;
    await expect(runs.save(saveAt(500, 0))).rejects.toThrow(NoRoomError);
    const checkpoints = partsIn(database, "b").filter((name) => name.startsWith("checkpoint"));
    expect(checkpoints.map(stepOf)).toEqual([10, 30]);
  });

  it("keeps the last checkpoint that is whole", async () => {
    await saved(ofRun("b", 5, 0));
    await saved(ofRun("b", 8, 5));
    for (const keeper of [database, folder]) keeper.damage("b", "checkpoint-8", new Uint8Array(9));
    room.quota = room.usedBytes;
    await expect(runs.save(saveAt(500, 0))).rejects.toThrow(NoRoomError);
    expect(await readBack(opened(), "b")).toMatchObject({ step: 5, numLost: 3 });
  });

  it("copies runs again once there is room, leaving some for the next save", async () => {
    await saved(saveAt(5, 0));
    await saved(ofRun("b", 5, 0));
    folder.fallBack();
    room.quota = room.usedBytes + 1000;
    await opened().settle();
    expect([...folder.stored.keys()]).toEqual([]);
    room.quota = Number.POSITIVE_INFINITY;
    expect((await opened().settle()).isChanged).toBe(true);
    expect([...folder.stored.keys()].sort()).toEqual(["a", "b"]);
  });

  it("copies no run whole until something is deleted", async () => {
    await saved(saveAt(5, 0));
    folder.onUse = (isWrite) => (isWrite ? fail("QuotaExceededError")() : undefined);
    await saved(saveAt(8, 5));
    expect(notes).toEqual([expect.stringContaining("once instead of twice")]);
    folder.onUse = () => {};
    await saved(saveAt(9, 8));
    expect(stepIn(folder)).toBe(5);
    await runs.delete("none");
    await saved(saveAt(10, 9));
    expect(stepIn(folder)).toBe(10);
    expect(notes).toHaveLength(1);
  });
});

describe("a change that is no save", () => {
  it.each([
    ["database", () => [database, folder] as const],
    ["folder", () => [folder, database] as const],
  ])("is the newest version, also where it has reached the %s alone", async (_, keepers) => {
    const [reached, missed] = keepers();
    await saved(saveAt(5, 0));
    missed.onUse = (isWrite) => (isWrite ? fail("UnknownError")() : undefined);
    await runs.update("a", { name: "Mine", isFinished: true });
    missed.onUse = () => {};
    expect(await opened().list()).toMatchObject([{ name: "Mine", isFinished: true }]);
    await opened().settle();
    reached.fallBack();
    expect(await opened().list()).toMatchObject([{ name: "Mine", isFinished: true }]);
    await expect(runs.update("b", { name: "Mine" })).rejects.toThrow("no longer stored");
  });

  it("deletes nothing for its room", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    const before = [partsIn(database), partsIn(folder)];
    database.onUse = folder.onUse = (isWrite) =>
      isWrite ? fail("QuotaExceededError")() : undefined;
    await expect(runs.update("a", { name: "Mine" })).rejects.toThrow(NoRoomError);
    expect([partsIn(database), partsIn(folder)]).toEqual(before);
  });

  it("takes back a save whose weights turn out to be lost, but for the last", async () => {
    await saved(saveAt(5, 0));
    await saved(saveAt(8, 5));
    await runs.forgetNewest("a", 7);
    expect(await readBack(opened())).toMatchObject({ step: 8 });
    await runs.forgetNewest("a", 8);
    for (const keepers of [[database], [folder]]) {
      expect(await readBack(opened({ keepers }))).toMatchObject({
        step: 5,
        numLost: 0,
        steps: upTo(5),
      });
    }
    expect(partsIn(database).filter((name) => name.startsWith("checkpoint-8"))).toEqual([]);
    await runs.forgetNewest("a", 5);
    expect(await readBack(opened())).toMatchObject({ step: 5 });
  });

  it("adds a snapshot, which is the run's picture where it is the newest", async () => {
    const picture = { count: 1, pixels: new Uint8Array(784).fill(7) };
    await saved(saveAt(5, 0));
    expect(await runs.addSnapshot("a", snapshotAt(8), picture)).toBe(true);
    expect(await runs.addSnapshot("a", snapshotAt(3), null)).toBe(true);
    expect(await runs.addSnapshot("a", snapshotAt(8, { wallTimeMs: 9 }), picture)).toBe(true);
    const run = await opened().read("a");
    expect(run.record.picture).toEqual(picture);
    expect(snapshotSteps(run, 100)).toEqual([3, 5, 8]);
    expect(partsIn(folder).sort()).toEqual([...run.parts].sort());
    expect(await runs.addSnapshot("b", snapshotAt(8), picture)).toBe(false);
    expect(await runs.list()).toHaveLength(1);
  });
});

describe("a run that was deleted", () => {
  it("leaves nothing behind in any place", async () => {
    await saved(saveAt(5, 0, { validationLoss: 0.1 }));
    await saved(saveAt(8, 5, { validationLoss: 0.2 }));
    await saved(saveAt(9, 8, { validationLoss: 0.3 }));
    await runs.delete("a");
    expect([database.stored.size, folder.stored.size]).toEqual([0, 0]);
    await opened().settle();
    expect(await opened().list()).toEqual([]);
  });

  it("is still there whole where a place refuses, which is told", async () => {
    await saved(saveAt(5, 0));
    database.onUse = (isWrite) => (isWrite ? fail("NoModificationAllowedError")() : undefined);
    await expect(runs.delete("a")).rejects.toThrow("NoModificationAllowedError");
    expect(await readBack(opened())).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("does not come back as it was earlier where the deletion was broken off", async () => {
    await saved(saveAt(5, 0));
    const earlier = folder.remember();
    await saved(saveAt(8, 5));
    folder.fallBack(earlier);
    let numLeft = 1;
    for (const keeper of [database, folder]) {
      keeper.onUse = (isWrite) => (isWrite && numLeft-- <= 0 ? fail("AbortError")() : undefined);
    }
    await expect(runs.delete("a")).rejects.toThrow("AbortError");
    for (const keeper of [database, folder]) keeper.onUse = () => {};
    expect(await readBack(opened())).toMatchObject({ step: 8, steps: upTo(8) });
  });
});

describe("a browser that loses what it keeps while a run trains", () => {
  it("gets all of it with the next save", async () => {
    const { record } = await saved(saveAt(5, 0, { validationLoss: 0.5 }));
    await runs.addSnapshot("a", snapshotAt(2), null);
    await saved(saveAt(8, 5));
    database.fallBack();
    folder.fallBack();
    const run = await saved(saveAt(10, 8, { previousMs: record.savedMs }));
    expect(checkpointSteps(run)).toEqual([5, 8, 10]);
    for (const keepers of [[database], [folder]]) {
      expect(await readBack(opened({ keepers }))).toMatchObject({
        step: 10,
        steps: upTo(10),
        snapshots: [2, 5, 8, 10],
      });
    }
  });

  it("also what came before a run went on", async () => {
    await saved(saveAt(5, 0));
    const later = opened();
    await saved(saveAt(8, 5), later);
    database.fallBack();
    folder.fallBack();
    await saved(saveAt(9, 8), later);
    expect(await readBack(opened())).toMatchObject({
      step: 9,
      steps: upTo(9),
      snapshots: [5, 8, 9],
    });
  });
});

describe("a run from elsewhere", () => {
  it("is kept in all places, and says how far it is", async () => {
    const whole = await readWholeRun(await saved(saveAt(5, 0)), runs.part);
    const fractions: number[] = [];
    await runs.add({ ...whole, record: { ...whole.record, runId: "b" } }, (fraction) =>
      fractions.push(fraction),
    );
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    for (const keepers of [[database], [folder]]) {
      expect(await readBack(opened({ keepers }), "b")).toMatchObject({ step: 5, steps: upTo(5) });
    }
    room.quota = room.usedBytes;
    const again = runs.add({ ...whole, record: { ...whole.record, runId: "c" } });
    await expect(again).rejects.toThrow(NoRoomError);
    expect(await runs.list()).toHaveLength(2);
  });
});

describe("a place of earlier versions", () => {
  it("is emptied into the others, and read until then", async () => {
    const old = new FaultyKeeper("the browser’s database", room);
    await opened({ keepers: [old] }).save(saveAt(5, 0));
    const page = opened({ retired: [old] });
    expect(await readBack(page)).toMatchObject({ step: 5, steps: upTo(5), snapshots: [5] });
    room.quota = room.usedBytes;
    expect(await page.settle()).toEqual({ restored: [], isChanged: false });
    expect(await readBack(page)).toMatchObject({ step: 5 });
    room.quota = Number.POSITIVE_INFINITY;
    expect(await page.settle()).toEqual({ restored: [], isChanged: true });
    expect([old.stored.size, stepIn(database), stepIn(folder)]).toEqual([0, 5, 5]);
  });

  it.each(["read", "found"])("is not emptied as long as what it has is not %s", async (what) => {
    const old = new FaultyKeeper("the browser’s database", room);
    await opened({ keepers: [old] }).save(saveAt(5, 0));
    // Another place has an earlier version.
    database.fallBack(old.remember());
    await opened({ keepers: [old] }).save(saveAt(8, 5));
    const { read, find } = old;
    if (what === "read") old.read = async () => null;
    else old.find = fail("UnknownError");
    const page = opened({ retired: [old] });
    await page.settle();
    expect(old.stored.size).toBe(1);
    [old.read, old.find] = [read, find];
    await page.settle();
    expect(old.stored.size).toBe(0);
    expect(await readBack(opened())).toMatchObject({ step: 8, steps: upTo(8) });
  });

  it("is not emptied where others have its parts, but not their record", async () => {
    const old = new FaultyKeeper("the browser’s database", room);
    const page = opened({ keepers: [old] });
    await page.save(saveAt(5, 0));
    const { run } = old.stored.get("a") ?? expect.fail();
    await page.save(saveAt(8, 5));
    // As it is left where a page is killed before it writes the record.
    database.stored.set("a", { run, parts: new Map(old.stored.get("a")?.parts) });
    const refuse = (isWrite: boolean) => (isWrite ? fail("UnknownError")() : undefined);
    [database.onUse, folder.onUse] = [refuse, refuse];
    await opened({ retired: [old] }).settle();
    expect(old.stored.size).toBe(1);
  });

  it("is also left where its run goes on, or is deleted", async () => {
    const old = new FaultyKeeper("the browser’s database", room);
    await opened({ keepers: [old] }).save(saveAt(5, 0));
    const page = opened({ retired: [old] });
    await saved(saveAt(8, 5), page);
    expect(await readBack(opened())).toMatchObject({ step: 8, steps: upTo(8) });
    await page.settle();
    expect(old.stored.size).toBe(0);
    await opened({ keepers: [old] }).save(saveAt(5, 0));
    await page.delete("a");
    expect(await page.list()).toEqual([]);
  });
});

describe("the lock", () => {
  it("says nothing while the work takes long that it was given for", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    database.onUse = () => new Promise((resolve) => setTimeout(resolve, 6000));
    const saving = opened({ locks: asLockManager(new MemoryLocks()) }).save(saveAt(5, 0));
    await vi.advanceTimersByTimeAsync(60_000);
    await saving;
    vi.useRealTimers();
    expect(notes).toEqual([]);
  });

  it("is waited for with a word, and not needed where the browser refuses it", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const locks = new MemoryLocks();
    let release = () => {};
    locks.request(
      "diffusion-mnist-storage",
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    const saving = opened({ locks: asLockManager(locks) }).save(saveAt(5, 0));
    await vi.advanceTimersByTimeAsync(4000);
    expect(notes).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(notes).toEqual([expect.stringContaining("Another tab")]);
    release();
    await saving;
    vi.useRealTimers();
    locks.onRequest = () => Promise.reject(new DOMException("denied", "SecurityError"));
    await opened({ locks: asLockManager(locks) }).save(saveAt(8, 5));
    expect(await readBack(opened())).toMatchObject({ step: 8 });
  });
});
