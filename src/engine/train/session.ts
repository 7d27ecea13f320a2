/**
 * The training loop. For each epoch the images are put in a new order, and for each batch of it (`#train`, `#begin`):
 *
 * 1. timesteps t and noise ε are drawn for the images, by the seed and the step's number alone (`draws.ts`);
 * 2. loss and gradient are computed, a part of the batch at a time if it does not fit in memory (`batchGradient.ts`);
 * 3. the gradient is clipped, the optimizer makes new weights of it, and their moving average follows (`trainState.ts`);
 * 4. the step's report is yielded once its loss has been read, on a graphics card some steps later (`stepsInFlight.ts`).
 *
 * After the last batch come the validation and, where the run asks for it, the quality of samples, in the epoch's report.
 */
import * as tf from "@tensorflow/tfjs-core";
import { isMeasured } from "../config/epochSamples.ts";
import type { RunConfig } from "../config/hyperparameters.ts";
import { type RunLength, runLength } from "../config/runLength.ts";
import { distilledConfig } from "../config/studentSteps.ts";
import { checkLabels, type TrainingData } from "../data/dataset.ts";
import { chunks, epochOrder } from "../data/imageOrder.ts";
import { messageOf } from "../messageOf.ts";
import { numValuesOf } from "../nn/architectures.ts";
import { createNetwork } from "../nn/networks.ts";
import { totalElements } from "../nn/parameters.ts";
import { recordedWork } from "../ops/webgpu/submits.ts";
import { type Batch, batchGradient, parallelGradient } from "./batchGradient.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { bestEpochIndex, stopsEarly } from "./earlyStopping.ts";
import { type Evaluate, measureEpoch } from "./epochQuality.ts";
import { type Denoiser, scheduleOf } from "./gradient.ts";
import { epochImages, isLiveStep, liveImages, readNorms, validateLive } from "./liveValidation.ts";
import { type Replica, shareWeights } from "./replica.ts";
import type { EpochReport, ProgressReport, StepReport, TrainingReport } from "./reports.ts";
import { StepsInFlight } from "./stepsInFlight.ts";
import {
  applyGradient,
  beginPhase,
  checkpointOf,
  cloneWeights,
  disposeWeights,
  initialState,
  learningRateAt,
  nextState,
  type OptimizerConfig,
  stateOf,
  type TrainState,
  teacherOf,
  tensorsOfWeights,
  type Weights,
} from "./trainState.ts";
import { rehearseLosses, validate } from "./validation.ts";

export interface TrainingSessionOptions {
  config: RunConfig;
  dataset: TrainingData;
  /** Most images in one forward-backward pass; a larger batch takes several passes. */
  microBatchSize: number;
  /** Images in one forward pass of the validation. */
  validationChunkSize: number;
  start: SessionStart;
  /** How many steps may be begun before the last has ended: a graphics card computes while the next is prepared. */
  stepsAhead: number;
  /** Threads that each take a share of every batch and of the validation; none when left out. */
  replicas?: readonly Replica[];
  /**
   * Says after which steps `run` stops with a `weightsReady` report before it begins another: a preview can then be drawn with
   * these weights, or the run can end there. Never when left out. Called when `run` begins, after every step, and again
   * when an epoch begins.
   */
  stopsAfter?: (step: number) => boolean;
  /** Measures samples after the epochs that `evaluateEvery` selects; nothing is measured when left out. */
  evaluate?: Evaluate;
}

export type SessionStart =
  /** `[P]`; null for the initial weights of the seed. */
  | { from: "weights"; values: Float32Array | null }
  | {
      from: "checkpoint";
      checkpoint: Checkpoint;
      /** Reports of the finished epochs. */
      epochs: readonly EpochReport[];
      /** The weights after the epoch with the lowest validation loss, for early stopping; null if lost. */
      best: Checkpoint | null;
    };

/**
 * A training run: network, optimizer and data. It knows neither page nor worker: the caller takes one
 * report after the other from `run()`, and pauses by not asking for the next.
 */
export class TrainingSession {
  readonly config: RunConfig;
  readonly numParameters: number;
  readonly stepsPerEpoch: number;
  /** To the end of the last epoch. */
  readonly totalSteps: number;
  readonly #length: RunLength;
  readonly #options: TrainingSessionOptions;
  readonly #network: Omit<Denoiser, "values">;
  readonly #optimizerConfig: OptimizerConfig;
  readonly #state: TrainState;
  readonly #replicas: readonly Replica[];
  #running: AsyncGenerator<TrainingReport, void> | null = null;
  #hasFailedToMeasure = false;
  /** Finished epochs, including their validation. */
  #numEpochs = 0;
  /** Their reports, as far as they are known. */
  #epochs: EpochReport[] = [];
  /** The weights after the best epoch, kept where the run may stop early. */
  #best: Weights | null = null;
  readonly #inFlight: StepsInFlight;
  readonly #liveImages: ReturnType<typeof liveImages>;
  /** Sum of the losses of the images seen in the current epoch. */
  #lossSum = 0;

  constructor(options: TrainingSessionOptions) {
    const { config, dataset, start } = options;
    this.config = config;
    this.#options = options;
    this.#replicas = options.replicas ?? [];
    this.#inFlight = new StepsInFlight(options.stepsAhead);
    checkLabels(dataset, config);
    const network = createNetwork(config);
    this.#network = { network, schedule: scheduleOf(config) };
    if (start.from === "weights") {
      this.#state = initialState(network, config, start.values);
    } else {
      const { checkpoint, epochs, best } = start;
      this.#state = stateOf(checkpoint);
      this.#numEpochs = checkpoint.numEpochs;
      this.#lossSum = checkpoint.lossSum;
      this.#epochs = [...epochs];
      if (best && config.patience > 0) this.#best = tensorsOfWeights(best);
    }
    this.numParameters = totalElements(network.parameters);
    this.#length = runLength(config, dataset.train.count);
    const { stepsPerEpoch, stepsOfRate: totalSteps } = this.#length;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = stepsPerEpoch * config.epochs;
    this.#optimizerConfig = { ...config, totalSteps, parameters: network.parameters };
    this.#liveImages = liveImages(dataset.validation, config);
  }

  /** Optimizer steps begun. */
  get numSteps(): number {
    return this.#state.step;
  }

  /** The last finished epoch; null before the end of the first. */
  get lastEpoch(): EpochReport | null {
    return this.#epochs.at(-1) ?? null;
  }

  /** Whether early stopping has ended the run before its last epoch. */
  get hasStoppedEarly(): boolean {
    return this.#numEpochs < this.config.epochs && stopsEarly(this.#epochs, this.config);
  }

  /**
   * The weights to sample from: those of the last step, or those of the best epoch once the run has
   * stopped early. `#state` stays that of the last step, since a checkpoint has to hold that.
   */
  get #sampled(): Weights {
    return (this.hasStoppedEarly && this.#best) || this.#state;
  }

  /** The step after which the weights to sample from were taken. */
  get sampledStep(): number {
    return this.#sampled.step;
  }

  /** The last finished epoch up to `sampledStep`; null before the end of the first. */
  get sampledEpoch(): EpochReport | null {
    return this.#epochs.findLast(({ step }) => step <= this.sampledStep) ?? null;
  }

  /** The network to sample from, with the moving average of its weights where the run keeps one. */
  get sampler(): Denoiser {
    const { values, ema } = this.#sampled;
    return { ...this.#network, values: ema ?? values };
  }

  /** The network to sample from, without the moving average. */
  get rawSampler(): Denoiser {
    return { ...this.#network, values: this.#sampled.values };
  }

  /** The network that is trained and validated: the weights themselves, never their moving average. */
  get #denoiser(): Denoiser {
    const teacher = teacherOf(this.#state, this.config, this.#numEpochs);
    return { ...this.#network, values: this.#state.values, teacher };
  }

  /**
   * Trains from where the run stands to the end of the last epoch, or until it stops early, and
   * reports after every step.
   *
   * @throws NonFiniteLossError
   */
  run(): AsyncGenerator<TrainingReport, void> {
    this.#running = this.#train();
    return this.#running;
  }

  async *#train(): AsyncGenerator<TrainingReport, void> {
    const { seed, epochs } = this.config;
    const numTrain = this.#options.dataset.train.count;
    const { imagesPerEpoch: numImages, imagesPerStep, stepsPerEpoch } = this.#length;
    while (this.#numEpochs < epochs && !this.hasStoppedEarly) {
      const epoch = this.#numEpochs;
      const order = epochOrder(seed, epoch, numTrain, numImages);
      const numDone = this.#state.step - epoch * stepsPerEpoch;
      const batches = chunks(numImages, imagesPerStep).slice(numDone);
      yield* this.#dueWeights();
      for (const { start, end } of batches) {
        await this.#begin(order.subarray(start, end));
        yield* this.#dueWeights();
        while (this.#inFlight.isFull) yield await this.#oldestStep();
      }
      yield* this.finishSteps();
      yield* this.#endEpoch(epoch + 1, this.#lossSum / numImages);
    }
  }

  /** Waits for the steps that are begun and yields their reports, which `run` then does not repeat. */
  async *finishSteps(): AsyncGenerator<ProgressReport, void> {
    while (this.#inFlight.count > 0) yield await this.#oldestStep();
  }

  /**
   * Reads from the device all that is needed to continue the run exactly.
   *
   * @throws Error when a step is still in flight: the sum of the losses is made of the reports (`finishSteps`)
   */
  async checkpoint(): Promise<Checkpoint> {
    if (this.#inFlight.count > 0) {
      throw new Error("A checkpoint needs the reports of all steps that are begun.");
    }
    return checkpointOf(this.#state, { numEpochs: this.#numEpochs, lossSum: this.#lossSum });
  }

  /** Runs a training step and validation passes without effect, so that all their kernels get compiled. */
  rehearse(): void {
    const batch = this.#batchOf(new Uint32Array(this.#length.imagesPerStep));
    const { loss, gradient } = batchGradient(this.config, this.#denoiser, batch);
    const { norm, next } = nextState(this.#state, gradient, this.#optimizerConfig);
    tf.dispose([loss, gradient, norm]);
    disposeWeights(next);
    const { validationChunkSize, dataset } = this.#options;
    const numValues = numValuesOf(this.#network.network.shape);
    const numLive = this.config.validateEvery && this.#liveImages.images.length / numValues;
    rehearseLosses(this.#denoiser, [dataset.validation.count, numLive], validationChunkSize);
  }

  dispose(): void {
    // A measurement that was left in the middle frees what it holds; nobody waits for that.
    this.#running?.return().catch(() => {});
    this.#inFlight.dispose();
    for (const weights of [this.#state, this.#best]) if (weights) disposeWeights(weights);
  }

  *#dueWeights(): Generator<TrainingReport, void> {
    const { step } = this.#state;
    if (this.#options.stopsAfter?.(step)) yield { type: "weightsReady", step };
  }

  async #oldestStep(): Promise<ProgressReport> {
    const { numImages, ...step } = await this.#inFlight.oldest();
    this.#lossSum += step.loss * numImages;
    return { type: "step", step };
  }

  async #begin(indices: Uint32Array): Promise<void> {
    const [startMs, startWork] = [performance.now(), recordedWork()];
    const batch = this.#batchOf(indices);
    const { loss, gradient } =
      this.#replicas.length > 0
        ? await parallelGradient(this.config, this.#denoiser, batch, this.#replicas)
        : batchGradient(this.config, this.#denoiser, batch);
    const gradNorm = applyGradient(this.#state, gradient, this.#optimizerConfig);
    const { step } = this.#state;
    this.#inFlight.add({
      step,
      numImages: indices.length,
      startMs,
      startWork,
      numbers: { learningRate: learningRateAt(step, this.#optimizerConfig) },
      scalars: { loss, gradNorm },
    });
    // What is measured stands in the report of its step, so that a run that is resumed neither misses nor repeats it.
    const isLive = isLiveStep(step, this.config);
    const isReported = isLive || step % this.stepsPerEpoch === 0;
    if (isReported) await this.#inFlight.amendNewest(() => this.#measureStep(gradient, isLive));
    else gradient.dispose();
  }

  async #measureStep(gradient: tf.Tensor1D, isLive: boolean): Promise<Partial<StepReport>> {
    const { validationChunkSize: chunkSize } = this.#options;
    const [denoiser, replicas] = [this.#denoiser, this.#replicas];
    const { values } = denoiser;
    const norms = await readNorms(this.config, { gradient, values }).finally(() =>
      gradient.dispose(),
    );
    if (!isLive) return norms;
    const options = { ...this.#liveImages, denoiser, replicas, chunkSize };
    return { ...norms, ...(await validateLive(this.config, options)) };
  }

  #batchOf(indices: Uint32Array): Batch {
    const { images, labels } = this.#options.dataset.train;
    return {
      images,
      labels: this.config.classes > 0 ? labels : null,
      indices,
      step: this.#state.step,
      microBatchSize: this.#options.microBatchSize,
    };
  }

  async *#endEpoch(epoch: number, trainLoss: number): AsyncGenerator<TrainingReport, void> {
    const { config } = this;
    const { dataset, validationChunkSize, evaluate } = this.#options;
    await shareWeights(this.#replicas, config, this.#denoiser);
    const losses = validate({
      denoiser: this.#denoiser,
      replicas: this.#replicas,
      ...epochImages(dataset.validation, config),
      chunkSize: validationChunkSize,
      freshKey: config.validationNoise === "fresh" ? { seed: config.seed, index: epoch } : null,
    });
    type Losses = Pick<EpochReport, "validationLoss" | "bucketLosses" | "classLosses">;
    let validation: Losses = { validationLoss: Number.NaN, bucketLosses: [] };
    for await (const { meanLoss, bucketLosses, classLosses, ...progress } of losses) {
      validation = { validationLoss: meanLoss, bucketLosses };
      if (config.classes > 0) validation.classLosses = classLosses;
      yield { type: "validationProgress", ...progress };
    }
    const { step } = this.#state;
    const report: EpochReport = { epoch, step, trainLoss, ...validation, wallTimeMs: Date.now() };
    if (evaluate && isMeasured(epoch, config)) {
      const sampled = distilledConfig(config, step, this.stepsPerEpoch);
      // A measurement that fails does not stop the run.
      try {
        report.quality = yield* measureEpoch(evaluate, this.sampler, sampled);
        this.#hasFailedToMeasure = false;
      } catch (error) {
        const message = messageOf(error);
        if (!this.#hasFailedToMeasure) yield { type: "qualityFailed", epoch, message };
        this.#hasFailedToMeasure = true;
      }
    }
    this.#epochs.push(report);
    this.#numEpochs++;
    this.#lossSum = 0;
    if (config.patience > 0 && bestEpochIndex(this.#epochs) === this.#epochs.length - 1) {
      if (this.#best) disposeWeights(this.#best);
      this.#best = cloneWeights(this.#state);
    }
    if (config.distilFrom > 0) beginPhase(this.#state);
    yield { type: "epoch", epoch: report };
  }
}
