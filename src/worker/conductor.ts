import type { RunConfig } from "../config/hyperparameters.ts";
import { type Dataset, readDataset } from "../data/dataset.ts";
import { messageOf } from "../messageOf.ts";
import { untrainedDenoiser } from "../train/gradient.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../train/memory.ts";
import { startBackend } from "./backend.ts";
import { nextMacrotask } from "./macrotask.ts";
import type { BackendReport, Command, SampleRequest } from "./protocol.ts";
import { SampleJob, type SampleJobOptions } from "./sampleJob.ts";
import { saveWeights } from "./saveWeights.ts";
import { TrainingRun } from "./trainingRun.ts";

/** Digits of a preview, and the seed of their noise: always the same, so that one sees change. */
const PREVIEW = { count: 32, seed: 0, weights: "ema" } as const;
/** How long sampling on request holds up training between two steps, at least. */
const MIN_REQUEST_SLICE_MS = 500;

/**
 * Does what the page commands, one thing at a time: between two steps of training it takes commands
 * and goes on with sampling. Knows no `self`, so that it runs in a test as well.
 */
export class Conductor {
  readonly #post: SampleJobOptions["post"];
  readonly #commands: Command[] = [];
  #wake: (() => void) | null = null;
  #backend: BackendReport["backend"] | null = null;
  #dataset: Dataset | null = null;
  #loading: AbortController | null = null;
  #run: TrainingRun | null = null;
  #sample: SampleJob | null = null;
  #numPreviews = 0;

  constructor(post: SampleJobOptions["post"]) {
    this.#post = post;
  }

  handle(command: Command): void {
    this.#commands.push(command);
    this.#wake?.();
  }

  /** Never returns: the life of the worker. */
  async run(): Promise<never> {
    for (;;) {
      for (let next = this.#commands.shift(); next; next = this.#commands.shift()) {
        await this.#carryOut(next);
      }
      if (this.#sample || this.#run?.isActive) await this.#advance();
      else await this.#nextCommand();
    }
  }

  #nextCommand(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#commands.length > 0) resolve();
    });
  }

  async #advance(): Promise<void> {
    if (this.#sample) {
      await this.#sample.advance(this.#sampleSliceMs(this.#sample));
      if (this.#sample.isDone) this.#sample = null;
      await nextMacrotask();
    }
    if (this.#run?.isActive) {
      const before = this.#run.session.numSteps;
      await this.#run.advance();
      const hasStepped = this.#run.session.numSteps !== before;
      if (hasStepped && this.#run.isPreviewDue) this.#startPreview(this.#run);
      await nextMacrotask();
    }
  }

  /** A preview takes turns with training; what a person waits for gets at least half of the time. */
  #sampleSliceMs({ origin }: SampleJob): number {
    return origin === "preview" ? 0 : Math.max(MIN_REQUEST_SLICE_MS, this.#run?.lastStepMs ?? 0);
  }

  async #carryOut(command: Command): Promise<void> {
    switch (command.type) {
      case "init":
        return this.#start(command);
      case "loadDataset":
        // Not awaited: the streams are read while training goes on.
        this.#loadDataset(command);
        return;
      case "train":
        return this.#train(command);
      case "pause":
      case "resume":
      case "stop":
        if (this.#run?.runId === command.runId) this.#run[command.type]();
        return;
      case "sample":
        return this.#startSample(command);
      case "cancelSample":
        if (this.#sample?.sampleId === command.sampleId) this.#endSample();
        // Answered all the same: the page may not know yet that it has ended.
        else this.#post({ type: "sampleCancelled", sampleId: command.sampleId });
        return;
      case "saveWeights":
        if (this.#run?.runId === command.runId) await saveWeights(this.#run, this.#post);
        return;
      default:
        throw command satisfies never;
    }
  }

  async #start({ backend }: Extract<Command, { type: "init" }>): Promise<void> {
    try {
      const report = await startBackend(backend, (reason) =>
        this.#post({ type: "fault", message: reason, details: reason }),
      );
      this.#backend = report.backend;
      this.#post({ type: "backendReady", report });
    } catch (error) {
      this.#post({ type: "backendFailed", message: messageOf(error) });
    }
  }

  async #loadDataset({ datasetId, name, files }: Extract<Command, { type: "loadDataset" }>) {
    // The last one wins: an earlier one that is still coming in must not replace it afterwards.
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    try {
      const dataset = await readDataset({
        files,
        onProgress: (progress) => this.#post({ type: "datasetProgress", datasetId, ...progress }),
        signal: loading.signal,
      });
      if (loading.signal.aborted) return;
      this.#dataset = dataset;
      const numTrain = dataset.train.count;
      const numValidation = dataset.validation.count;
      this.#post({ type: "datasetReady", datasetId, name, numTrain, numValidation });
    } catch (error) {
      if (loading.signal.aborted) return;
      this.#post({ type: "datasetFailed", datasetId, message: messageOf(error) });
    }
  }

  #train({ runId, config }: Extract<Command, { type: "train" }>): void {
    const dataset = this.#dataset;
    const backend = this.#backend;
    if (!dataset || !backend) {
      const message = "Training needs a dataset and a backend; wait until both are ready.";
      this.#post({ type: "runStatus", runId, status: "failed" });
      this.#post({ type: "runFailed", runId, message });
      return;
    }
    this.#endSample();
    this.#run?.dispose();
    this.#run = null;
    try {
      this.#run = new TrainingRun({ runId, config, dataset, backend, post: this.#post });
    } catch (error) {
      this.#post({ type: "runStatus", runId, status: "failed" });
      this.#post({ type: "runFailed", runId, message: messageOf(error) });
    }
  }

  #startSample({ request, config }: Extract<Command, { type: "sample" }>): void {
    this.#endSample();
    this.#beginSample({ request, origin: "person", untrained: config });
  }

  #startPreview(run: TrainingRun): void {
    if (this.#sample) return;
    const { config } = run.session;
    const sampleId = `preview-${this.#numPreviews++}`;
    const request = { sampleId, timesteps: config.previewTimesteps, ...PREVIEW };
    this.#beginSample({ request, origin: "preview", untrained: config });
  }

  /** From the run's network or, before there is one, from one that `untrained` describes. */
  #beginSample(of: {
    request: SampleRequest;
    origin: SampleJob["origin"];
    untrained: RunConfig;
  }): void {
    const { request, origin } = of;
    const run = this.#run;
    const post = this.#post;
    try {
      if (!this.#backend) throw new Error("Sampling needs a backend; wait until it is ready.");
      const config = run?.session.config ?? of.untrained;
      const trained = request.weights === "ema" ? run?.session.sampler : run?.session.rawSampler;
      const denoiser = trained ?? untrainedDenoiser(config);
      const chunkSize = microBatchSize(config, request.count, MEMORY_BUDGET_BYTES[this.#backend]);
      const runId = run?.runId ?? null;
      const trainedSteps = run?.session.numSteps ?? 0;
      const eta = config.ddimEta;
      const job = { request, origin, denoiser, chunkSize, eta, runId, trainedSteps, post };
      this.#sample = new SampleJob(job);
      if (!run) denoiser.values.dispose(); // The job has copied them.
    } catch (error) {
      // For want of memory, for example. That is the end of this sample and of nothing else.
      post({ type: "sampleFailed", sampleId: request.sampleId, message: messageOf(error) });
    }
  }

  #endSample(): void {
    this.#sample?.cancel();
    this.#sample = null;
  }
}
