import type { RunConfig } from "../config/hyperparameters.ts";
import type { Dataset } from "../data/dataset.ts";
import { messageOf } from "../messageOf.ts";
import type { ImportedWeights } from "../train/importedWeights.ts";
import { microBatchSize } from "../train/memory.ts";
import type { TrainingReport } from "../train/reports.ts";
import { TrainingSession } from "../train/session.ts";
import type { Compile } from "./backend.ts";
import type { BackendReport, Post, RunStatus, StepMetrics } from "./protocol.ts";

/** Steps are told to the page in batches, so that a fast card does not flood it. */
const STEPS_INTERVAL_MS = 100;

/** Validation images a forward pass, where memory allows; divides the 10,000 of MNIST. */
const VALIDATION_CHUNK = 100;

/** A card computes beside JavaScript; on WebAssembly a step that is begun is done. */
const STEPS_AHEAD = { webgpu: 1, wasm: 0 } as const;

export interface TrainingRunOptions {
  runId: string;
  config: RunConfig;
  dataset: Dataset;
  datasetName: string;
  /** Weights to begin with; null for those of the seed. */
  startedFrom: ImportedWeights | null;
  backend: BackendReport["backend"];
  compile: Compile;
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
  /** Until the programs are compiled. */
  #compile: Compile | null;
  /** Previews that were due so far. */
  #numPreviewsDue = 0;

  constructor(options: TrainingRunOptions) {
    const { runId, config, dataset, datasetName, startedFrom, backend, compile, post } = options;
    this.runId = runId;
    this.datasetName = datasetName;
    this.startedFrom = startedFrom;
    this.#post = post;
    post({ type: "runStatus", runId, status: this.#status });
    const size = microBatchSize(config, config.batchSize, backend);
    this.session = new TrainingSession({
      config,
      dataset,
      microBatchSize: size,
      validationChunkSize: microBatchSize(config, VALIDATION_CHUNK, backend),
      start: { from: "weights", values: startedFrom?.values ?? null },
      stepsAhead: STEPS_AHEAD[backend],
    });
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

  /** True once every `previewEvery` steps. */
  takePreviewDue(): boolean {
    const { previewEvery } = this.session.config;
    const numDue = previewEvery > 0 ? Math.floor(this.session.numSteps / previewEvery) : 0;
    if (!this.isActive || numDue === this.#numPreviewsDue) return false;
    this.#numPreviewsDue = numDue;
    return true;
  }

  /** Compiles the programs, the first time; then one step, or one chunk of the validation. */
  async advance(): Promise<void> {
    await this.#orFail(async () => {
      if (this.#compile) {
        const compile = this.#compile;
        this.#compile = null;
        await compile(
          () => this.session.rehearse(),
          (progress) => this.#post({ type: "compileProgress", runId: this.runId, ...progress }),
        );
      }
      const { done, value } = await this.#reports.next();
      if (done) {
        this.#tellSteps();
        this.#setStatus("finished");
      } else this.#take(value);
    });
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

  dispose(): void {
    this.session.dispose();
  }

  #take(report: TrainingReport): void {
    switch (report.type) {
      case "step":
        this.#setStatus("training");
        this.#lastStepMs = report.step.stepMs;
        this.#untoldSteps.push(report.step);
        if (performance.now() - this.#lastToldMs >= STEPS_INTERVAL_MS) this.#tellSteps();
        return;
      case "validationProgress":
        this.#tellSteps();
        this.#setStatus("validating");
        this.#post({ ...report, runId: this.runId });
        return;
      case "epoch":
        this.#post({ ...report, runId: this.runId });
        return;
      default:
        throw report satisfies never;
    }
  }

  /** Waits for the steps that are begun, so that their losses are told. */
  async #end(status: "paused" | "stopped"): Promise<void> {
    await this.#orFail(async () => {
      for await (const report of this.session.finishSteps()) this.#take(report);
      this.#tellSteps();
      this.#setStatus(status);
    });
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tellSteps();
      this.#setStatus("failed");
      this.#post({ type: "runFailed", runId: this.runId, message: messageOf(error) });
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
