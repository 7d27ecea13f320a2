import { hasTeacher } from "../../engine/config/studentSteps.ts";
import type { NamedTrainingData } from "../../engine/data/dataset.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";
import type { SessionStart, TrainingSession } from "../../engine/train/session.ts";
import { encodeCheckpoint } from "../files/checkpointFile.ts";
import type { ImportedWeights } from "../files/importedWeights.ts";
import { pictureOf } from "../files/picture.ts";
import { described } from "../files/trainedImages.ts";
import type { Picture, RunRecord, Snapshot } from "../storage/records.ts";
import type { RunLibrary } from "../storage/runLibrary.ts";
import type { Save } from "../storage/saves.ts";
import { trainedMs } from "./sweep.ts";

/** What a run is from its start on. */
export type RunIdentity = Pick<
  RunRecord,
  "runId" | "name" | "createdMs" | "preset" | "config" | "dataset" | "device" | "startedFrom"
>;

/**
 * A new run and what it begins with: the weights of a file, where they teach their average, since that is what
 * is sampled; without a file those of its seed.
 */
export function startOfRun(
  run: Pick<RunIdentity, "runId" | "name" | "preset" | "config">,
  dataset: NamedTrainingData,
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
      values: weights && ((hasTeacher(run.config) && weights.ema) || weights.values),
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
export type RunStore = Pick<RunLibrary, "save" | "addSnapshot" | "finish" | "forgetNewest">;

/** The first checkpoint by the clock comes after this long, so that a reload early in a run loses little. */
const FIRST_CHECKPOINT_MS = 5000;

/**
 * Milliseconds from one checkpoint to the next. A young run waits as long as it had lasted at the last one (since it began
 * or was continued, pauses included), and at least 5 s, so that a crash loses about half of it at most, unless a preview
 * held the checkpoint up. Later it waits as long as the setting says. Infinite for 0 minutes.
 */
export function checkpointInterval(minutes: number, lastedMs: number): number {
  if (minutes === 0) return Number.POSITIVE_INFINITY;
  return Math.min(minutes * 60_000, Math.max(FIRST_CHECKPOINT_MS, lastedMs));
}

/** Collects what a run reports until the next checkpoint, and saves both. */
export class RunRecorder {
  readonly identity: RunIdentity;
  readonly #library: RunStore;
  /** The step of the newest checkpoint that is stored or held, or that the run went on from; null before the first. */
  #savedStep: number | null;
  /** When its record was saved last; null before. */
  #savedMs: number | null;
  #steps: StepReport[] = [];
  #trainedMs: number;
  #epochs: EpochReport[] = [];
  #snapshots: Snapshot[] = [];
  #picture: Picture | null;
  readonly #startMs = performance.now();
  #lastSaveMs = this.#startMs;
  #isFinished = false;
  #hasStoppedEarly = false;
  #hasSpentBudget = false;
  /** Whether all that was reported is stored. */
  #isStored = false;
  /** Deleted, or trained on in another tab. */
  #isGone = false;

  constructor(options: {
    identity: RunIdentity;
    library: RunStore;
    /** What it goes on from; null of a new one. */
    stored: StoredStart | null;
  }) {
    const { identity, library, stored } = options;
    this.identity = identity;
    this.#library = library;
    this.#savedStep = stored?.step ?? null;
    this.#savedMs = stored?.record.savedMs ?? null;
    this.#picture = stored?.record.picture ?? null;
    this.#trainedMs = trainedMs(stored?.history.steps ?? []);
  }

  /**
   * Whether a checkpoint is due by the clock.
   *
   * @param isPreviewDrawing whether a preview is being drawn; a young run then has checkpoints no more often than others,
   *   since training would have to wait for the preview
   */
  isDue(isPreviewDrawing: boolean): boolean {
    const { checkpointMinutes } = this.identity.config;
    const lastedMs = isPreviewDrawing ? Number.POSITIVE_INFINITY : this.#lastSaveMs - this.#startMs;
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
    const isSaved = this.#savedStep !== null && snapshot.step <= this.#savedStep;
    const isStorable = isSaved && !this.#isGone;
    const outcome = isStorable
      ? await this.#library.addSnapshot(runId, snapshot, picture)
      : "failed";
    if (outcome === "added") return;
    // A run that was deleted is not stored again because of it.
    if (outcome === "failed") this.#isStored = false;
    this.#snapshots.push(snapshot);
  }

  /**
   * Saves a checkpoint, with all that was reported since the one before. What could not be stored is held by the
   * library, and stored with the next checkpoint.
   *
   * @param isOwn whether no other tab may have changed the run since it was saved last
   */
  async save(checkpoint: Checkpoint, session: TrainingSession, isOwn = true): Promise<void> {
    this.#lastSaveMs = performance.now();
    const outcome = await this.#library.save(this.#saveOf(checkpoint, session, isOwn));
    this.#isGone ||= outcome === "runGone";
    this.#isStored = typeof outcome !== "string";
    if (typeof outcome !== "string") this.#savedMs = outcome.savedMs;
    this.#savedStep = checkpoint.step;
    this.#steps = [];
    this.#epochs = [];
    this.#snapshots = [];
  }

  #saveOf(checkpoint: Checkpoint, session: TrainingSession, isOwn: boolean): Save {
    const { config } = this.identity;
    const claim = isOwn ? "always" : "ifUnchanged";
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
        ...(this.#hasSpentBudget && { hasSpentBudget: true }),
      },
      checkpoint: encodeCheckpoint(config, checkpoint),
      validationLoss: isCompared ? lastValidationLoss : null,
      afterStep: this.#savedStep ?? 0,
      history: { steps: this.#steps, epochs: this.#epochs },
      previousMs: this.#savedMs,
      snapshots: this.#snapshots,
      claim: this.#isGone ? "never" : claim,
    };
  }

  /** Deletes the checkpoint of a step after which the loss is not finite, unless it is the only one. */
  async forget(step: number): Promise<void> {
    if (!this.#isGone) await this.#library.forgetNewest(this.identity.runId, step);
  }

  /** The next save is the last, since the budget is spent. */
  endSpent(): void {
    this.#hasSpentBudget = true;
    this.#isStored = false;
  }

  /** The run has ended by itself. Where its end could not be saved, the next save records it. */
  async finish(hasStoppedEarly: boolean): Promise<void> {
    this.#isFinished = true;
    this.#hasStoppedEarly = hasStoppedEarly;
    const isEndStored = this.#steps.length === 0 && this.#epochs.length === 0;
    if (isEndStored && !this.#isGone)
      await this.#library.finish(this.identity.runId, hasStoppedEarly);
  }
}
