import type { Dataset } from "../data/dataset.ts";
import { errorReport } from "../messageOf.ts";
import { OutOfMemoryError } from "../ops/outOfMemory.ts";
import type { EvolutionFrame } from "../storage/records.ts";
import type { Save } from "../storage/saveRun.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import { microBatchSize } from "../train/memory.ts";
import { NonFiniteLossError, type TrainingReport } from "../train/reports.ts";
import { type SessionStart, TrainingSession } from "../train/session.ts";
import type { Compile } from "./backend.ts";
import { faultsTold } from "./faultsTold.ts";
import type { BackendReport, Post, RunStatus, StepMetrics } from "./protocol.ts";
import type { RunIdentity, RunRecorder } from "./runRecorder.ts";

/** Steps are told to the page in batches, so that a fast card does not flood it. */
const STEPS_INTERVAL_MS = 100;

/** Validation images a forward pass, where memory allows; divides the 10,000 of MNIST. */
const VALIDATION_CHUNK = 100;

/** A card computes beside JavaScript; on WebAssembly a step that is begun is done. */
const STEPS_AHEAD = { webgpu: 1, wasm: 0 } as const;

export interface TrainingRunOptions {
  dataset: Dataset;
  start: SessionStart;
  recorder: RunRecorder;
  backend: BackendReport["backend"];
  /** Most images in one pass; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
  compile: Compile;
  /** Whether what the backend computed is to be trusted. */
  isSound: () => boolean;
  onOutOfMemory: (error: OutOfMemoryError) => void;
  post: Post;
}

/**
 * A training session as the page sees it: it has a status, its reports become events, and it is
 * saved.
 */
export class TrainingRun {
  readonly session: TrainingSession;
  readonly identity: RunIdentity;
  /** Most images in one pass; null for what memory is thought to allow. */
  readonly maxMicroBatch: number | null;
  #status: RunStatus = "preparing";
  readonly #recorder: RunRecorder;
  readonly #isSound: () => boolean;
  readonly #onOutOfMemory: TrainingRunOptions["onOutOfMemory"];
  readonly #post: Post;
  readonly #reports: ReturnType<TrainingSession["run"]>;
  #untoldSteps: StepMetrics[] = [];
  #lastToldMs = 0;
  #lastStepMs = 0;
  /** Until the programs are compiled. */
  #compile: Compile | null;
  /** Previews that were due so far. */
  #numPreviewsDue: number;

  constructor(options: TrainingRunOptions) {
    const { dataset, start, recorder, backend, maxMicroBatch, compile, isSound, post } = options;
    this.identity = recorder.identity;
    this.maxMicroBatch = maxMicroBatch;
    this.#recorder = recorder;
    this.#isSound = isSound;
    this.#onOutOfMemory = options.onOutOfMemory;
    this.#post = post;
    const { runId, config } = this.identity;
    post({ type: "runStatus", runId, status: this.#status });
    const size = microBatchSize(config, config.batchSize, backend);
    const limited = Math.min(size, maxMicroBatch ?? size);
    this.session = new TrainingSession({
      config,
      dataset,
      microBatchSize: limited,
      validationChunkSize: Math.min(
        microBatchSize(config, VALIDATION_CHUNK, backend),
        maxMicroBatch ?? VALIDATION_CHUNK,
      ),
      start,
      stepsAhead: STEPS_AHEAD[backend],
    });
    this.#numPreviewsDue = this.#numPreviews();
    this.#compile = compile;
    this.#reports = this.session.run();
    const { numParameters, stepsPerEpoch } = this.session;
    post({
      type: "runStarted",
      runId,
      config,
      numParameters,
      stepsPerEpoch,
      totalSteps: stepsPerEpoch * config.epochs,
      microBatchSize: limited,
      startedFrom: this.identity.startedFrom?.fileName ?? null,
    });
  }

  get runId(): string {
    return this.identity.runId;
  }

  get isActive(): boolean {
    return ["preparing", "training", "validating"].includes(this.#status);
  }

  /** Nothing more will come of it; paused is not ended. */
  get hasEnded(): boolean {
    return !this.isActive && this.#status !== "paused";
  }

  /** How long the newest step took; 0 before the first. */
  get lastStepMs(): number {
    return this.#lastStepMs;
  }

  /** True once every `previewEvery` steps. */
  takePreviewDue(): boolean {
    const numDue = this.#numPreviews();
    if (!this.isActive || numDue === this.#numPreviewsDue) return false;
    this.#numPreviewsDue = numDue;
    return true;
  }

  #numPreviews(): number {
    const { previewEvery } = this.identity.config;
    return previewEvery > 0 ? Math.floor(this.session.numSteps / previewEvery) : 0;
  }

  /** Keeps a preview's digits with the run: with the next checkpoint, or at once where none comes. */
  async addFrame(frame: EvolutionFrame): Promise<void> {
    this.#recorder.addFrame(frame);
    if (!this.isActive) await this.#recorder.saveFrames();
  }

  /** Compiles the programs, the first time; then one step, or one chunk of the validation. */
  async advance(): Promise<void> {
    await this.#orFail(async () => {
      if (this.#compile) await this.#prepare(this.#compile);
      const { done, value } = await this.#reports.next();
      if (!done) {
        this.#take(value);
        if (value.type === "epoch" || this.#recorder.isDue) await this.#save();
        return;
      }
      this.#tellSteps();
      const { hasStoppedEarly } = this.session;
      await this.#recorder.finish(hasStoppedEarly);
      this.#setStatus(hasStoppedEarly ? "stoppedEarly" : "finished");
    });
  }

  async #prepare(compile: Compile): Promise<void> {
    this.#compile = null;
    // So that there is something to go on from whatever the first steps meet.
    await this.#save();
    await compile(
      () => this.session.rehearse(),
      (progress) => this.#post({ type: "compileProgress", runId: this.runId, ...progress }),
    );
  }

  async pause(): Promise<void> {
    if (!this.isActive) return;
    await this.#end("paused");
  }

  resume(): void {
    if (this.#status === "paused") this.#setStatus("training");
  }

  /** Ends training; the network stays for sampling until `dispose`. */
  async stop(): Promise<void> {
    if (!this.isActive && this.#status !== "paused") return;
    await this.#end("stopped");
  }

  /** Saves a checkpoint between two steps, or after the last what could not be saved then. */
  async save(): Promise<void> {
    const isWhole = !this.hasEnded || this.#status === "stopped" || this.#status === "finished";
    if (isWhole) await this.#orFail(() => this.#save());
  }

  /** Whether there is more than what is stored; weights that are no numbers do not count. */
  get hasUnsaved(): boolean {
    const isLost = this.#status === "diverged" || this.#status === "failed";
    return !isLost && !this.#recorder.isStored;
  }

  /** A checkpoint of now, with what is not stored yet, for a file. */
  async unsaved(): Promise<Save> {
    for await (const report of this.session.finishSteps()) this.#take(report);
    const save = this.#recorder.saveOf(await this.session.checkpoint(), this.session);
    const hasStoppedEarly = this.#status === "stoppedEarly";
    const isFinished = this.#status === "finished" || hasStoppedEarly;
    return { ...save, run: { ...save.run, isFinished, hasStoppedEarly } };
  }

  dispose(): void {
    this.session.dispose();
  }

  #take(report: TrainingReport): void {
    switch (report.type) {
      case "step":
        this.#setStatus("training");
        this.#lastStepMs = report.step.stepMs;
        this.#recorder.addStep(report.step);
        this.#untoldSteps.push(report.step);
        if (performance.now() - this.#lastToldMs >= STEPS_INTERVAL_MS) this.#tellSteps();
        return;
      case "validationProgress":
        this.#tellSteps();
        this.#setStatus("validating");
        this.#post({ ...report, runId: this.runId });
        return;
      case "epoch":
        this.#recorder.addEpoch(report.epoch);
        this.#post({ ...report, runId: this.runId });
        return;
      default:
        throw report satisfies never;
    }
  }

  /** Waits for the steps that are begun, so that their losses are told. */
  async #end(status: "paused" | "stopped"): Promise<void> {
    await this.#orFail(async () => {
      await this.#save();
      this.#setStatus(status);
    });
  }

  async #save(): Promise<void> {
    for await (const report of this.session.finishSteps()) this.#take(report);
    this.#tellSteps();
    if (this.#recorder.isStored) return;
    const checkpoint = await this.session.checkpoint();
    // After a fault of the device what was read is zeros, or worse.
    if (!this.#isSound()) return;
    await this.#checkFinite(checkpoint);
    await this.#recorder.save(checkpoint, this.session);
  }

  /** A gradient that overflowed spoils weights and moments a step before the loss tells. */
  async #checkFinite({ step, values, moments, ema }: Checkpoint): Promise<void> {
    const all = [values, moments.mean, moments.square, ...(ema ? [ema] : [])];
    if (all.every((numbers) => numbers.every(Number.isFinite))) return;
    const { learningRate } = this.identity.config;
    // Those it was the gradient of: with any learning rate it would overflow again.
    await this.#recorder.forget(step - 1);
    throw new NonFiniteLossError({ step: step + 1, loss: Number.NaN, learningRate });
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tellSteps();
      if (error instanceof OutOfMemoryError) return this.#onOutOfMemory(error);
      await faultsTold();
      // The page has heard of the fault already.
      if (!this.#isSound()) return;
      const { runId } = this;
      if (error instanceof NonFiniteLossError) {
        // The loss is that of the weights before the step.
        await this.#recorder.forget(error.step - 1);
        this.#setStatus("diverged");
        this.#post({ type: "runFailed", runId, message: error.message, details: null });
      } else {
        this.#setStatus("failed");
        this.#post({ type: "runFailed", runId, ...errorReport(error) });
      }
    }
  }

  #setStatus(status: RunStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#post({ type: "runStatus", runId: this.runId, status });
  }

  #tellSteps(): void {
    if (this.#untoldSteps.length === 0) return;
    this.#post({ type: "steps", runId: this.runId, steps: this.#untoldSteps });
    this.#untoldSteps = [];
    this.#lastToldMs = performance.now();
  }
}
