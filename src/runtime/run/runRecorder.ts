import type { NamedDataset } from "../../engine/data/dataset.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";
import type { SessionStart, TrainingSession } from "../../engine/train/session.ts";
import { encodeCheckpoint } from "../files/checkpointFile.ts";
import type { ImportedWeights } from "../files/importedWeights.ts";
import { pictureOf } from "../files/picture.ts";
import { described } from "../files/trainedImages.ts";
import type { Picture, RunRecord, Snapshot } from "../storage/records.ts";
import type { RunLibrary } from "../storage/runLibrary.ts";
import type { BestCheckpoint, Save } from "../storage/saveRun.ts";
import { trainedMs } from "./sweep.ts";

/** What a run is from its start on. */
export type RunIdentity = Pick<
  RunRecord,
  "runId" | "name" | "createdMs" | "preset" | "config" | "dataset" | "device" | "startedFrom"
>;

/**
 * A new run and what it begins with: the weights of a file, for a distillation their average, since that is what teaches
 * and is sampled; without a file those of its seed.
 */
export function startOfRun(
  run: Pick<RunIdentity, "runId" | "name" | "preset" | "config">,
  dataset: NamedDataset,
  weights: ImportedWeights | null,
): { identity: RunIdentity; start: SessionStart } {
  return {
    identity: {
      ...run,
      createdMs: Date.now(),
      dataset: described(dataset, run.config),
      startedFrom: weights && {
        fileName: weights.fileName,
        trainedSteps: weights.facts.trainedSteps,
      },
    },
    start: {
      from: "weights",
      values: weights && ((run.config.distilFrom > 0 && weights.ema) || weights.values),
    },
  };
}

/** Steps with those of the weights that a run began with; null where those are unknown. */
export function stepsWithThoseBefore(
  startedFrom: RunIdentity["startedFrom"],
  step: number,
): number | null {
  const before = startedFrom ? startedFrom.trainedSteps : 0;
  return before === null ? null : before + step;
}

/** A stored run that goes on from its checkpoint at `step`. */
export interface StoredStart {
  step: number;
  record: Pick<RunRecord, "savedMs" | "picture">;
  /** Up to the checkpoint. */
  history: Save["history"];
}

/** Stores what a run reports. */
export type RunKeeper = Pick<RunLibrary, "save" | "addSnapshot" | "finish" | "forgetNewest">;

/** What came after the last checkpoint is lost when the page is reloaded. */
const FIRST_CHECKPOINT_MS = 5000;

/**
 * Milliseconds from one checkpoint to the next: of a young run as many as it had lasted at the last
 * one, so that no more than about half of it is lost unless a snapshot held it up; then as the setting says. Infinite for 0 minutes.
 */
export function checkpointInterval(minutes: number, lastedMs: number): number {
  if (minutes === 0) return Number.POSITIVE_INFINITY;
  return Math.min(minutes * 60_000, Math.max(FIRST_CHECKPOINT_MS, lastedMs));
}

/** Collects what a run reports until the next checkpoint, and saves both. */
export class RunRecorder {
  readonly identity: RunIdentity;
  readonly #library: RunKeeper;
  /** Of the newest checkpoint that is stored, or that the run went on from; null before the first. */
  #storedStep: number | null;
  /** Of its record. */
  #savedMs: number | null;
  /** The stored history, which the browser may lose. */
  readonly #earlier: Save["history"];
  #steps: StepReport[] = [];
  #trainedMs: number;
  #epochs: EpochReport[] = [];
  /** The checkpoint of the best epoch, where it could not be stored. */
  #best: BestCheckpoint | null = null;
  #snapshots: Snapshot[] = [];
  #picture: Picture | null;
  readonly #startMs = performance.now();
  #lastSaveMs = this.#startMs;
  #isFinished = false;
  #hasStoppedEarly = false;
  /** Whether all that was reported is stored. */
  #isStored = false;
  /** Deleted, or trained on in another tab. */
  #isGone = false;

  constructor(options: {
    identity: RunIdentity;
    library: RunKeeper;
    /** What it goes on from; null of a new one. */
    stored: StoredStart | null;
  }) {
    const { identity, library, stored } = options;
    this.identity = identity;
    this.#library = library;
    this.#storedStep = stored?.step ?? null;
    this.#savedMs = stored?.record.savedMs ?? null;
    this.#picture = stored?.record.picture ?? null;
    const { steps = [], epochs = [] } = stored?.history ?? {};
    this.#earlier = { steps: [...steps], epochs: [...epochs] };
    this.#trainedMs = trainedMs(steps);
  }

  /**
   * Whether a checkpoint is due by the clock.
   *
   * @param mayWait whether there is reason to take those of a young run no more often than any other's
   */
  isDue(mayWait: boolean): boolean {
    const { checkpointMinutes } = this.identity.config;
    const lastedMs = mayWait ? Number.POSITIVE_INFINITY : this.#lastSaveMs - this.#startMs;
    return performance.now() - this.#lastSaveMs >= checkpointInterval(checkpointMinutes, lastedMs);
  }

  /** How long all steps took, those before the run went on too. */
  get trainedMs(): number {
    return this.#trainedMs;
  }

  get isStored(): boolean {
    return this.#isStored;
  }

  /** Saves nothing more: the run was deleted in another tab. */
  disown(): void {
    this.#isGone = true;
    this.#isStored = false;
  }

  addStep(step: StepReport): void {
    this.#isStored = false;
    this.#steps.push(step);
    this.#trainedMs += step.stepMs;
  }

  addEpoch(epoch: EpochReport): void {
    this.#isStored = false;
    this.#epochs.push(epoch);
  }

  /** Stores it at once where a checkpoint after its step is stored: the next one may never come. */
  async addSnapshot(snapshot: Snapshot): Promise<void> {
    const { runId, config } = this.identity;
    const picture = pictureOf(snapshot, config);
    this.#picture = picture;
    const isStorable = this.#storedStep !== null && snapshot.step <= this.#storedStep;
    const outcome = isStorable
      ? await this.#library.addSnapshot(runId, snapshot, picture)
      : "failed";
    if (outcome === "added") return;
    // A run that was deleted is not stored again because of it.
    if (outcome === "failed") this.#isStored = false;
    this.#snapshots.push(snapshot);
  }

  /**
   * Saves a checkpoint, with all that was reported since the last one that could be saved.
   *
   * @param isOwn whether no other tab may have changed the run since it was saved last
   */
  async save(checkpoint: Checkpoint, session: TrainingSession, isOwn = true): Promise<void> {
    if (this.#isGone) return;
    this.#lastSaveMs = performance.now();
    const save = { ...this.saveOf(checkpoint, session), isOwn };
    const outcome = await this.#library.save(save);
    this.#isGone ||= outcome === "runGone";
    if (outcome === "failed") this.#keepBest(save);
    if (typeof outcome === "string" || this.#isGone) return;
    this.#isStored = true;
    this.#storedStep = checkpoint.step;
    this.#savedMs = outcome.savedMs;
    // One by one: as arguments of one call many would be too many.
    for (const step of this.#steps) this.#earlier.steps.push(step);
    for (const epoch of this.#epochs) this.#earlier.epochs.push(epoch);
    this.#steps = [];
    this.#epochs = [];
    this.#best = null;
    this.#snapshots = [];
  }

  /** A run that stops early ends with these weights, which change with the next step. */
  #keepBest({ run, checkpoint, validationLoss }: Save): void {
    if (validationLoss === null) return;
    const losses = [this.#earlier.epochs, this.#epochs].flat().map((epoch) => epoch.validationLoss);
    if (losses.some((loss) => loss < validationLoss)) return;
    const { step, numEpochs } = run;
    this.#best = { step, numEpochs, validationLoss, bytes: checkpoint };
  }

  /** The checkpoint, with all that has come since the last one that is stored. */
  saveOf(checkpoint: Checkpoint, session: TrainingSession): Save {
    const { config } = this.identity;
    const { lastEpoch, stepsPerEpoch, numParameters } = session;
    const { step, numEpochs } = checkpoint;
    const loss = lastEpoch?.validationLoss ?? Number.NaN;
    const lastValidationLoss = Number.isFinite(loss) ? loss : null;
    // The phases of a distillation learn from different teachers: none of their losses is the best of all.
    const isCompared = config.distilFrom === 0 && lastEpoch?.step === step;
    return {
      run: {
        ...this.identity,
        stepsPerEpoch,
        numParameters,
        step,
        numEpochs,
        lastValidationLoss,
        picture: this.#picture,
        isFinished: this.#isFinished,
        hasStoppedEarly: this.#hasStoppedEarly,
      },
      checkpoint: encodeCheckpoint(config, checkpoint),
      validationLoss: isCompared ? lastValidationLoss : null,
      best: this.#best && this.#best.step < step ? this.#best : null,
      afterStep: this.#storedStep ?? 0,
      history: { steps: this.#steps, epochs: this.#epochs },
      earlier: this.#earlier,
      previousMs: this.#savedMs,
      isOwn: true,
      snapshots: this.#snapshots,
    };
  }

  /** Deletes the checkpoint of a step after which the loss is not finite. */
  async forget(step: number): Promise<void> {
    await this.#library.forgetNewest(this.identity.runId, step);
  }

  /** The run has ended by itself. Where its end could not be saved, the next save records it. */
  async finish(hasStoppedEarly: boolean): Promise<void> {
    this.#isFinished = true;
    this.#hasStoppedEarly = hasStoppedEarly;
    const isEndStored = this.#steps.length === 0 && this.#epochs.length === 0;
    if (isEndStored) await this.#library.finish(this.identity.runId, hasStoppedEarly);
  }
}
