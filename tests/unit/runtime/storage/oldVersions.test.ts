/** Runs that versions before December 2026 have stored: in four tables of the database, and once more as files. */
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserRuns } from "../../../../src/runtime/storage/browserRuns.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { readSnapshots } from "../../../../src/runtime/storage/readRun.ts";
import { historyToJson } from "../../../../src/runtime/storage/storedHistory.ts";
import { asHandle, type Entries, MemoryFolder } from "./memoryFolder.ts";
import {
  checkpointBytes,
  checkpointSteps,
  epochReport,
  readBack,
  runAt,
  saveAt,
  stepReports,
  upTo,
} from "./storedRun.ts";

const pointer = (step: number, validationLoss: number | null) => ({
  step,
  numEpochs: Math.floor(step / 10),
  savedMs: 1000 + step,
  validationLoss,
  numBytes: 1000,
  checksum: checksumOf(checkpointBytes(step)),
});

/** As it was stored at step 17, after saves at 10 and 15; its best epoch was the first. */
const RECORD = {
  ...runAt(17),
  format: 1,
  savedMs: 1017,
  checkpoints: [pointer(10, 0.5), pointer(15, null), pointer(17, null)],
  bestValidationLoss: 0.5,
  totalBytes: 12345,
};
const PIECES = [
  { step: 10, steps: stepReports(1, 10), epochs: [epochReport(1, 10, 0.5)] },
  { step: 15, steps: stepReports(11, 15), epochs: [] },
  { step: 17, steps: stepReports(16, 17), epochs: [] },
];
/** The first versions stored the last frame alone. */
const FRAMES = [
  { step: 0, wallTimeMs: 5, count: 2, pixels: new Uint8Array(2 * 784).fill(1) },
  { step: 17, wallTimeMs: 6, count: 1, numFrames: 3, pixels: new Uint8Array(3 * 784).fill(2) },
];

let files: Entries;

beforeEach(() => {
  files = new Map();
  vi.stubGlobal("navigator", {
    storage: { getDirectory: async () => asHandle(new MemoryFolder(files)) },
  });
  vi.stubGlobal("FileSystemFileHandle", { prototype: { createWritable() {} } });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await new Promise((resolve) => {
    indexedDB.deleteDatabase("diffusion-mnist").onsuccess = resolve;
  });
});

async function inTables() {
  const database = await openDB("diffusion-mnist", 1, {
    upgrade(created) {
      created.createObjectStore("runs", { keyPath: "runId" });
      for (const table of ["checkpoints", "history", "frames"]) {
        created.createObjectStore(table, { keyPath: ["runId", "step"] });
      }
    },
  });
  await database.put("runs", RECORD);
  for (const step of [10, 15, 17]) {
    await database.put("checkpoints", { runId: "a", step, bytes: checkpointBytes(step) });
  }
  for (const piece of PIECES) await database.put("history", { runId: "a", ...piece });
  for (const frame of FRAMES) await database.put("frames", { runId: "a", ...frame });
  database.close();
}

function inFiles() {
  const { picture } = RECORD;
  const pixels = Array.from(picture?.pixels ?? []);
  const text = (value: string) => new TextEncoder().encode(value);
  files.set(
    "runs",
    new Map([
      [
        "a",
        new Map<string, Uint8Array<ArrayBuffer>>([
          ["run.json", text(JSON.stringify({ ...RECORD, picture: { count: 1, pixels } }))],
          ...[10, 15, 17].map((step) => [`checkpoint-${step}`, checkpointBytes(step)] as const),
          ...PIECES.map((p) => [`history-${p.step}`, text(historyToJson(p))] as const),
          ...FRAMES.map(
            ({ step, count, wallTimeMs, numFrames = 1, pixels }) =>
              [`frame-${step}-${count}-${wallTimeMs}-${numFrames}`, pixels] as const,
          ),
        ]),
      ],
    ]),
  );
}

async function clearParts() {
  const database = await openDB("diffusion-mnist");
  await database.clear("parts");
  database.close();
}

const opened = () => browserRuns((note) => expect.fail(note));

async function expectWhole(runs: ReturnType<typeof opened>) {
  expect(await readBack(runs)).toEqual({
    step: 17,
    name: "First run",
    bytes: checkpointBytes(17),
    numLost: 0,
    steps: upTo(17),
    epochs: [0.5],
    snapshots: [0, 17],
  });
  const run = await runs.read("a");
  expect(run.record).toEqual(RECORD);
  const [first, last] = await readSnapshots(run, runs.part);
  expect([first, last]).toEqual([{ ...FRAMES[0], numFrames: 1 }, FRAMES[1]]);
}

describe("a run of an earlier version", () => {
  it.each([
    ["the database and files", [inTables, inFiles], []],
    ["the database alone", [inTables], []],
    ["files alone, where its database is lost", [inFiles], ["First run"]],
  ])("in %s is read as it was, moved, and goes on", async (_, places, restored) => {
    for (const store of places) await store();
    await expectWhole(opened());
    expect(await opened().settle()).toEqual({ restored, isChanged: true });
    await expectWhole(opened());
    expect(await opened().settle()).toEqual({ restored: [], isChanged: false });
    const database = await openDB("diffusion-mnist");
    expect(await database.getAllKeys("records")).toEqual(["a"]);
    if (database.objectStoreNames.contains("runs")) {
      for (const table of ["runs", "checkpoints", "history", "frames"]) {
        expect(await database.count(table)).toBe(0);
      }
    }
    database.close();
    const page = opened();
    expect(checkpointSteps((await page.save(saveAt(20, 17))) ?? expect.fail())).toEqual([
      10, 17, 20,
    ]);
    for (const loss of ["nothing", "files", "database"]) {
      if (loss === "files") files.clear();
      if (loss === "database") await clearParts();
      if (loss !== "nothing") await opened().settle();
      expect(await readBack(opened())).toMatchObject({
        step: 20,
        steps: upTo(20),
        epochs: [0.5],
        snapshots: [0, 17, 20],
      });
    }
  });

  it("that is damaged in the database comes from its files", async () => {
    await inTables();
    inFiles();
    const database = await openDB("diffusion-mnist");
    for (const step of [10, 15, 17]) {
      await database.put("checkpoints", { runId: "a", step, bytes: new Uint8Array(1000) });
    }
    database.close();
    await expectWhole(opened());
    await opened().settle();
    await expectWhole(opened());
  });

  it("of a format that nothing reads says so", async () => {
    await inTables();
    const database = await openDB("diffusion-mnist");
    await database.put("runs", { ...RECORD, format: 1000 });
    database.close();
    const [run] = await opened().list();
    expect(run && isReadable(run) ? null : run?.problem).toContain("newer version");
    await opened().settle();
    expect(await opened().list()).toHaveLength(1);
  });
});
