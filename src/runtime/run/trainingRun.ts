/**
 * A run as the page and the command line train it: a `TrainingSession`, which computes, with all that surrounds it. The
 * device is made ready; reports become events for whoever looks; previews are drawn between the steps; checkpoints are
 * saved; a budget ends the run; and an error is told as the run's or as a fault of the device.
 *
 * The owner of a run calls `advance` again and again, and can take commands between two calls, since each but the first, which makes
 * the device ready, is short: some frames of a preview, if one is being drawn, and then one step, or a part of a
 * validation or of a measurement, and a checkpoint where one is due.
 */
import { mixedCondition } from "../../engine/config/condition.ts";
import { EPOCH_SAMPLES } from "../../engine/config/epochSamples.ts";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../engine/config/sampling.ts";
import { snapshotCount } from "../../engine/config/snapshotSteps.ts";
import type { Budget } from "../../engine/config/sweep.ts";
import type { TrainingData } from "../../engine/data/dataset.ts";
import { errorReport } from "../../engine/messageOf.ts";
import { isRead, labelsAsked } from "../../engine/quality/figures.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import type { Evaluate } from "../../engine/train/epochQuality.ts";
import {
  checkParametersFit,
  MEMORY_BUDGET_BYTES,
  microBatchSize,
} from "../../engine/train/memory.ts";
import type { Replica } from "../../engine/train/replica.ts";
import {
  NonFiniteLossError,
  type ProgressReport,
  type StepReport,
} from "../../engine/train/reports.ts";
import { type SessionStart, TrainingSession } from "../../engine/train/session.ts";
import {
  type BackendFault,
  faultOf,
  type PrepareDevice,
  STEPS_AHEAD,
  waitForDeviceError,
} from "./device.ts";
import type { BackendReport, Post, RunStatus } from "./events.ts";
import type { RunIdentity, RunRecorder } from "./runRecorder.ts";
import { Snapshots } from "./snapshotDrawing.ts";
import { isSpent } from "./sweep.ts";

export interface TrainingRunOptions {
  dataset: TrainingData;
  start: SessionStart;
  recorder: RunRecorder;
  /** Steps of which there are snapshots already. */
  drawnSteps: readonly number[];
  backend: BackendReport["backend"];
  /** Most images in one pass; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
  /** It stops where this is used up; left out where it ends after its last epoch. */
  budget?: Budget | undefined;
  prepareDevice: PrepareDevice;
  /** Train along; they share the memory that the backend may use. */
  replicas: readonly Replica[];
  /** Asked for where samples are to be measured. */
  meter: () => Promise<QualityMeter>;
  /** Whether what the backend computed is to be trusted. */
  isSound: () => boolean;
  /** Called for an error that tells of the backend, not of the run. */
  onFault: (fault: BackendFault) => void;
  post: Post;
}

/** A training session with a status, whose reports are posted as events and saved. */
export class TrainingRun {
  readonly session: TrainingSession;
  readonly identity: RunIdentity;
  readonly options: TrainingRunOptions;
  #status: RunStatus = "preparing";
  readonly #recorder: RunRecorder;
  /** Whether the budget is used up. */
  readonly #isSpent: () => boolean;
  readonly #post: Post;
  readonly #reports: ReturnType<TrainingSession["run"]>;
  readonly #snapshots: Snapshots;
  readonly #steps: StepEvents;
  /** Duration of the newest step; 0 before the first. */
  lastStepMs = 0;
  /** At an epoch's end, or by the clock. */
  #isSaveDue = false;
  /** Until the device is ready for the run. */
  #prepare: (() => Promise<void>) | null;
  /** Has the device prove that numbers that are not finite are the run's, and not its own. */
  readonly #proveAgain: () => Promise<void>;

  /** @throws OutOfMemoryError for a network that is too large for the device */
  constructor(options: TrainingRunOptions) {
    const { dataset, start, recorder, backend, replicas, isSound, post } = options;
    const { maxMicroBatch, budget } = options;
    const numThreads = 1 + replicas.length;
    this.identity = recorder.identity;
    this.options = options;
    this.#recorder = recorder;
    this.#isSpent = () => budget !== undefined && isSpent(budget, this.session, recorder.trainedMs);
    this.#post = post;
    const { runId, config } = this.identity;
    checkParametersFit(config);
    this.#steps = new StepEvents(runId, post);
    post({ type: "runStatus", runId, status: this.#status });
    const sizes = passSizes(config, { backend, numThreads, maxMicroBatch });
    this.session = new TrainingSession({
      config,
      dataset,
      start,
      replicas,
      microBatchSize: sizes.batch,
      validationChunkSize: sizes.validation,
      evaluate: evaluator({
        datasetName: this.identity.dataset.name,
        chunkSize: sizes.evaluation,
        meter: options.meter,
      }),
      stepsAhead: STEPS_AHEAD[backend],
      // So that no step is begun beyond the budget.
      stopsAfter: (step) => this.#snapshots.isDue(step) || this.#isSpent(),
    });
    this.#snapshots = new Snapshots({
      identity: this.identity,
      stepsPerEpoch: this.session.stepsPerEpoch,
      post,
      drawnSteps: options.drawnSteps,
      isSound,
      chunkSize: sizes.snapshot,
      onDrawn: async (snapshot) => {
        if (isSound()) await recorder.addSnapshot(snapshot);
      },
    });
    const work = { config, numImages: sizes.batch, rehearse: () => this.session.rehearse() };
    this.#prepare = () =>
      options.prepareDevice(work, (progress) =>
        post({ type: "compileProgress", runId, ...progress }),
      );
    this.#proveAgain = () => options.prepareDevice({ ...work, isSuspected: true }, () => {});
    this.#reports = this.session.run();
    const { numParameters, stepsPerEpoch, totalSteps } = this.session;
    post({
      type: "runStarted",
      runId,
      config,
      numParameters,
      stepsPerEpoch,
      totalSteps,
      numThreads,
      microBatchSize: sizes.batch,
      ...(budget && { budget }),
      startedFrom: this.identity.startedFrom?.fileName ?? null,
    });
  }

  get runId(): string {
    return this.identity.runId;
  }

  /** Whether it computes: a paused run keeps its weights and waits. */
  get isWorking(): boolean {
    return ["preparing", "training", "validating", "measuring"].includes(this.#status);
  }

  /** Whether it can no longer go on; a paused run can. */
  get hasEnded(): boolean {
    return !this.isWorking && this.#status !== "paused";
  }

  /** Whether `advance` has anything to do: a snapshot is finished also when the run is paused or ended. */
  get hasWork(): boolean {
    return this.isWorking || this.#snapshots.isDrawing;
  }

  /**
   * Makes the device ready, the first time; then some frames of the snapshot that is being drawn, and one step,
   * or one chunk of the validation or of the measurement. Only the frames where the snapshot has to be
   * finished first, before an automatic checkpoint or before the next snapshot.
   */
  async advance(): Promise<void> {
    await this.#orFail(async () => {
      if (this.isWorking && this.#prepare) await this.#begin(this.#prepare);
      await this.#snapshots.advance();
      if (!this.isWorking || this.#snapshots.needsWeights) return;
      if (this.#isSpent()) return this.#endSpent();
      if (!this.#isSaveDue) await this.#train();
      // So that no snapshot before the checkpoint is missing.
      if (this.#isSaveDue && !this.#snapshots.isDrawing) await this.#save();
    });
  }

  /** Trains until the next report, the run's end, or a snapshot that has to wait for another. */
  async #train(): Promise<void> {
    while (!this.#snapshots.needsWeights) {
      const { done, value } = await this.#reports.next();
      if (done) return this.#finish();
      if (value.type !== "weightsReady") {
        // An error that follows from a fault of the device is not reported besides that.
        if (value.type === "qualityFailed") await waitForDeviceError();
        this.#take(value);
        // Once one is due, training stands still until the snapshot is drawn.
        this.#isSaveDue = value.type === "epoch" || this.#recorder.isDue(this.#snapshots.isDrawing);
        return;
      }
      if (this.#snapshots.isDue(value.step))
        this.#snapshots.begin(value.step, this.session.sampler);
      if (this.#isSpent()) return;
    }
  }

  /** Stops once the digits of the last step are drawn. */
  async #endSpent(): Promise<void> {
    const { numSteps, sampler } = this.session;
    this.#snapshots.begin(numSteps, sampler);
    if (this.#snapshots.isDrawing) return;
    this.#recorder.endSpent();
    await this.#end("stopped");
  }

  async #finish(): Promise<void> {
    this.#steps.flush();
    const { hasStoppedEarly } = this.session;
    await this.#recorder.finish(hasStoppedEarly);
    this.#setStatus(hasStoppedEarly ? "stoppedEarly" : "finished");
  }

  async #begin(prepare: () => Promise<void>): Promise<void> {
    this.#prepare = null;
    // So that the run can go on after a fault in its first steps.
    await this.#save();
    await prepare();
  }

  async pause(): Promise<void> {
    if (this.isWorking) await this.#end("paused");
  }

  resume(): void {
    if (this.#status === "paused") this.#setStatus("training");
  }

  /** Ends training; the network stays for sampling until `dispose`. */
  async stop(): Promise<void> {
    if (!this.hasEnded) await this.#end("stopped");
  }

  /**
   * Saves a checkpoint between two steps, or after the last what could not be saved then. Does not wait
   * for a snapshot that is being drawn: it is stored later, or lost where the page is killed before that.
   */
  async save(): Promise<void> {
    if (!this.#isLost) await this.#orFail(() => this.#save());
  }

  /** Whether the weights are no numbers, or unknown. */
  get #isLost(): boolean {
    return this.#status === "diverged" || this.#status === "failed";
  }

  /** Stores nothing more: the run was deleted in another tab. */
  disown(): void {
    this.#recorder.disown();
  }

  dispose(): void {
    this.#snapshots.cancel();
    this.session.dispose();
  }

  #take(report: ProgressReport): void {
    switch (report.type) {
      case "step":
        this.#setStatus("training");
        this.lastStepMs = report.step.stepMs;
        this.#recorder.addStep(report.step);
        this.#steps.add(report.step);
        return;
      case "validationProgress":
        this.#steps.flush();
        this.#setStatus("validating");
        this.#post({ ...report, runId: this.runId });
        return;
      case "qualityProgress":
        this.#setStatus("measuring");
        this.#post({ ...report, runId: this.runId });
        return;
      case "qualityFailed":
        if (this.options.isSound()) this.#post({ ...report, runId: this.runId });
        return;
      case "epoch":
        this.#recorder.addEpoch(report.epoch);
        this.#post({ ...report, runId: this.runId });
        return;
      default:
        throw report satisfies never;
    }
  }

  /** Saves, which waits for the steps in flight, then sets the status. */
  async #end(status: "paused" | "stopped"): Promise<void> {
    await this.#orFail(async () => {
      await this.#save();
      this.#setStatus(status);
    });
  }

  async #save(): Promise<void> {
    for await (const report of this.session.finishSteps()) this.#take(report);
    this.#steps.flush();
    this.#isSaveDue = false;
    if (this.#recorder.isStored) return;
    const checkpoint = await this.session.checkpoint();
    // After a fault of the device what was read is zeros, or worse.
    if (!this.options.isSound()) return;
    await this.#checkFinite(checkpoint);
    // Once it has ended, another tab may delete it or train it on.
    await this.#recorder.save(checkpoint, this.session, !this.hasEnded);
  }

  /** A gradient that overflowed spoils weights and optimizer a step before the loss shows it. */
  async #checkFinite({ step, values, optimizerState, ema }: Checkpoint): Promise<void> {
    const all = [values, ...Object.values(optimizerState), ...(ema ? [ema] : [])];
    if (all.every((numbers) => numbers.every(Number.isFinite))) return;
    const { learningRate } = this.identity.config;
    // A checkpoint of the step before is no good either: from its weights the gradient overflows again, whatever the
    // learning rate.
    await this.#recorder.forget(step - 1);
    throw new NonFiniteLossError({ step: step + 1, loss: Number.NaN, learningRate });
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#steps.flush();
      this.#snapshots.cancel();
      const fault = faultOf(error);
      if (fault) return this.options.onFault(fault);
      await waitForDeviceError();
      // The fault has been posted already.
      if (!this.options.isSound()) return;
      const { runId } = this;
      if (error instanceof NonFiniteLossError) {
        // The loss is that of the weights before the step.
        await this.#recorder.forget(error.step - 1);
        const wrong = await this.#deviceFault();
        if (wrong) return this.options.onFault(wrong);
        this.#setStatus("diverged");
        this.#post({ type: "runFailed", runId, message: error.message, details: null });
      } else {
        this.#setStatus("failed");
        this.#post({ type: "runFailed", runId, ...errorReport(error) });
      }
    }
  }

  /** Null where the device computes as it should, or nobody can tell. */
  async #deviceFault(): Promise<BackendFault | null> {
    try {
      await this.#proveAgain();
      return null;
    } catch (error) {
      return faultOf(error);
    }
  }

  #setStatus(status: RunStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#post({ type: "runStatus", runId: this.runId, status });
  }
}

/** Validation images a forward pass, where memory allows; divides the 10,000 of MNIST. */
export const VALIDATION_CHUNK = 100;
/** Samples to measure in a forward pass, where memory allows. */
const EVALUATION_CHUNK = 100;

/**
 * The most images that go through the network in one pass, by what they are for.
 *
 * @param of.maxMicroBatch null for what memory is thought to allow
 */
function passSizes(
  config: RunConfig,
  of: { backend: BackendReport["backend"]; numThreads: number; maxMicroBatch: number | null },
) {
  const { backend, numThreads, maxMicroBatch } = of;
  const budgetBytes = MEMORY_BUDGET_BYTES[backend] / numThreads;
  const limited = (count: number) =>
    Math.min(microBatchSize(config, count, backend, { budgetBytes }), maxMicroBatch ?? count);
  return {
    batch: limited(Math.ceil(config.batchSize / numThreads)),
    validation: limited(VALIDATION_CHUNK),
    evaluation: limited(EVALUATION_CHUNK),
    snapshot: limited(snapshotCount(config)),
  };
}

/** Steps are posted so often at most. */
const STEPS_INTERVAL_MS = 100;

/** Posts the steps of a run several at a time, so that a fast card does not flood the page. */
class StepEvents {
  readonly #runId: string;
  readonly #post: Post;
  #waiting: StepReport[] = [];
  #lastPostMs = 0;

  constructor(runId: string, post: Post) {
    this.#runId = runId;
    this.#post = post;
  }

  add(step: StepReport): void {
    this.#waiting.push(step);
    if (performance.now() - this.#lastPostMs >= STEPS_INTERVAL_MS) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#post({ type: "steps", runId: this.#runId, steps: this.#waiting });
    this.#waiting = [];
    this.#lastPostMs = performance.now();
  }
}

/** Where samples cannot be measured after epochs. */
const NO_READER =
  "No classifier reads these images yet. Train one in Results, Quality: the epochs after it are measured.";

/**
 * Measures a network while it is trained: always as many samples of the same noise, with the denoising
 * steps and the guidance of the run, all classes in turn. What draws and classifies is loaded when it is needed first.
 */
function evaluator(options: {
  /** Name of the images that the run learns. */
  datasetName: string;
  /** Most images in one forward pass. */
  chunkSize: number;
  meter: () => Promise<QualityMeter>;
}): Evaluate {
  const { datasetName, chunkSize } = options;
  return async function* evaluate(denoiser, config) {
    // First: where it fails, nothing needs to be drawn.
    const meter = await options.meter();
    if (!meter.isFitting) throw new Error(NO_READER);
    const { drawSamples } = await import("../../engine/quality/drawSamples.ts");
    const sampler = samplerOf(config.samplingTimesteps, config);
    const condition = mixedCondition(config, EPOCH_SAMPLES.count);
    const drawing = { ...EPOCH_SAMPLES, denoiser, sampler, condition, chunkSize };
    const samples = yield* drawSamples(drawing);
    const network = { classes: config.classes, datasetName };
    const asked = labelsAsked(condition, network, { classes: meter.numClasses, datasetName });
    const { figures } = yield* meter.measure(samples, asked);
    if (!isRead(figures)) throw new Error(NO_READER);
    return figures;
  };
}
