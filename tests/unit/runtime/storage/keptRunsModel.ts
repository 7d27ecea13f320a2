/** What was told of kept runs, which tabs that are killed and places that lose things are compared with. */
import { expect, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import { RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import { KeptRuns } from "../../../../src/runtime/storage/keptRuns.ts";
import { readHistory } from "../../../../src/runtime/storage/readRun.ts";
import { RunLibrary } from "../../../../src/runtime/storage/runLibrary.ts";
import { FaultyKeeper, Room, type Stored } from "./faultyKeeper.ts";
import { asLockManager, MemoryLocks } from "./memoryLocks.ts";
import { epochReport, readBack, runAt, snapshotAt, stepReport, upTo } from "./storedRun.ts";

export function checkpointOf(step: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(1000).fill(step);
}

/** Where a run is gone, another begins in its place. */
export const SLOTS = ["a", "b"] as const;
export type Slot = (typeof SLOTS)[number];
export const FOREVER = Number.POSITIVE_INFINITY;
const STEPS_PER_EPOCH = 4;

/** Nobody looks at the list: what was told is known as soon as the lock is free. */
class QuietLibrary extends RunLibrary {
  override async open(): Promise<void> {}

  override async list(): Promise<boolean> {
    return true;
  }
}

/** A page with its own view of the two places, until it is killed. */
export class Tab {
  readonly keepers: readonly FaultyKeeper[];
  readonly runs: KeptRuns;
  readonly library: RunLibrary;
  #usesLeft = FOREVER;
  #onKilled: () => void = () => {};
  readonly #locks: MemoryLocks;
  /** Called before each use of a place. */
  beforeUse: () => Promise<void> | void = () => {};
  /** Places that it cannot write to. */
  readonly failing = new Set<FaultyKeeper>();

  constructor(stores: readonly Stored[], room: Room, locks: MemoryLocks) {
    this.#locks = locks;
    this.keepers = stores.map((stored, i) => {
      const keeper = new FaultyKeeper(`place ${i}`, room, stored);
      keeper.onUse = async (isWrite) => {
        await this.beforeUse();
        if (--this.#usesLeft < 0) {
          this.#onKilled();
          // Nothing that a killed tab asks for ever comes back.
          await new Promise(() => {});
        }
        if (isWrite && this.failing.has(keeper)) throw new DOMException("no", "UnknownError");
      };
      return keeper;
    });
    this.runs = new KeptRuns({
      keepers: this.keepers,
      locks: asLockManager(locks),
      freeBytes: async () => room.quota - room.usedBytes,
      wait: async () => {},
    });
    this.library = new QuietLibrary(() => {}, null, this.runs);
  }

  /** What the work gives; "killed" where the tab is killed after so many uses of the places. */
  async doing<T>(work: () => Promise<T>, usesLeft = FOREVER): Promise<T | "killed"> {
    this.#usesLeft = usesLeft;
    const killed = new Promise<"killed">((resolve) => {
      this.#onKilled = () => resolve("killed");
    });
    const result = await Promise.race([work(), killed]);
    if (result === "killed") this.#locks.forget();
    else this.#usesLeft = FOREVER;
    return result;
  }
}

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
    this.recorder = new RunRecorder({ identity, library: tab.library, stored });
  }

  get runId(): string {
    return this.recorder.identity.runId;
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

  /** @param left uses of the places until the tab is killed */
  async save(left: number): Promise<"saved" | "notSaved" | "killed"> {
    const { step, lastEpoch } = this;
    const checkpoint = { step, numEpochs: Math.floor(step / STEPS_PER_EPOCH) } as Checkpoint;
    const session = { lastEpoch, stepsPerEpoch: STEPS_PER_EPOCH, numParameters: 1 };
    // As `TrainingRun`, which saves no state twice.
    if (this.recorder.isStored) return "notSaved";
    return this.tab.doing(async () => {
      await this.recorder.addSnapshot(snapshotAt(step));
      await this.recorder.save(checkpoint, session as TrainingSession, this.isOwn);
      if (!this.recorder.isStored) return "notSaved";
      this.storedStep = step;
      return "saved";
    }, left);
  }
}

/** What may be found of a run. */
interface Expected {
  /** Steps that it may stand at. */
  steps: Set<number>;
  mayBeAbsent: boolean;
}

/** What was told to the user, and the places that it was told of. */
export class World {
  readonly room = new Room();
  readonly locks = new MemoryLocks();
  readonly stores: readonly Stored[] = [this.room.store(), this.room.store()];
  readonly tabs: Tab[] = [];
  trained: Trained[] = [];
  /** Of all runs that there ever were, by their ids. */
  readonly expected = new Map<string, Expected>();
  /** All that was ever told of each. */
  readonly #told = new Map<string, Set<number>>();
  /** How many runs began in a slot before the one that is there. */
  readonly #numBefore = { a: 0, b: 0 };
  /** Both places are known to have all, so that either may lose it. */
  areEqual = true;
  #remembered: Stored[] | null = null;
  #nowMs = 1e12;
  /** Places where parts were damaged since they lost all, which only shows where they are read. */
  readonly #damaged = new Set<number>();
  /** Something was lost that the other place did not have, or had damaged. */
  #hasLost = false;

  static async start(): Promise<World> {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const world = new World();
    // What comes soon after each other has the same time, but for what is lost meanwhile.
    vi.spyOn(Date, "now").mockImplementation(() => world.#nowMs);
    for (const i of [0, 1]) await world.openTab(i);
    return world;
  }

  /** In place of one that was closed or killed. */
  async openTab(i: number): Promise<void> {
    const before = this.tabs[i];
    this.trained = this.trained.filter(({ tab }) => tab !== before);
    this.tabs[i] = new Tab(this.stores, this.room, this.locks);
    await this.settle(i);
  }

  async settle(i: number, left = FOREVER): Promise<void> {
    const tab = this.tab(i);
    const outcome = await tab.doing(() => tab.runs.settle(), left);
    if (outcome === "killed") return this.openTab(i);
    const isLimited = this.room.quota < FOREVER || tab.failing.size > 0;
    this.areEqual = !isLimited && !this.#hasLost;
  }

  tab(i: number): Tab {
    return this.tabs[i] as Tab;
  }

  idAt(slot: Slot): string {
    return `${slot}${this.#numBefore[slot]}`;
  }

  trainer(runId: string): Trained | undefined {
    return this.trained.find((t) => t.isOwn && t.runId === runId);
  }

  #tell(runId: string, step: number): void {
    this.#told.set(runId, (this.#told.get(runId) ?? new Set()).add(step));
  }

  /** Trains the run on, or begins it, and saves. */
  async trainAndSave(slot: Slot, i: number, numSteps: number, left = FOREVER): Promise<void> {
    const trained = await this.#trainedIn(slot, i);
    if (!trained) return;
    trained.train(numSteps);
    await this.save(trained, left);
  }

  async save(trained: Trained, left = FOREVER): Promise<void> {
    const { step, runId, isOwn, storedStep, tab } = trained;
    const before = [...(this.expected.get(runId)?.steps ?? [])];
    this.#tell(runId, step);
    const outcome = await trained.save(left);
    if (outcome === "saved") {
      // Else it was deleted, or another tab has trained it on.
      if (!isOwn) expect(before, "saved by a tab that has ended it").toContain(storedStep);
      this.expected.set(runId, { steps: new Set([step]), mayBeAbsent: false });
      if (tab.failing.size > 0 || this.room.quota < FOREVER) this.areEqual = false;
    } else if (outcome === "notSaved") {
      // It is held, and written with the next change of the run.
      if (isOwn || before.includes(storedStep ?? -1)) this.expected.get(runId)?.steps.add(step);
    } else if (outcome === "killed") {
      this.areEqual = false;
      this.expected.get(runId)?.steps.add(step);
      await this.openTab(this.tabs.indexOf(tab));
    }
  }

  /** What a tab still has in its memory, where it is not stored. */
  async saveEnded(i: number): Promise<void> {
    const ended = this.trained.filter(({ tab, isOwn }) => tab === this.tab(i) && !isOwn);
    for (const trained of ended) await this.save(trained);
  }

  async #trainedIn(slot: Slot, i: number): Promise<Trained | null> {
    const tab = this.tab(i);
    const found = this.trainer(this.idAt(slot));
    // Else the lock of the tab that trains is in the way.
    if (found) return found.tab === tab ? found : null;
    const run = await tab.runs.read(this.idAt(slot)).catch(() => null);
    if (!run) {
      if (this.expected.has(this.idAt(slot))) this.#numBefore[slot]++;
      this.expected.set(this.idAt(slot), absent());
    }
    const stored = run && {
      step: run.record.step,
      record: run.record,
      history: await readHistory(run, tab.runs.part),
    };
    const trained = new Trained(this.idAt(slot), tab, stored);
    // It takes the place of the run that the tab had.
    this.trained = [...this.trained.filter((other) => other.tab !== tab), trained];
    return trained;
  }

  async delete(slot: Slot, i: number, left: number): Promise<void> {
    const runId = this.idAt(slot);
    const expected = this.expected.get(runId);
    if (!expected || this.trainer(runId)) return;
    const { runs, failing } = this.tab(i);
    const deletion = () =>
      runs.delete(runId).catch((error: unknown) => {
        // The user is told. What the place that refuses has of it may be older than what is gone.
        if (failing.size === 0) throw error;
        return "failed" as const;
      });
    const outcome = await this.tab(i).doing(deletion, left);
    if (outcome === undefined) {
      this.expected.set(runId, absent());
      // It is no longer in the hour ago either, which else would bring it back.
      this.#remembered = null;
    } else {
      this.areEqual = false;
      expected.mayBeAbsent = true;
      if (outcome === "failed") expected.steps = this.#told.get(runId) ?? expected.steps;
      else await this.openTab(i);
    }
  }

  /** Whatever may be cut off without changing what is kept of any run. */
  async upkeep(i: number, left: number, work: (tab: Tab) => Promise<unknown>): Promise<void> {
    const tab = this.tab(i);
    const outcome = await tab.doing(() => work(tab).catch(() => {}), left);
    if (outcome === "killed" || tab.failing.size > 0) this.areEqual = false;
    if (outcome === "killed") await this.openTab(i);
  }

  remember(): void {
    this.#remembered = this.tab(0).keepers.map((keeper) => keeper.remember());
  }

  /** A place falls back to what was remembered, or loses all. */
  async fallBack(place: number, isAll: boolean): Promise<void> {
    const remembered = this.#remembered?.[place];
    this.tab(0).keepers[place]?.fallBack(isAll ? new Map() : remembered);
    this.#afterLoss(place);
    if (isAll) this.#damaged.delete(place);
  }

  /** The bytes of one kind of parts of all runs are damaged or gone in a place. */
  async damage(place: number, kind: string, isGone: boolean): Promise<void> {
    const keeper = this.tab(0).keepers[place];
    for (const runId of keeper?.stored.keys() ?? []) {
      keeper?.damage(runId, kind, isGone ? null : new Uint8Array(9));
    }
    this.#afterLoss(place);
    this.#damaged.add(place);
  }

  async clearSiteData(): Promise<void> {
    for (const stored of this.stores) stored.clear();
    this.#nowMs += 1000;
    this.#remembered = null;
    for (const runId of this.expected.keys()) this.expected.set(runId, absent());
  }

  /** Where the other place does not have all, what is there now is only to be one of the states that were told. */
  #afterLoss(place: number): void {
    this.#nowMs += 1000;
    this.#hasLost ||= !this.areEqual || this.#damaged.has(1 - place);
    if (!this.#hasLost) return;
    this.areEqual = false;
    for (const [runId, { steps, mayBeAbsent }] of this.expected) {
      const told = this.#told.get(runId) ?? new Set();
      if (steps.size > 0) this.expected.set(runId, { steps: told, mayBeAbsent: true });
      else this.expected.set(runId, { steps: new Set(), mayBeAbsent });
    }
  }

  async check(i: number): Promise<void> {
    const { runs } = this.tab(i);
    const list = await runs.list();
    for (const [runId, { steps, mayBeAbsent }] of this.expected) {
      if (!list.some((run) => run.runId === runId)) {
        expect(mayBeAbsent, `${runId} is lost`).toBe(true);
        if (steps.size > 0) this.#remembered = null;
        this.expected.set(runId, absent());
        continue;
      }
      // A run that was deleted has no steps that it may stand at.
      expect([...steps], `${runId} has come back`).not.toEqual([]);
      const found = await readBack(runs, runId).catch((error) => {
        if (!mayBeAbsent) throw error;
        return null;
      });
      if (!found) {
        this.expected.set(runId, { steps, mayBeAbsent: true });
        continue;
      }
      const { step } = found;
      expect([...steps], `${runId} at a step that was never told`).toContain(step);
      expect(checksumOf(found.bytes)).toBe(checksumOf(checkpointOf(step)));
      if (this.areEqual) {
        expect(found.numLost).toBe(0);
        expect(found.steps).toEqual(upTo(step));
        expect(found.epochs).toHaveLength(Math.floor(step / STEPS_PER_EPOCH));
      }
      if (this.areEqual) this.expected.set(runId, { steps: new Set([step]), mayBeAbsent: false });
    }
  }

  end(): void {
    vi.restoreAllMocks();
  }
}

export const absent = (): Expected => ({ steps: new Set(), mayBeAbsent: true });
