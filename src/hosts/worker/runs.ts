import { HYPERPARAMETERS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { lackingClasses } from "../../engine/config/network.ts";
import { teacherReason } from "../../engine/config/studentSteps.ts";
import type { NamedDataset, NamedTrainingData } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import type { SessionStart } from "../../engine/train/session.ts";
import { type ImportedWeights, withAddedClasses } from "../../runtime/files/importedWeights.ts";
import { checkDataset } from "../../runtime/files/trainedImages.ts";
import type { BackendFault, PrepareDevice } from "../../runtime/run/device.ts";
import type { BackendReport, Post, RunStatus } from "../../runtime/run/events.ts";
import { type Network, networkOfRun, networkOfStored } from "../../runtime/run/network.ts";
import { throttled } from "../../runtime/run/progress.ts";
import { type RunIdentity, RunRecorder, startOfRun } from "../../runtime/run/runRecorder.ts";
import { postSnapshots, replaySnapshot } from "../../runtime/run/snapshotEvents.ts";
import {
  endOf,
  openedRun,
  readCheckpoint,
  readStoredRun,
  type StoredContents,
} from "../../runtime/run/storedRun.ts";
import { TrainingRun } from "../../runtime/run/trainingRun.ts";
import { browserRuns } from "../../runtime/storage/browserRuns.ts";
import { readSnapshots } from "../../runtime/storage/readRun.ts";
import type { RunRecord } from "../../runtime/storage/records.ts";
import { RunLibrary } from "../../runtime/storage/runLibrary.ts";
import { TabChannel } from "../../runtime/storage/tabChannel.ts";
import type { Replicas } from "../../runtime/threads/replicas.ts";
import { deviceWithThreads, threadsOfDevice } from "../../runtime/threads/threads.ts";
import type { CommandOf } from "./protocol.ts";
import type { QualityMeters } from "./qualityMeters.ts";
import { TrainingLock } from "./trainingLock.ts";

/** What training runs with: the images that are loaded, and the backend it computes on. */
export interface TrainingContext {
  /** Null until there are some; points need none. */
  images: NamedDataset | null;
  backend: BackendReport["backend"];
  /** Without its threads, e.g. `WebAssembly SIMD`. */
  device: string;
}

interface RunsOptions {
  post: Post;
  onFault: (fault: BackendFault) => void;
  prepareDevice: PrepareDevice;
  isSound: () => boolean;
  /** Called before another run takes the place of the current one. */
  onReplace: () => void;
  /** Measure samples after epochs. */
  meters: QualityMeters;
  /** Train along on WebAssembly. */
  replicas: Replicas | null;
}

/** The current run, which is trained or shown, and the stored runs. */
export class Runs {
  readonly library: RunLibrary;
  readonly #options: RunsOptions;
  readonly #lock: TrainingLock;
  readonly #post: Post;
  #run: TrainingRun | null = null;
  /** A stored run that is shown. */
  #opened: StoredContents | null = null;
  /** Deleted in another tab while it is trained here, which only locks prevent. */
  #deletedRunId: string | null = null;

  constructor(options: RunsOptions) {
    const tabs = new TabChannel();
    this.#options = options;
    this.#post = options.post;
    const onNote = (message: string) => options.post({ type: "storageNote", message });
    this.library = new RunLibrary(options.post, tabs, browserRuns(onNote));
    this.#lock = new TrainingLock(options.post, tabs);
    tabs.onMessage((runId) => {
      if (runId === null || this.#run?.runId !== runId || !this.isActive) return;
      this.#deletedRunId = runId;
      this.#run.disown();
    });
  }

  /** Posts what is stored, and whether another tab trains. */
  async announce(): Promise<void> {
    await this.library.open();
    // Not awaited: it watches for as long as the other tab trains.
    this.#lock.watch();
  }

  /** The run in memory, which may be paused or have ended. */
  get current(): TrainingRun | null {
    return this.#run;
  }

  /** Whether `advance` has anything to do. */
  get hasWork(): boolean {
    return this.#deletedRunId !== null || (this.#run?.hasWork ?? false);
  }

  /** Whether the run in memory has not ended; it may be paused. */
  get isActive(): boolean {
    return this.#run !== null && !this.#run.hasEnded;
  }

  /** The network of the current run; null before the first. */
  network(settings: RunConfig): Network | null {
    if (this.#run) return networkOfRun(this.#run, settings);
    return this.#opened && networkOfStored(this.#opened, settings);
  }

  /**
   * Reads the network of a stored run at one of its checkpoints.
   *
   * @throws StorageError
   */
  async storedNetwork(
    { runId, step }: { runId: string; step: number },
    settings: RunConfig,
  ): Promise<Network> {
    return networkOfStored(await readCheckpoint(this.library.runs, runId, step), settings);
  }

  async advance(): Promise<void> {
    if (this.#deletedRunId === null) await this.#run?.advance();
    else await this.#endDeleted(this.#deletedRunId);
    this.#releaseWhenEnded();
  }

  async #endDeleted(runId: string): Promise<void> {
    this.#deletedRunId = null;
    if (this.#run?.runId === runId) await this.#run.stop();
    // A save may have stored it again meanwhile.
    await this.#changing(() => this.library.delete(runId));
  }

  async control({ type, runId }: CommandOf<"pause" | "resume" | "stop">): Promise<void> {
    if (this.#run?.runId === runId) await this.#run[type]();
    this.#releaseWhenEnded();
  }

  async train(
    command: CommandOf<"train">,
    context: TrainingContext | null,
    imported: ImportedWeights | null,
  ): Promise<boolean> {
    const { runId, name, preset, config } = command;
    const startedFrom = imported && startWeights(config, imported);
    const isHeld = await this.#lock.acquire(runId);
    return this.#start(command, config, context, isHeld, null, (dataset) => {
      const reason = startedFrom && teacherReason(config, startedFrom);
      if (reason) throw new Error(reason);
      return startOfRun({ runId, name, preset, config }, dataset, startedFrom);
    });
  }

  async continueRun(
    command: CommandOf<"continueRun">,
    context: TrainingContext | null,
  ): Promise<boolean> {
    const { runId, learningRateFactor } = command;
    // Held before it is read: meanwhile another tab could train it on, or delete it.
    const isHeld = !this.isActive && (await this.#lock.acquire(runId));
    if (!(await this.open(runId, () => "preparing"))) {
      if (isHeld) this.#lock.release();
      return false;
    }
    const stored = this.#opened as StoredContents;
    const { record, checkpoint, best, history } = stored;
    await this.#start(command, record.config, context, isHeld, stored, (dataset) => {
      checkDataset(record, dataset);
      const { min } = HYPERPARAMETERS.learningRate;
      const learningRate = Math.max(min, record.config.learningRate * learningRateFactor);
      return {
        identity: { ...record, config: { ...record.config, learningRate } },
        start: { from: "checkpoint", checkpoint, epochs: history.epochs, best },
      };
    });
    return true;
  }

  /**
   * Shows a stored run, in place of one that has ended.
   *
   * @param statusOf the status that it is shown with
   * @returns whether it is the current run now; `train` and `continueRun` likewise
   */
  async open(runId: string, statusOf: (record: RunRecord) => RunStatus = endOf): Promise<boolean> {
    try {
      if (this.isActive) throw new Error("Stop the run before you open another.");
      await this.library.open();
      const onFraction = throttled((fraction) =>
        this.#post({ type: "runProgress", runId, fraction }),
      );
      const stored = await readStoredRun(this.library.runs, runId, onFraction);
      this.#clear();
      this.#opened = stored;
      this.#post({ type: "runOpened", run: openedRun(stored, statusOf(stored.record)) });
      await this.#showSnapshots(stored);
      return true;
    } catch (error) {
      this.#post({ type: "runNotOpened", runId, message: messageOf(error) });
      return false;
    }
  }

  /** All, and the newest also as a preview. */
  async #showSnapshots({ kept, record, checkpoint }: StoredContents): Promise<void> {
    const { runId } = record;
    const snapshots = await readSnapshots(kept, this.library.runs.part, checkpoint.step);
    const newest = snapshots.at(-1);
    if (newest) replaySnapshot(this.#post, record, newest);
    postSnapshots(this.#post, runId, snapshots);
  }

  async rename({ runId, name }: CommandOf<"renameRun">): Promise<void> {
    await this.#changing(() => this.library.rename(runId, name));
  }

  async delete({ runId }: CommandOf<"deleteRun">): Promise<void> {
    await this.#changing(async () => {
      // Where the browser has no locks at least this tab knows what it trains.
      const isHere = this.isActive && this.#run?.runId === runId;
      const remove = () => this.library.delete(runId);
      if (isHere || !(await this.#lock.unlessTrained(runId, remove))) {
        throw new Error("The run is being trained, here or in another tab. Stop it first.");
      }
      // There may be room now for what could not be saved, then for other runs.
      await this.#run?.save();
      await this.library.useRoom();
    });
  }

  async #changing(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.#post({ type: "runNotChanged", message: messageOf(error) });
    }
  }

  /** @param isHeld whether this tab has the lock of the one that trains */
  async #start(
    { runId, maxMicroBatch, budget }: CommandOf<"train" | "continueRun">,
    config: RunConfig,
    context: TrainingContext | null,
    isHeld: boolean,
    stored: StoredContents | null,
    prepare: (dataset: NamedTrainingData) => { identity: RunIdentity; start: SessionStart },
  ): Promise<boolean> {
    const { post, meters, isSound, onFault, prepareDevice, replicas: threads } = this.#options;
    try {
      // Most runs are of images.
      const { trainingDataOf } = await import("../../runtime/run/trainingData.ts");
      const dataset = context && trainingDataOf(config, context.images);
      if (!dataset) {
        throw new Error("Training needs images and a backend; wait until both are ready.");
      }
      if (!isHeld) {
        throw new Error(
          "Another tab of this page trains. Stop the run there, or close that tab; here you can look at runs and draw samples.",
        );
      }
      const { images, backend, device } = context;
      const { identity, start } = prepare(dataset);
      const isWasm = backend === "wasm";
      // A stored run gets as many threads as it had, so that it goes on to the same bits.
      const numBefore = threadsOfDevice(stored?.record.device);
      const replicas = isWasm && threads ? await threads.start(numBefore) : [];
      const numThreads = 1 + replicas.length;
      const usedDevice = isWasm ? deviceWithThreads(device, numThreads) : device;
      const recorder = new RunRecorder({
        identity: { ...identity, device: usedDevice },
        library: this.library,
        stored: stored && { ...stored, step: stored.checkpoint.step },
      });
      this.#clear();
      this.#run = new TrainingRun({
        recorder,
        drawnSteps: stored?.snapshotSteps ?? [],
        start,
        maxMicroBatch,
        budget,
        replicas,
        dataset,
        backend,
        post,
        prepareDevice,
        meter: () => {
          if (!images) throw new Error("Samples are measured by the images that are loaded.");
          return meters.of(images);
        },
        isSound,
        onFault,
      });
      if (isWasm && numBefore !== undefined && numThreads < numBefore) {
        post({ type: "fewerThreads", runId, numThreads, numBefore });
      }
      return true;
    } catch (error) {
      threads?.end();
      this.#lock.release();
      // A stored run is still what it was.
      post({ type: "runStatus", runId, status: this.#opened ? "stopped" : "failed" });
      post({ type: "runFailed", runId, message: messageOf(error), details: null });
      return false;
    }
  }

  /** Before another run takes the place. */
  #clear(): void {
    this.#options.onReplace();
    this.#run?.dispose();
    this.#run = null;
    this.#opened = null;
  }

  #releaseWhenEnded(): void {
    if (!this.#run?.hasEnded) return;
    this.#lock.release();
    this.#options.replicas?.end();
  }
}

/** What a run begins with of loaded weights, with rows for classes that they lack; null where they are of another network. */
function startWeights(config: RunConfig, imported: ImportedWeights): ImportedWeights | null {
  const lacking = lackingClasses(config, imported.network);
  if (lacking === null) return null;
  return lacking === 0 ? imported : withAddedClasses(imported, lacking);
}
