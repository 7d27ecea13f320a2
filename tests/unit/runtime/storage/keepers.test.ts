/** Every keeper keeps what it says: the same properties for the database, the folder, memory, and the file of the commands. */
import "fake-indexeddb/auto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { numParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { RunFileKeeper } from "../../../../src/hosts/cli/parts/runFileKeeper.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import { Database } from "../../../../src/runtime/storage/database.ts";
import { DatabaseKeeper } from "../../../../src/runtime/storage/databaseKeeper.ts";
import { FolderKeeper } from "../../../../src/runtime/storage/folderKeeper.ts";
import type { Keeper } from "../../../../src/runtime/storage/keeper.ts";
import { MemoryKeeper } from "../../../../src/runtime/storage/memoryKeeper.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { readWholeRun } from "../../../../src/runtime/storage/readRun.ts";
import type { Bytes, KeptRun } from "../../../../src/runtime/storage/records.ts";
import { runAfter } from "../../../../src/runtime/storage/saves.ts";
import { inFull } from "../../../inFull.ts";
import { CONFIG } from "../files/wholeRun.ts";
import { asHandle, type Entries, MemoryFolder } from "./memoryFolder.ts";
import { epochReport, runAt, saveAt, snapshotAt, stepReports } from "./storedRun.ts";

/** Asked before a file is written; true where there is no room for it. */
const disk = vi.hoisted(() => ({ isFull: (): boolean => false }));

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeFileSync: typeof fs.writeFileSync = (path, content, options) => {
    if (!disk.isFull()) return fs.writeFileSync(path, content, options);
    fs.writeFileSync(path, (content as Uint8Array).subarray(0, 100), options);
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  return { ...fs, writeFileSync };
});

/** A disk with a keeper on it. */
interface Place {
  /** The keeper, anew, as another process finds what is on the disk. */
  open(): Keeper;
  /**
   * The disk is full, or the process is killed, after so many uses of the disk.
   *
   * @returns is fulfilled once the process is killed
   */
  breakAfter(numUses: number, how: Break): Promise<"killed">;
  mend(): void;
  /** Runs that it can have. */
  runIds: readonly string[];
}

type Break = "full" | "killed";

const { put } = IDBObjectStore.prototype;

/** What a killed process asked for is never answered. */
const NEVER = new Promise<never>(() => {});

function countdown() {
  let left = Number.POSITIVE_INFINITY;
  let broken: Break = "full";
  let onKilled: (outcome: "killed") => void = () => {};
  return {
    breakAfter(numUses: number, how: Break) {
      [left, broken] = [numUses, how];
      return new Promise<"killed">((resolve) => {
        onKilled = resolve;
      });
    },
    mend() {
      left = Number.POSITIVE_INFINITY;
    },
    /** What is broken when the disk is used now; null where it works. */
    use(): Break | null {
      left -= 1;
      if (left >= 0) return null;
      if (broken === "killed") onKilled("killed");
      return broken;
    },
  };
}

function full(): DOMException {
  return new DOMException("full", "QuotaExceededError");
}

const PLACES: Record<string, () => Promise<Place>> = {
  async memory() {
    const keeper = new MemoryKeeper();
    return { open: () => keeper, breakAfter: () => NEVER, mend() {}, runIds: ["a", "b"] };
  },
  async database() {
    await new Promise((resolve) => {
      indexedDB.deleteDatabase("diffusion-mnist").onsuccess = resolve;
    });
    const { breakAfter, mend, use } = countdown();
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      ...args
    ) {
      // A killed process and a full disk both abort the transaction.
      if (use()) throw full();
      return put.apply(this, args);
    });
    const databases: Database[] = [];
    onTestFinished(async () => {
      vi.restoreAllMocks();
      for (const database of databases) await database.close();
    });
    const open = () => {
      databases.push(new Database());
      return new DatabaseKeeper(databases.at(-1) as Database);
    };
    return { open, breakAfter, mend, runIds: ["a", "ab"] };
  },
  async folder() {
    const entries: Entries = new Map();
    const { breakAfter, mend, use } = countdown();
    const onUse = async (isWrite = false) => {
      const broken = use();
      if (broken === "killed") await NEVER;
      if (broken && isWrite) throw full();
    };
    const memory = { onUse, onWrite: () => onUse(true), onRemove() {} };
    return {
      open: () => new FolderKeeper(async () => asHandle(new MemoryFolder(entries, memory))),
      breakAfter,
      mend,
      runIds: ["a", "b"],
    };
  },
  async file() {
    const folder = mkdtempSync(join(tmpdir(), "keeper-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "run.safetensors");
    const { breakAfter, mend, use } = countdown();
    disk.isFull = () => use() !== null;
    return {
      open() {
        if (!existsSync(path)) return new RunFileKeeper(path, null);
        const file = decodeSafetensors(readFileSync(path));
        return new RunFileKeeper(
          path,
          decodeRunFile(file, "a", () => {}),
        );
      },
      breakAfter,
      mend,
      runIds: ["a"],
    };
  },
};

/** Real bytes, since a file has the tensors in them. */
function checkpointOf(step: number, seed: number): Bytes {
  const values = new Float32Array(numParameters(CONFIG)).fill(step + seed / 8);
  const optimizerState = { mean: values, square: values };
  const [numEpochs, lossSum] = [Math.floor(step / 10), 0];
  return encodeCheckpoint(CONFIG, {
    step,
    numEpochs,
    lossSum,
    values,
    optimizerState,
    ema: values,
  });
}

/** The version that follows by a save at `step` after `afterStep`. */
function nextVersion(before: KeptRun | null, runId: string, [step, afterStep, seed]: Steps) {
  const validationLoss = step % 10 === 0 ? 1 / step : null;
  const epochs = validationLoss === null ? [] : [epochReport(step / 10, step, validationLoss)];
  const save = saveAt(step, afterStep, {
    run: runAt(step, { runId, config: CONFIG, picture: null }),
    checkpoint: checkpointOf(step, seed),
    validationLoss,
    history: { steps: stepReports(afterStep + 1, step), epochs },
    snapshots: [snapshotAt(step, { pixels: new Uint8Array(2 * 784).fill(seed) })],
  });
  return runAfter(before, save, (before?.changedMs ?? 1e12) + 1);
}

type Steps = [step: number, afterStep: number, seed: number];

/** All that a keeper has of a run; null where that is nothing. */
async function contentsOf(keeper: Keeper, runId: string) {
  const run = await keeper.find(runId);
  if (!run) return null;
  if (!isReadable(run)) throw new Error(run.problem);
  const there = await keeper.parts(runId);
  expect(
    run.parts.filter((name) => !there.has(name)),
    "listed, and not there",
  ).toEqual([]);
  const whole = await readWholeRun(run, async (_, name) => keeper.read(runId, name));
  const { savedMs, totalBytes, picture, checkpoints: _, ...record } = whole.record;
  return {
    record,
    history: whole.history,
    checkpoints: whole.checkpoints.map(({ step, bytes }) => [step, checksumOf(bytes)]),
    snapshots: whole.snapshots.map(({ pixels, ...rest }) => ({ ...rest, sum: checksumOf(pixels) })),
  };
}

type Contents = Awaited<ReturnType<typeof contentsOf>>;

const KINDS = ["save", "rename", "deletion"] as const;

interface Deed {
  kind: (typeof KINDS)[number];
  run: number;
  by: number;
  back: boolean;
  seed: number;
}

interface Breaking {
  after: number;
  how: Break;
}

const BREAKS: readonly Break[] = ["full", "killed"];

const deed: fc.Arbitrary<Deed & { breaks: Breaking | null }> = fc.record({
  kind: fc.constantFrom("save", "save", "save", "deletion", "rename"),
  run: fc.nat(1),
  by: fc.integer({ min: 1, max: 12 }),
  back: fc.boolean(),
  seed: fc.nat(200),
  breaks: fc.option(fc.record({ after: fc.nat(25), how: fc.constantFrom(...BREAKS) }), { freq: 2 }),
});

/** What is done with the keeper; a file that the user has is never deleted. */
async function perform(keeper: Keeper, what: Deed, runId: string): Promise<void> {
  const found = await keeper.find(runId);
  const before = found && isReadable(found) ? found : null;
  if (what.kind === "deletion") return keeper.delete(runId);
  if (what.kind === "rename") {
    if (!before) return;
    const record = { ...before.record, name: `Renamed ${before.changedMs}` };
    return keeper.write({ ...before, record, changedMs: before.changedMs + 1 }, new Map());
  }
  const points = before?.record.checkpoints.map(({ step }) => step) ?? [];
  const afterStep = (what.back ? points[0] : points.at(-1)) ?? 0;
  const next = nextVersion(before, runId, [afterStep + what.by, afterStep, what.seed]);
  return keeper.write(next.run, next.added);
}

/** A place, and what it is to have. */
class Told {
  readonly place: Place;
  readonly #contents = new Map<string, Contents>();

  constructor(place: Place) {
    this.place = place;
  }

  /** Does it, and looks what the place has then: what is to be, or what was before where it was broken off. */
  async perform(what: Deed, breaks: Breaking | null): Promise<"done" | "failed" | "killed"> {
    const { place } = this;
    const runId = this.runId(what);
    const after = await this.#after(what);
    const partsBefore = await place.open().parts(runId);

    const keeper = place.open();
    const killed = breaks ? place.breakAfter(breaks.after, breaks.how) : NEVER;
    const performed = perform(keeper, what, runId).then(
      () => "done" as const,
      (error) => {
        if (!breaks) throw error;
        return "failed" as const;
      },
    );
    const outcome = await Promise.race([killed, performed]);
    place.mend();

    const found = await contentsOf(place.open(), runId);
    const run = await place.open().find(runId);
    const parts = await place.open().parts(runId);
    if (outcome === "done") {
      expect(found).toEqual(after);
      // A run that is not there is not renamed, and what is left of it stays.
      const listed = what.kind === "rename" && !run ? [...partsBefore] : [];
      const expected = run && isReadable(run) ? run.parts : listed;
      expect([...parts].toSorted()).toEqual(expected.toSorted());
    } else {
      // A deletion that was broken off may have gone as far as the record.
      expect([this.#contents.get(runId) ?? null, after]).toContainEqual(found);
    }
    // Where there is no room, nothing more is to take any.
    if (outcome === "failed") expect(parts).toEqual(partsBefore);
    this.#contents.set(runId, found);
    for (const other of place.runIds) {
      expect(await contentsOf(place.open(), other)).toEqual(this.#contents.get(other) ?? null);
    }
    return outcome;
  }

  runId({ run }: Deed): string {
    return this.place.runIds[run % this.place.runIds.length] as string;
  }

  /** What the change comes to, seen in memory. */
  async #after(what: Deed): Promise<Contents> {
    const runId = this.runId(what);
    const model = new MemoryKeeper();
    const before = await this.place.open().find(runId);
    if (before && isReadable(before)) {
      const parts = new Map<string, Bytes>();
      for (const part of before.parts) {
        parts.set(part, (await this.place.open().read(runId, part)) as Bytes);
      }
      await model.write(before, parts);
    }
    await perform(model, what, runId);
    return contentsOf(model, runId);
  }
}

describe.each(Object.entries(PLACES))(
  "the keeper of runs in %s",
  (name, open) => {
    // The file belongs to the user.
    const kinds = name === "file" ? (["save", "rename"] as const) : KINDS;

    it.each(kinds)("has what it had or the new, wherever a %s is broken off", async (kind) => {
      for (const how of BREAKS) {
        let outcome = "";
        for (let after = 0; outcome !== "done"; after++) {
          const sequence = new Told(await open());
          const [run, seed, back] = [0, 1, false];
          await sequence.perform({ kind: "save", run: 1, by: 3, seed, back }, null);
          await sequence.perform({ kind: "save", run, by: 5, seed, back }, null);
          await sequence.perform({ kind: "save", run, by: 10, seed, back }, null);
          const what = { kind, run, by: 2, seed, back: true };
          outcome = await sequence.perform(what, { after, how });
          // It goes on from there.
          if (outcome !== "done") await sequence.perform(what, null);
        }
      }
    });

    it("has what was written and nothing else, whatever was broken off before", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
          const sequence = new Told(await open());
          for (const { breaks, ...what } of deeds) {
            if (name === "file" && what.kind === "deletion") continue;
            await sequence.perform(what, breaks);
          }
          const { place } = sequence;
          for (const runId of place.runIds) {
            const keeper = place.open();
            await keeper.delete(runId);
            expect(await keeper.find(runId)).toBeNull();
            expect([...(await keeper.parts(runId))]).toEqual([]);
            if (name !== "file") expect(await place.open().list()).not.toContain(runId);
          }
        }),
        { numRuns: inFull ? 200 : 15 },
      );
    });
  },
  inFull ? 900_000 : 120_000,
);

describe("the keeper of runs in folder", () => {
  it("says that a record cannot be read, where another one is not to be written over it", async () => {
    const { open } = await (PLACES.folder as () => Promise<Place>)();
    const { run, added } = nextVersion(null, "a", [1, 0, 0]);
    await open().write(run, added);
    vi.spyOn(Blob.prototype, "text").mockRejectedValue(new DOMException("", "NotReadableError"));
    onTestFinished(() => void vi.restoreAllMocks());
    await expect(open().find("a")).rejects.toThrow();
    expect(await open().find("b")).toBeNull();
  });
});
