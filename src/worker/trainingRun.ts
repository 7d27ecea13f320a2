import type { RunConfig } from "../config/hyperparameters.ts";
import type { Dataset } from "../data/dataset.ts";
import { messageOf } from "../messageOf.ts";
import type { ImportedWeights } from "../train/importedWeights.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../train/memory.ts";
import { TrainingSession } from "../train/session.ts";
import type { BackendReport, Post, RunStatus, StepMetrics } from "./protocol.ts";

/** Steps are told to the page in batches, so that a fast card does not flood it. */
const STEPS_INTERVAL_MS = 100;

/** Validation images a forward pass, where memory allows; divides the 10,000 of MNIST. */
const VALIDATION_CHUNK = 100;

export interface TrainingRunOptions {
  runId: string;
  config: RunConfig;
  dataset: Dataset;
  datasetName: string;
  /** Weights to begin with; null for those of the seed. */
  startedFrom: ImportedWeights | null;
  backend: BackendReport["backend"];
  post: Post;
}

/** A training session as the page sees it: it has a status, and its reports become events. */
export class TrainingRun {
  readonly runId: string;
  readonly session: TrainingSession;
  readonly datasetName: string;
  readonly startedFrom: ImportedWeights | null;
  #status: RunStatus = "preparing";
  readonly #post: Post;
  readonly #reports: ReturnType<TrainingSession["run"]>;
  #untoldSteps: StepMetrics[] = [];
  #lastToldMs = 0;
  #lastStepMs = 0;

  constructor(options: TrainingRunOptions) {
    const { runId, config, dataset, datasetName, startedFrom, backend, post } = options;
    this.runId = runId;
    this.datasetName = datasetName;
    this.startedFrom = startedFrom;
    this.#post = post;
    post({ type: "runStatus", runId, status: this.#status });
    const budgetBytes = MEMORY_BUDGET_BYTES[backend];
    const size = microBatchSize(config, config.batchSize, budgetBytes);
    this.session = new TrainingSession({
      config,
      dataset,
      microBatchSize: size,
      validationChunkSize: microBatchSize(config, VALIDATION_CHUNK, budgetBytes),
      startValues: startedFrom?.values ?? null,
    });
    this.#reports = this.session.run();
    const { numParameters, stepsPerEpoch } = this.session;
    post({
      type: "runStarted",
      runId,
      config,
      numParameters,
      stepsPerEpoch,
      totalSteps: stepsPerEpoch * config.epochs,
      microBatchSize: size,
      startedFrom: startedFrom?.fileName ?? null,
    });
  }

  get isActive(): boolean {
    return ["preparing", "training", "validating"].includes(this.#status);
  }

  /** Nothing more will come of it; paused is not ended. */
  get hasEnded(): boolean {
    return ["stopped", "finished", "failed"].includes(this.#status);
  }

  /** How long the newest step took; 0 before the first. */
  get lastStepMs(): number {
    return this.#lastStepMs;
  }

  /** True after the step at which a preview is due. */
  get isPreviewDue(): boolean {
    const { previewEvery } = this.session.config;
    return this.isActive && previewEvery > 0 && this.session.numSteps % previewEvery === 0;
  }

  /** One step, or one chunk of the validation. */
  async advance(): Promise<void> {
    try {
      const { done, value } = await this.#reports.next();
      if (done) {
        this.#tellSteps();
        this.#setStatus("finished");
        return;
      }
      switch (value.type) {
        case "step":
          this.#setStatus("training");
          this.#lastStepMs = value.step.stepMs;
          this.#untoldSteps.push(value.step);
          if (performance.now() - this.#lastToldMs >= STEPS_INTERVAL_MS) this.#tellSteps();
          return;
        case "validationProgress":
          this.#tellSteps();
          this.#setStatus("validating");
          this.#post({ ...value, runId: this.runId });
          return;
        case "epoch":
          this.#post({ ...value, runId: this.runId });
          return;
        default:
          throw value satisfies never;
      }
    } catch (error) {
      this.#tellSteps();
      this.#setStatus("failed");
      this.#post({ type: "runFailed", runId: this.runId, message: messageOf(error) });
    }
  }

  pause(): void {
    if (!this.isActive) return;
    this.#tellSteps();
    this.#setStatus("paused");
  }

  resume(): void {
    if (this.#status === "paused") this.#setStatus("training");
  }

  /** Ends training; the network stays for sampling until `dispose`. */
  stop(): void {
    if (!this.isActive && this.#status !== "paused") return;
    this.#tellSteps();
    this.#setStatus("stopped");
  }

  dispose(): void {
    this.session.dispose();
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
