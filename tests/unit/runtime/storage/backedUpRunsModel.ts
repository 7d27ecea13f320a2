/** What was told of stored runs, which a browser of tabs, database and files is compared with. */
import { expect, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import { type RunKeeper, RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { Backup } from "../../../../src/runtime/storage/backup.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { MemoryBrowser, type Tab } from "./memoryBrowser.ts";
import { asHandle, MemoryFolder } from "./memoryFolder.ts";
import { epochReport, runAt, stepReport } from "./storedRun.ts";

export function checkpointOf(step: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(1000).fill(step);
}

/** Where a run is gone, another begins in its place. */
export const PLACES = ["a", "b"] as const;
export type Place = (typeof PLACES)[number];
const STEPS_PER_EPOCH = 4;
export const FOREVER = Number.POSITIVE_INFINITY;

/** A run that a tab has in its memory, trained or ended. */
class Trained {
  readonly recorder: RunRecorder;
  readonly tab: Tab;
  step: number;
  /** Of the checkpoint that it told as saved last, or went on from. */
  storedStep: number | null;
  lastEpoch: ReturnType<typeof epochReport> | null = null;
  /** The tab may train it, and no other. */
  isOwn = true;

  constructor(
    runId: string,
    tab: Tab,
    stored: ConstructorParameters<typeof RunRecorder>[0]["stored"],
  ) {
    this.tab = tab;
    this.step = stored?.step ?? 0;
    this.storedStep = stored?.step ?? null;
    const identity = { ...runAt(0), runId, name: runId };
    this.recorder = new RunRecorder({ identity, library: keeperOf(tab), stored });
  }

  train(numSteps: number): void {
    for (let i = 0; i < numSteps; i++) {
      this.step++;
      this.recorder.addStep(stepReport(this.step));
      if (this.step % STEPS_PER_EPOCH === 0) {
        this.lastEpoch = epochReport(this.step / STEPS_PER_EPOCH, this.step, 1 / this.step);
        this.recorder.addEpoch(this.lastEpoch);
      }
    }
  }

  /** @param left steps of the tab until it is killed */
  async save(left: number): Promise<"saved" | "notSaved" | "killed"> {
    const { step, lastEpoch } = this;
    const pixels = new Uint8Array(784).fill(step);
    const snapshot = { step, wallTimeMs: step, count: 1, numFrames: 1, pixels };
    const checkpoint = { step, numEpochs: Math.floor(step / STEPS_PER_EPOCH) } as Checkpoint;
    const session = { lastEpoch, stepsPerEpoch: STEPS_PER_EPOCH, numParameters: 1 };
    // As `TrainingRun`, which saves no state twice.
    if (this.recorder.isStored) return "notSaved";
    return this.tab.doing(async () => {
      await this.recorder.addSnapshot(snapshot);
      await this.recorder.save(checkpoint, session as TrainingSession, this.isOwn);
      if (!this.recorder.isStored) return "notSaved";
      this.storedStep = step;
      return "saved";
    }, left);
  }
}

/** As `RunLibrary`, without a page. */
function keeperOf(tab: Tab): RunKeeper {
  return {
    async save(save) {
      try {
        const saved = await tab.runs.save(save);
        return saved ? { savedMs: saved.record.savedMs } : "runGone";
      } catch {
        return "failed";
      }
    },
    async addSnapshot(runId, snapshot, picture) {
      try {
        return (await tab.runs.addSnapshot(runId, snapshot, picture)) ? "added" : "runGone";
      } catch {
        return "failed";
      }
    },
    finish: (runId, hasStoppedEarly) =>
      tab.runs.update(runId, { isFinished: true, hasStoppedEarly }),
    forgetNewest: (runId, step) => tab.runs.forgetNewest(runId, step),
  };
}

interface Part {
  numSteps: number;
  /** Steps of the tab until it is killed. */
  left: number;
}

/** What may be found of a run. */
interface Expected {
  /** Steps that it may stand at. */
  steps: Set<number>;
  mayBeAbsent: boolean;
}

/** What was told to the person, and the browser that it was told of. */
export class World {
  readonly browser: MemoryBrowser;
  /** Of all runs that there ever were, by their ids. */
  readonly expected = new Map<string, Expected>();
  /** How many runs began in a place before the one that is there. */
  readonly #numBefore = { a: 0, b: 0 };
  readonly tabs: Tab[] = [];
  trained: Trained[] = [];
  /** Whether copies may be missing or behind. */
  wasLimited = false;

  constructor(browser: MemoryBrowser) {
    this.browser = browser;
  }

  static async start(): Promise<World> {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    // What comes soon after each other has the same time.
    vi.spyOn(Date, "now").mockReturnValue(1e12);
    const world = new World(await MemoryBrowser.start());
    for (const i of [0, 1]) await world.openTab(i);
    return world;
  }

  /** In place of one that was closed or killed. */
  async openTab(i: number): Promise<void> {
    const before = this.tabs[i];
    this.trained = this.trained.filter(({ tab }) => tab !== before);
    before?.runs.database.close();
    const tab = await this.browser.openTab();
    this.tabs[i] = tab;
    await tab.runs.restore();
    await tab.runs.completeBackups();
  }

  tab(i: number): Tab {
    return this.tabs[i] as Tab;
  }

  idAt(place: Place): string {
    return `${place}${this.#numBefore[place]}`;
  }

  trainer(runId: string): Trained | undefined {
    return this.trained.find((t) => t.isOwn && t.recorder.identity.runId === runId);
  }

  /** Trains the run on, or begins it, and saves. */
  async trainAndSave(place: Place, i: number, { numSteps, left }: Part): Promise<void> {
    const trained = await this.#trainedIn(place, i);
    if (!trained) return;
    trained.train(numSteps);
    await this.save(trained, left);
  }

  async save(trained: Trained, left = FOREVER): Promise<void> {
    const { step, recorder } = trained;
    const { runId } = recorder.identity;
    const { isOwn, storedStep } = trained;
    const before = [...(this.expected.get(runId)?.steps ?? [])];
    const outcome = await trained.save(left);
    if (outcome === "saved") {
      // Else it was deleted, or another tab has trained it on.
      if (!isOwn) expect(before, "saved by a tab that has ended it").toEqual([storedStep]);
      this.expected.set(runId, { steps: new Set([step]), mayBeAbsent: false });
    } else if (outcome === "killed") {
      this.expected.get(runId)?.steps.add(step);
      await this.openTab(this.tabs.indexOf(trained.tab));
    }
  }

  /** What a tab still has in its memory, where it is not stored. */
  async saveEnded(i: number): Promise<void> {
    const ended = this.trained.filter(({ tab, isOwn }) => tab === this.tab(i) && !isOwn);
    for (const trained of ended) await this.save(trained);
  }

  async #trainedIn(place: Place, i: number): Promise<Trained | null> {
    const found = this.trainer(this.idAt(place));
    // Else the lock of the tab that trains is in the way.
    if (found) return found.tab === this.tab(i) ? found : null;
    const { database } = this.tab(i).runs;
    const run = await database.find(this.idAt(place));
    if (run && !isReadable(run)) return null;
    if (!run) {
      const isWaiting = (await this.tab(i).runs.list()).some((r) => r.runId === this.idAt(place));
      if (isWaiting) return null;
      if (this.expected.has(this.idAt(place))) this.#numBefore[place]++;
      this.expected.set(this.idAt(place), absent());
    }
    const runId = this.idAt(place);
    const stored = run && {
      step: run.step,
      record: run,
      history: await database.history(runId, run),
    };
    const trained = new Trained(runId, this.tab(i), stored);
    this.trained.push(trained);
    return trained;
  }

  async delete(place: Place, i: number, left: number): Promise<void> {
    const runId = this.idAt(place);
    const expected = this.expected.get(runId);
    if (!expected || this.trainer(runId)) return;
    const deleted = async () => {
      const before = this.tab(i).failingRemovals;
      const remove = this.tab(i).runs.delete(runId);
      return remove.catch((error) => {
        // The person is told, and the run is what it was.
        if (this.tab(i).failingRemovals === before) throw error;
        return "failed" as const;
      });
    };
    const outcome = await this.tab(i).doing(deleted, left);
    if (outcome === "killed") {
      expected.mayBeAbsent = true;
      await this.openTab(i);
    } else if (outcome === "failed") {
      this.wasLimited = true;
    } else {
      this.expected.set(runId, absent());
    }
  }

  /** Whatever may be cut off without changing what is stored of any run. */
  async upkeep(i: number, left: number, work: (tab: Tab) => Promise<unknown>): Promise<void> {
    const outcome = await this.tab(i).doing(() => work(this.tab(i)), left);
    if (outcome === "killed") await this.openTab(i);
  }

  async loseDatabase(): Promise<void> {
    const copy = this.#backup();
    for (const [runId, { steps, mayBeAbsent }] of this.expected) {
      const copied = await copy.read(runId);
      if (copied) {
        const { step } = copied.record;
        if (this.wasLimited) expect(step).toBeLessThanOrEqual(Math.max(...steps));
        else expect([...steps]).toContain(step);
        this.expected.set(runId, { steps: new Set([step]), mayBeAbsent: false });
      } else {
        expect(mayBeAbsent || this.wasLimited).toBe(true);
        this.expected.set(runId, absent());
      }
    }
    await this.browser.loseDatabase();
  }

  async clearSiteData(): Promise<void> {
    for (const runId of this.expected.keys()) this.expected.set(runId, absent());
    await this.browser.clearSiteData();
  }

  /** The files as they are, whatever becomes of any tab. */
  #backup(): Backup {
    return new Backup(async () => asHandle(new MemoryFolder(this.browser.files)));
  }

  /** What a copy's record tells of is there. */
  async #checkCopies(): Promise<void> {
    const copy = this.#backup();
    for (const runId of await copy.backedUpIds()) {
      const record = await copy.record(runId);
      const copied = await copy.read(runId);
      expect(copied?.record.step, `the copy of ${runId}`).toBe(Object(record).step);
    }
  }

  async check(i: number): Promise<void> {
    await this.#checkCopies();
    const { runs } = this.tab(i);
    const list = await runs.list();
    for (const [runId, { steps, mayBeAbsent }] of this.expected) {
      const run = list.find((r) => r.runId === runId);
      if (!run) {
        expect(mayBeAbsent, `${runId} is lost`).toBe(true);
        this.expected.set(runId, absent());
        continue;
      }
      // A run that was deleted has no steps that it may stand at.
      expect([...steps], `${runId} has come back`).not.toEqual([]);
      const found = isReadable(run)
        ? await this.#storedIn(runs.database, runId)
        : await this.#backup().read(runId);
      expect(found, `${runId} cannot be read`).not.toBeNull();
      if (!found) continue;
      const { step } = found.record;
      expect([...steps], `${runId} at a step that was never told`).toContain(step);
      expect(found.checkpoints.find((c) => c.step === step)?.bytes).toEqual(checkpointOf(step));
      expect(found.history.steps.map((s) => s.step)).toEqual(upTo(step));
      expect(found.history.epochs.map((e) => e.epoch)).toEqual(
        upTo(Math.floor(step / STEPS_PER_EPOCH)),
      );
      if (isReadable(run)) {
        const numCopies = this.browser.files.get(runId) ? await this.#numCopies(runId) : 1;
        expect(run.totalBytes).toBe(numCopies * this.browser.databaseBytes(runId));
      }
      this.expected.set(runId, { steps: new Set([step]), mayBeAbsent: false });
    }
  }

  async #numCopies(runId: string): Promise<number> {
    return (await this.#backup().backedUpIds()).includes(runId) ? 2 : 1;
  }

  async #storedIn(database: Tab["runs"]["database"], runId: string) {
    const record = await database.read(runId);
    const { pointer, bytes } = await database.newestCheckpoint(record, (b) => b);
    expect(pointer.step).toBe(record.step);
    return {
      record,
      checkpoints: [{ step: pointer.step, bytes }],
      history: await database.history(runId, record),
    };
  }

  end(): void {
    for (const tab of this.tabs) tab.runs.database.close();
    vi.restoreAllMocks();
  }
}

export const absent = (): Expected => ({ steps: new Set(), mayBeAbsent: true });
const upTo = (end: number) => Array.from({ length: end }, (_, i) => i + 1);
