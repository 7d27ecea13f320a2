import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { KeptRuns } from "../../../../src/runtime/storage/keptRuns.ts";
import { readHistory, readWholeRun } from "../../../../src/runtime/storage/readRun.ts";
import { RunLibrary } from "../../../../src/runtime/storage/runLibrary.ts";
import type { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";
import { FaultyKeeper, Room } from "./faultyKeeper.ts";
import {
  checkpointSteps,
  epochReport,
  readBack,
  runAt,
  saveAt,
  snapshotAt,
  stepReport,
  upTo,
} from "./storedRun.ts";

vi.mock("../../../../src/runtime/files/checkpointFile.ts", () => ({
  encodeCheckpoint: (_: unknown, { step }: Checkpoint) => new Uint8Array(100).fill(step),
}));

let database: FaultyKeeper;
let folder: FaultyKeeper;
let events: WorkerEvent[];
let library: RunLibrary;
let recorder: RunRecorder;
/** Trained up to. */
let step: number;
/** What other tabs were told, and what calls this one. */
let tell: ReturnType<typeof vi.fn>;
let hear: Parameters<TabChannel["onMessage"]>[0];

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const room = new Room();
  database = new FaultyKeeper("the browser’s database", room);
  folder = new FaultyKeeper("the browser’s files", room);
  events = [];
  step = 0;
  tell = vi.fn();
  library = opened();
  recorder = new RunRecorder({ identity: runAt(0), library, stored: null });
});

/** As a page that was just loaded. */
function opened(): RunLibrary {
  const post = (event: WorkerEvent) => void events.push(event);
  const onMessage: TabChannel["onMessage"] = (call) => {
    hear = call;
  };
  const tabs = { tell, onMessage } as unknown as TabChannel;
  const onNote = (message: string) => post({ type: "storageNote", message });
  const keepers = [database, folder];
  return new RunLibrary(post, tabs, new KeptRuns({ keepers, onNote, wait: async () => {} }));
}

/** Trains on to a step and saves there, as `TrainingRun` does. */
async function trainTo(end: number, validationLoss: number | null = null) {
  for (; step < end; step++) recorder.addStep(stepReport(step + 1));
  const lastEpoch = validationLoss === null ? null : epochReport(1, step, validationLoss);
  await saveNow(true, { lastEpoch });
}

const saveNow = (isOwn = true, changes: object = {}) => {
  const session = { lastEpoch: null, stepsPerEpoch: 10, numParameters: 1, ...changes };
  return recorder.save({ step, numEpochs: 0 } as Checkpoint, session as TrainingSession, isOwn);
};
const failWrites = (name: string) => {
  database.onUse = folder.onUse = (isWrite) => {
    if (isWrite) throw new DOMException(`${name}.`, name);
  };
};
const mend = () => {
  database.onUse = folder.onUse = () => {};
};
const all = <T extends WorkerEvent["type"]>(type: T) =>
  events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type);
const troubles = () => all("storageTrouble").map(({ message }) => message);
const stored = () => readBack(opened().runs).catch(() => null);
const listed = () => all("runs").at(-1)?.runs;

describe("a run that is trained", () => {
  it("is told as saved once it is, and listed here and in other tabs", async () => {
    await trainTo(3);
    expect(all("checkpointSaved")).toEqual([{ type: "checkpointSaved", runId: "a", step: 3 }]);
    expect(listed()).toMatchObject([{ runId: "a", step: 3 }]);
    expect(tell).toHaveBeenCalledWith(null);
    expect(recorder.isStored).toBe(true);
    hear(null);
    await vi.waitFor(() => expect(all("runs").length).toBeGreaterThan(2));
  });

  it("is not where it could not be, which is told until it is, with all that came meanwhile", async () => {
    await trainTo(3);
    failWrites("QuotaExceededError");
    await recorder.addSnapshot(snapshotAt(4));
    await trainTo(5, 0.25);
    expect(troubles()).toEqual([expect.stringContaining("full")]);
    expect(recorder.isStored).toBe(false);
    await trainTo(6);
    expect(await stored()).toMatchObject({ step: 3 });
    mend();
    await trainTo(8);
    expect(troubles().at(-1)).toBeNull();
    expect(await stored()).toMatchObject({ step: 8, steps: upTo(8), snapshots: [4] });
    expect(checkpointSteps(await library.runs.read("a"))).toEqual([5, 6, 8]);
  });

  it("is written again where the browser has lost it, with previews, best checkpoint and the name it was given", async () => {
    await recorder.addSnapshot(snapshotAt(2));
    recorder.addEpoch(epochReport(1, 4, 0.25));
    await trainTo(4, 0.25);
    await recorder.addSnapshot(snapshotAt(3));
    await trainTo(6, 0.5);
    await trainTo(7);
    await library.rename("a", "Mine");
    database.fallBack();
    folder.fallBack();
    await recorder.addSnapshot(snapshotAt(7));
    await trainTo(9);
    expect(await stored()).toMatchObject({
      name: "Mine",
      step: 9,
      steps: upTo(9),
      snapshots: [2, 3, 7],
    });
    const { record } = await library.runs.read("a");
    expect(record.bestValidationLoss).toBe(0.25);
  });

  it("goes on from an earlier step without what it leaves", async () => {
    await recorder.addSnapshot(snapshotAt(2));
    await trainTo(4);
    await recorder.addSnapshot(snapshotAt(6));
    await trainTo(6, 0.25);
    const run = await library.runs.read("a");
    const at = { step: 4, numEpochs: 0 };
    const history = await readHistory(run, library.runs.part, at);
    const from = { step: 4, record: run.record, history };
    recorder = new RunRecorder({ identity: run.record, library, stored: from });
    step = 4;
    await trainTo(8);
    expect(await stored()).toMatchObject({ step: 8, steps: upTo(8), snapshots: [2] });
    expect((await library.runs.read("a")).record.bestValidationLoss).toBeNull();
  });
});

describe("a run that has ended by itself", () => {
  it("is finished where its end is saved, and not before", async () => {
    await trainTo(3);
    failWrites("QuotaExceededError");
    recorder.addEpoch(epochReport(1, 5, 0.5));
    await trainTo(5);
    mend();
    const finished = async () => (await opened().runs.read("a")).record.isFinished;
    await saveNow(false);
    expect(await finished()).toBe(false);
    await recorder.finish(false);
    expect(await finished()).toBe(true);
    expect(await stored()).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("is recorded as ended with the save that could not be made then", async () => {
    await trainTo(3);
    recorder.addStep(stepReport(4));
    step = 4;
    await recorder.finish(true);
    expect((await opened().runs.read("a")).record.isFinished).toBe(false);
    await saveNow(false);
    const { record } = await opened().runs.read("a");
    expect(record).toMatchObject({ step: 4, isFinished: true, hasStoppedEarly: true });
  });
});

describe("a run that was deleted, or trained on in another tab", () => {
  it("is not stored again by the tab that had ended it, and can be exported there all the same", async () => {
    await trainTo(3);
    failWrites("QuotaExceededError");
    await trainTo(5);
    mend();
    await library.delete("a");
    await saveNow(false);
    expect(recorder.isStored).toBe(false);
    await recorder.addSnapshot(snapshotAt(5));
    await recorder.forget(5);
    await recorder.finish(false);
    expect(await stored()).toBeNull();
    expect(listed()).toEqual([]);
    const held = await library.runs.held("a");
    const whole = held && (await readWholeRun(held, library.runs.part));
    expect(whole?.history.steps.map((report) => report.step)).toEqual(upTo(5));
  });

  it("keeps what the other tab has made of it", async () => {
    await trainTo(3);
    const other = opened();
    const { record } = await other.runs.read("a");
    const from = { step: 3, record, history: { steps: [], epochs: [] } };
    const going = new RunRecorder({ identity: record, library: other, stored: from });
    for (const at of [4, 5]) going.addStep(stepReport(at));
    const session = { lastEpoch: null, stepsPerEpoch: 10, numParameters: 1 };
    await going.save({ step: 5, numEpochs: 0 } as Checkpoint, session as TrainingSession);
    step = 4;
    recorder.addStep(stepReport(4));
    await saveNow(false);
    await recorder.addSnapshot(snapshotAt(4));
    await recorder.finish(false);
    const run = await opened().runs.read("a");
    expect([run.record.step, run.record.isFinished]).toEqual([5, false]);
    expect(await stored()).toMatchObject({ step: 5, steps: upTo(5), snapshots: [] });
  });

  it("is saved nowhere once it was disowned", async () => {
    await trainTo(3);
    recorder.disown();
    await library.delete("a");
    await trainTo(5);
    expect(await stored()).toBeNull();
  });
});

describe("opening", () => {
  it("lists the newest of all places at once, then brings them to it and says so", async () => {
    await trainTo(3);
    const hourAgo = database.remember();
    await trainTo(5);
    database.fallBack(hourAgo);
    events = [];
    const page = opened();
    await page.open();
    expect(listed()).toMatchObject([{ runId: "a", step: 5 }]);
    await vi.waitFor(() => expect(all("runsRestored")).toMatchObject([{ names: ["First run"] }]));
    folder.fallBack();
    expect(await stored()).toMatchObject({ step: 5, steps: upTo(5) });
  });

  it("says why nothing is kept, and is tried again with the next save", async () => {
    const fail = () => {
      throw new DOMException("blocked", "SecurityError");
    };
    database.onUse = folder.onUse = fail;
    await library.open();
    expect(troubles()).toEqual([expect.stringContaining("blocked")]);
    expect(listed()).toBeUndefined();
    mend();
    await trainTo(3);
    expect(troubles().at(-1)).toBeNull();
    expect(listed()).toMatchObject([{ step: 3 }]);
  });

  it("tells of a place that does not work, and goes on without it", async () => {
    database.onUse = () => {
      throw new DOMException("Internal error.", "UnknownError");
    };
    await trainTo(3);
    expect(troubles()).toEqual([]);
    expect(all("storageNote")).toMatchObject([{ message: expect.stringContaining("Internal") }]);
    expect(await stored()).toMatchObject({ step: 3, steps: upTo(3) });
  });
});

describe("room", () => {
  it("that another tab has made is used for second copies", async () => {
    folder.onUse = (isWrite) => {
      if (isWrite) throw new DOMException("full", "QuotaExceededError");
    };
    await trainTo(5);
    mend();
    await trainTo(6);
    hear(null);
    await trainTo(7);
    expect(folder.stored.size).toBe(0);
    hear("b");
    await trainTo(8);
    expect(folder.stored.size).toBe(1);
  });

  it("that was made here is used at once", async () => {
    folder.onUse = (isWrite) => {
      if (isWrite) throw new DOMException("full", "QuotaExceededError");
    };
    await trainTo(5);
    mend();
    await library.useRoom();
    expect(folder.stored.size).toBe(1);
  });
});

describe("a run from a file", () => {
  it("gets a name of its own", async () => {
    await library.save(saveAt(5, 0));
    const run = await library.runs.read("a");
    const whole = await readWholeRun(run, library.runs.part);
    const imported = { ...whole, record: { ...whole.record, runId: "b" } };
    expect(await library.add(imported, () => {})).toBe("First run (2)");
    expect(
      listed()
        ?.map(({ name }) => name)
        .sort(),
    ).toEqual(["First run", "First run (2)"]);
  });
});
