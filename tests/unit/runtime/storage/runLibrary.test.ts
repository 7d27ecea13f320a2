import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { BackedUpRuns } from "../../../../src/runtime/storage/backedUpRuns.ts";
import { NoRoomError, openDatabase, TABLES } from "../../../../src/runtime/storage/database.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { RunLibrary } from "../../../../src/runtime/storage/runLibrary.ts";
import type { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";
import { asHandle, bytesIn, MemoryFolder } from "./memoryFolder.ts";
import { epochReport, runAt, stepReport } from "./storedRun.ts";

vi.mock("../../../../src/runtime/files/checkpointFile.ts", () => ({
  encodeCheckpoint: (_: unknown, { step }: Checkpoint) => new Uint8Array(100).fill(step),
}));

let databases: IDBDatabase[];
let events: WorkerEvent[];
let library: RunLibrary;
let recorder: RunRecorder;
/** Trained up to. */
let step: number;

const noOtherTabs = { tell() {}, onMessage() {} } as unknown as TabChannel;

beforeEach(async () => {
  const database = await openDatabase(() => {});
  for (const table of TABLES) await database.clear(table);
  database.close();
  databases = [];
  const { open } = indexedDB;
  vi.spyOn(IDBFactory.prototype, "open").mockImplementation(function (this: IDBFactory, ...args) {
    const request = open.apply(this, args);
    request.addEventListener("success", () => databases.push(request.result));
    return request;
  });
  events = [];
  step = 0;
  library = new RunLibrary((event) => events.push(event), noOtherTabs);
  await library.open();
  recorder = new RunRecorder({ identity: runAt(0), library, stored: null });
});

afterEach(() => {
  for (const database of databases) database.close();
  vi.restoreAllMocks();
});

/** Trains on to a step and saves there, as `TrainingRun` does. */
async function trainTo(end: number, validationLoss: number | null = null) {
  for (; step < end; step++) recorder.addStep(stepReport(step + 1));
  const lastEpoch = validationLoss === null ? null : epochReport(1, step, validationLoss);
  await recorder.save(checkpoint(), { ...session, lastEpoch } as TrainingSession);
}

/** The run is read from the store by a page that was just opened. */
async function goOn() {
  library = new RunLibrary((event) => events.push(event), noOtherTabs);
  await library.open();
  const record = await library.store.read("a");
  const history = await library.store.history("a", record);
  recorder = new RunRecorder({ identity: record, library, stored: { step, record, history } });
}

const bytesAt = (step: number) => new Uint8Array(100).fill(step);
const snapshotAt = (step: number) => ({
  step,
  wallTimeMs: step,
  count: 8,
  numFrames: 2,
  pixels: new Uint8Array(2 * 8 * 784).fill(step),
});

const checkpoint = () => ({ step, numEpochs: 0 }) as Checkpoint;
const session = { lastEpoch: null, stepsPerEpoch: 10, numParameters: 1 } as TrainingSession;
const saveNow = (isOwn = true) => recorder.save(checkpoint(), session, isOwn);

const stored = async () => {
  const run = await library.store.find("a");
  if (!run || !isReadable(run)) return null;
  const { steps } = await library.store.history("a", run);
  return { step: run.step, isFinished: run.isFinished, steps: steps.map((s) => s.step) };
};
const upTo = (end: number) => Array.from({ length: end }, (_, i) => i + 1);
const troubles = () =>
  events.flatMap((event) => (event.type === "storageTrouble" ? [event.message] : []));

async function clear() {
  const database = await openDatabase(() => {});
  for (const table of TABLES) await database.clear(table);
  database.close();
}

/** From now on nothing can be written. */
function full() {
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
}

/** A browser whose files have this method. */
function stubFiles(method: string): MemoryFolder {
  const folder = new MemoryFolder();
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => asHandle(folder) } });
  vi.stubGlobal("FileSystemFileHandle", { prototype: { [method]() {} } });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return folder;
}

describe("a run whose browser loses what it stores", () => {
  it("is written again from its start where site data were cleared, and the warning goes", async () => {
    await trainTo(3);
    await trainTo(5);
    await clear();
    forceCloseDatabase(databases.find((database) => database.name === "diffusion-mnist") as never);
    await vi.waitFor(() => expect(troubles()).toHaveLength(2));
    expect(troubles()).toEqual([expect.stringContaining("data were cleared"), null]);
    await trainTo(8);
    expect(await stored()).toEqual({ step: 8, isFinished: false, steps: upTo(8) });
    expect(recorder.isStored).toBe(true);
  });

  it.each(["trains", "goes on in another page"])(
    "is written again with its name, its previews and its best checkpoint where it %s",
    async (how) => {
      await recorder.addSnapshot(snapshotAt(2));
      recorder.addEpoch(epochReport(1, 4, 0.25));
      await trainTo(4, 0.25);
      await recorder.addSnapshot(snapshotAt(3));
      await recorder.addSnapshot(snapshotAt(5));
      recorder.addEpoch(epochReport(2, 6, 0.5));
      await trainTo(6, 0.5);
      await trainTo(7);
      if (how === "trains") {
        await trainTo(8);
        await library.rename("a", "Mine");
      } else {
        await goOn();
        await trainTo(7);
        const otherTab = new RunLibrary(() => {}, noOtherTabs);
        await otherTab.open();
        await otherTab.rename("a", "Mine");
        await trainTo(8);
      }
      await clear();
      await recorder.addSnapshot(snapshotAt(8));
      await trainTo(9);
      const record = await library.store.read("a");
      expect(record.checkpoints).toMatchObject([{ step: 4, validationLoss: 0.25 }, { step: 9 }]);
      expect(record).toMatchObject({ name: "Mine", bestValidationLoss: 0.25 });
      const checkpoints = await library.store.checkpoints(record);
      expect(checkpoints.map(({ bytes }) => bytes)).toEqual([4, 9].map(bytesAt));
      const snapshots = [2, 3, 5, 8].map(snapshotAt);
      expect(await library.store.snapshots("a", 9)).toEqual(snapshots);
      expect(await stored()).toEqual({ step: 9, isFinished: false, steps: upTo(9) });
      // Once: what follows writes only what is new.
      const save = vi.spyOn(BackedUpRuns.prototype, "save");
      await trainTo(10);
      expect(save).toHaveBeenCalledTimes(1);
    },
  );

  it("is written again without what it left when it went on from an earlier step", async () => {
    await recorder.addSnapshot(snapshotAt(2));
    await trainTo(4);
    await recorder.addSnapshot(snapshotAt(6));
    await trainTo(6, 0.25);
    const record = await library.store.read("a");
    const history = await library.store.history("a", { step: 4, numEpochs: 0 });
    recorder = new RunRecorder({ identity: record, library, stored: { step: 4, record, history } });
    step = 4;
    await trainTo(5);
    await clear();
    await trainTo(8);
    expect(await library.store.snapshots("a", 8)).toEqual([snapshotAt(2)]);
    expect(await library.store.read("a")).toMatchObject({ step: 8, bestValidationLoss: null });
  });

  it("is stored all the same where there is no room for its previews any more", async () => {
    await recorder.addSnapshot(snapshotAt(2));
    await trainTo(3);
    await clear();
    const { save } = BackedUpRuns.prototype;
    vi.spyOn(BackedUpRuns.prototype, "save").mockImplementation(function (this: BackedUpRuns, of) {
      if (of.snapshots.length > 0) throw new NoRoomError();
      return save.call(this, of);
    });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await trainTo(5);
    expect(troubles()).toEqual([]);
    expect(await library.store.snapshots("a", 5)).toEqual([]);
    vi.mocked(BackedUpRuns.prototype.save).mockRestore();
    await trainTo(6);
    expect(await library.store.snapshots("a", 6)).toEqual([snapshotAt(2)]);
    expect(await stored()).toEqual({ step: 6, isFinished: false, steps: upTo(6) });
  });

  it("is written again where the database was closed without a word", async () => {
    await trainTo(5);
    await clear();
    for (const database of databases) database.close();
    await trainTo(8);
    expect(await stored()).toEqual({ step: 8, isFinished: false, steps: upTo(8) });
    expect(troubles()).toEqual([]);
  });

  it("is told to be saved again where another save succeeds after one that found no room", async () => {
    await trainTo(3);
    full();
    await trainTo(5);
    expect(troubles()).toEqual([expect.stringContaining("full")]);
    expect(recorder.isStored).toBe(false);
    vi.mocked(IDBObjectStore.prototype.put).mockRestore();
    await trainTo(8);
    expect(troubles().at(-1)).toBeNull();
    expect(await stored()).toEqual({ step: 8, isFinished: false, steps: upTo(8) });
  });
});

describe("the backup", () => {
  it.each([
    ["is there", "createWritable", 2],
    ["is left out where a file cannot be written whole or not at all", "move", 1],
  ])("%s", async (_, method, numCopies) => {
    const folder = stubFiles(method);
    library = new RunLibrary((event) => events.push(event), noOtherTabs);
    recorder = new RunRecorder({ identity: runAt(0), library, stored: null });
    await trainTo(5);
    const { totalBytes } = await library.store.read("a");
    const listed = events.findLast((event) => event.type === "runs");
    expect(listed).toMatchObject({ runs: [{ totalBytes: numCopies * totalBytes }] });
    expect(bytesIn(folder.entries) > 0).toBe(numCopies === 2);
  });

  it("is written again once another tab has made room", async () => {
    const { entries, disk } = stubFiles("createWritable");
    let hear: Parameters<TabChannel["onMessage"]>[0] = () => {};
    const onMessage: TabChannel["onMessage"] = (call) => {
      hear = call;
    };
    const tabs = { ...noOtherTabs, onMessage } as unknown as TabChannel;
    library = new RunLibrary((event) => events.push(event), tabs);
    recorder = new RunRecorder({ identity: runAt(0), library, stored: null });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    disk.onWrite = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    await trainTo(5);
    disk.onWrite = () => {};
    await trainTo(6);
    hear(null);
    await trainTo(7);
    expect(bytesIn(entries)).toBe(0);
    hear("b");
    await trainTo(8);
    expect(bytesIn(entries)).toBeGreaterThan(0);
  });

  it("has runs come back once there is room, and says which wait for it", async () => {
    stubFiles("createWritable");
    const tell = vi.fn();
    const open = async () => {
      const tabs = { ...noOtherTabs, tell } as unknown as TabChannel;
      library = new RunLibrary((event) => events.push(event), tabs);
      await library.open();
    };
    await open();
    recorder = new RunRecorder({ identity: runAt(0), library, stored: null });
    await trainTo(5);
    await clear();
    full();
    await open();
    const told = () => events.filter((event) => event.type === "runsRestored");
    expect(told()).toMatchObject([{ names: [], noRoom: ["First run"] }]);
    expect(events.findLast((event) => event.type === "runs")).toMatchObject({
      runs: [{ runId: "a", problem: expect.stringContaining("room") }],
    });
    vi.mocked(IDBObjectStore.prototype.put).mockRestore();
    tell.mockClear();
    await library.useRoom();
    expect(tell.mock.calls).toEqual([[]]);
    expect(told().at(-1)).toMatchObject({ names: ["First run"], noRoom: [] });
    expect(await stored()).toMatchObject({ step: 5, steps: upTo(5) });
  });
});

describe("a run that has ended by itself", () => {
  it("is not finished where its end could not be saved, until it is", async () => {
    await trainTo(3);
    full();
    recorder.addEpoch(epochReport(1, 5, 0.5));
    await trainTo(5);
    vi.mocked(IDBObjectStore.prototype.put).mockRestore();
    await recorder.finish(false);
    expect(await stored()).toMatchObject({ step: 3, isFinished: false });
    await saveNow(false);
    expect(await stored()).toEqual({ step: 5, isFinished: true, steps: upTo(5) });
  });

  it("is finished where it was saved", async () => {
    await trainTo(5);
    await recorder.finish(false);
    expect(await stored()).toMatchObject({ step: 5, isFinished: true });
  });

  it("does not come back once it was deleted, and can be had all the same", async () => {
    await trainTo(3);
    full();
    await trainTo(5);
    vi.mocked(IDBObjectStore.prototype.put).mockRestore();
    await library.delete("a");
    await saveNow(false);
    expect(await stored()).toBeNull();
    expect(troubles().at(-1)).toEqual(expect.stringContaining("full"));
    const { earlier, history } = recorder.saveOf(checkpoint(), session);
    expect([...earlier.steps, ...history.steps].map((s) => s.step)).toEqual(upTo(5));
  });
});
