import * as tf from "@tensorflow/tfjs-core";
import { isMeasured } from "../config/epochSamples.ts";
import { IMAGE_SIZE, type RunConfig } from "../config/hyperparameters.ts";
import type { Dataset } from "../data/dataset.ts";
import { chunks, epochOrder } from "../data/imageOrder.ts";
import { createSchedule, type Schedule } from "../diffusion/schedule.ts";
import { totalElements } from "../nn/parameters.ts";
import { createUnet, type Unet } from "../nn/unet.ts";
import { type Batch, batchGradient, parallelGradient } from "./batchGradient.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { bestEpochIndex, stopsEarly } from "./earlyStopping.ts";
import { EpochQuality, type Evaluate } from "./epochQuality.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";
import { type Replica, shareWeights } from "./replica.ts";
import type { EpochReport, ProgressReport, TrainingReport } from "./reports.ts";
import { StepsInFlight } from "./stepsInFlight.ts";
import {
  applyGradient,
  cloneWeights,
  disposeState,
  disposeWeights,
  initialState,
  learningRateAt,
  nextState,
  type OptimizerConfig,
  stateOf,
  type TrainState,
  tensorsOfWeights,
  type Weights,
} from "./trainState.ts";
import { validationLoss } from "./validation.ts";

export interface TrainingSessionOptions {
  config: RunConfig;
  dataset: Dataset;
  /** Most images in one forward-backward pass; batches are made of several such passes. */
  microBatchSize: number;
  /** Images in one forward pass of the validation. */
  validationChunkSize: number;
  start: SessionStart;
  /**
   * Steps that may be begun before the loss of an earlier one is known: a card works on while the
   * next step is prepared.
   */
  stepsAhead: number;
  /** Threads that take their part of every batch and of the validation; none when left out. */
  replicas?: readonly Replica[];
  /**
   * After which steps `run` stops to report that the weights are there; none when left out. Asked when
   * it begins, after every step, and again when an epoch begins.
   */
  areWeightsDue?: (step: number) => boolean;
  /** Measures samples of a network, after the epochs of which the configuration says so; none when left out. */
  evaluate?: Evaluate;
}

/** What a run begins with. */
export type SessionStart =
  /** `[P]`; null for those of the seed. */
  | { from: "weights"; values: Float32Array | null }
  | {
      from: "checkpoint";
      checkpoint: Checkpoint;
      /** The whole epochs before it. */
      epochs: readonly EpochReport[];
      /** After the epoch with the lowest validation loss, for early stopping; null if lost. */
      best: Checkpoint | null;
    };

/**
 * A training run: network, optimizer and data joined. Knows neither page nor worker: whoever drives
 * it takes one report after the other from `run()`, and pauses by not asking for the next.
 */
export class TrainingSession {
  readonly config: RunConfig;
  readonly numParameters: number;
  readonly stepsPerEpoch: number;
  /** To the end of the last epoch. */
  readonly totalSteps: number;
  readonly #dataset: Dataset;
  readonly #microBatchSize: number;
  readonly #validationChunkSize: number;
  readonly #unet: Unet;
  readonly #schedule: Schedule;
  readonly #state: TrainState;
  readonly #stepsAhead: number;
  readonly #replicas: readonly Replica[];
  readonly #areWeightsDue: (step: number) => boolean;
  readonly #quality: EpochQuality | null;
  /** Whole epochs, with their validation. */
  #numEpochs = 0;
  /** What they have told, as far as it is known. */
  readonly #epochs: EpochReport[] = [];
  /** After the best epoch, where the run may stop early. */
  #best: Weights | null = null;
  readonly #inFlight = new StepsInFlight();
  /** Over the images of the epoch so far. */
  #lossSum = 0;

  constructor(options: TrainingSessionOptions) {
    const { config, dataset, microBatchSize, validationChunkSize, start, stepsAhead } = options;
    this.config = config;
    this.#dataset = dataset;
    this.#microBatchSize = microBatchSize;
    this.#validationChunkSize = validationChunkSize;
    this.#stepsAhead = stepsAhead;
    this.#replicas = options.replicas ?? [];
    this.#areWeightsDue = options.areWeightsDue ?? (() => false);
    this.#quality = options.evaluate ? new EpochQuality(options.evaluate) : null;
    this.#unet = createUnet(config);
    this.#schedule = createSchedule(config);
    if (start.from === "weights") {
      this.#state = initialState(this.#unet, config, start.values);
    } else {
      const { checkpoint, epochs, best } = start;
      this.#state = stateOf(checkpoint);
      this.#numEpochs = checkpoint.numEpochs;
      this.#lossSum = checkpoint.lossSum;
      for (const epoch of epochs) this.#epochs.push(epoch);
      if (best && config.patience > 0) this.#best = tensorsOfWeights(best);
    }
    this.numParameters = totalElements(this.#unet.parameters);
    this.stepsPerEpoch = Math.ceil(dataset.train.count / imagesPerStep(config));
    this.totalSteps = this.stepsPerEpoch * config.epochs;
  }

  /** Optimizer steps begun. */
  get numSteps(): number {
    return this.#state.step;
  }

  /** The newest whole epoch; null before the end of the first. */
  get lastEpoch(): EpochReport | null {
    return this.#epochs.at(-1) ?? null;
  }

  /** Whether the run has ended before its last epoch, with the weights of its best. */
  get hasStoppedEarly(): boolean {
    return this.#numEpochs < this.config.epochs && stopsEarly(this.#epochs, this.config);
  }

  /**
   * The weights to sample from: those of the last step, or of the best epoch where the run has stopped
   * early. The state stays that of the last step: it is what a checkpoint has to hold.
   */
  get #sampled(): Weights {
    return (this.hasStoppedEarly && this.#best) || this.#state;
  }

  /** Optimizer steps that the weights to sample from have seen. */
  get sampledStep(): number {
    return this.#sampled.step;
  }

  /** The newest whole epoch that the weights to sample from have seen; null before the first. */
  get sampledEpoch(): EpochReport | null {
    const { sampledStep } = this;
    return this.#epochs.findLast(({ step }) => step <= sampledStep) ?? null;
  }

  /** The network to sample from: the moving average where the run keeps one. */
  get sampler(): Denoiser {
    const { values, ema } = this.#sampled;
    return { ...this.#denoiser, values: ema ?? values };
  }

  /** The same without the moving average. */
  get rawSampler(): Denoiser {
    return { ...this.#denoiser, values: this.#sampled.values };
  }

  get #denoiser(): Denoiser {
    return { unet: this.#unet, schedule: this.#schedule, values: this.#state.values };
  }

  get #optimizerConfig(): OptimizerConfig {
    const { config, totalSteps } = this;
    return { ...config, totalSteps, parameters: this.#unet.parameters };
  }

  /**
   * Trains from where the run stands to the end of the last epoch, with a report after every step.
   * Where it stops early, those to sample from are of the best epoch afterwards.
   *
   * @throws NonFiniteLossError
   */
  async *run(): AsyncGenerator<TrainingReport, void> {
    const { seed, epochs } = this.config;
    const numImages = this.#dataset.train.count;
    while (this.#numEpochs < epochs && !this.hasStoppedEarly) {
      const epoch = this.#numEpochs;
      const order = epochOrder(seed, epoch, numImages);
      const numDone = this.#state.step - epoch * this.stepsPerEpoch;
      const batches = chunks(numImages, imagesPerStep(this.config)).slice(numDone);
      yield* this.#dueWeights();
      for (const { start, end } of batches) {
        await this.#begin(order.subarray(start, end));
        yield* this.#dueWeights();
        while (this.#inFlight.count > this.#stepsAhead) yield await this.#oldestStep();
      }
      while (this.#inFlight.count > 0) yield await this.#oldestStep();
      yield* this.#endEpoch(epoch + 1, this.#lossSum / numImages);
    }
  }

  /**
   * The reports of the steps that are begun, which `run` then does not give: for a pause.
   *
   * @throws NonFiniteLossError
   */
  async *finishSteps(): AsyncGenerator<ProgressReport, void> {
    while (this.#inFlight.count > 0) yield await this.#oldestStep();
  }

  /**
   * All that going on needs, read from the device. The reports of all steps begun have to be taken
   * before (`finishSteps`): the sum of the losses is made of them.
   */
  async checkpoint(): Promise<Checkpoint> {
    if (this.#inFlight.count > 0) {
      throw new Error("A checkpoint needs the reports of all steps that are begun.");
    }
    const { step, values, optimizerState, ema } = this.#state;
    const read = (tensor: tf.Tensor1D) => tensor.data<"float32">();
    const position = { step, numEpochs: this.#numEpochs, lossSum: this.#lossSum };
    const vectors = Object.entries(optimizerState);
    const [valuesRead, emaRead, ...vectorsRead] = await Promise.all([
      ...([read(values), ema && read(ema)] as const),
      ...vectors.map(async ([name, vector]) => [name, await read(vector)] as const),
    ]);
    return {
      ...{ ...position, values: valuesRead, ema: emaRead },
      optimizerState: Object.fromEntries(vectorsRead),
    };
  }

  /** A training step and a validation pass without effect, so that all their programs are met. */
  rehearse(): void {
    const indices = Uint32Array.from({ length: imagesPerStep(this.config) }, () => 0);
    const { lossSum, gradient } = batchGradient(
      this.config,
      this.#denoiser,
      this.#batchOf(indices),
    );
    const { norm, next } = nextState(this.#state, gradient, this.#optimizerConfig);
    tf.dispose([lossSum, gradient, norm]);
    disposeState(next);
    tf.tidy(() => {
      const { batchSize } = this.config;
      const x0 = tf.zeros<tf.Rank.R4>([batchSize, IMAGE_SIZE, IMAGE_SIZE, 1]);
      imageLosses(this.#denoiser, { x0, eps: x0, timesteps: new Int32Array(batchSize) });
    });
  }

  dispose(): void {
    this.#quality?.dispose();
    disposeState(this.#state);
    if (this.#best) disposeWeights(this.#best);
  }

  *#dueWeights(): Generator<TrainingReport, void> {
    const { step } = this.#state;
    if (this.#areWeightsDue(step)) yield { type: "weights", step };
  }

  /** Waits for the loss of the step that was begun first. */
  async #oldestStep(): Promise<ProgressReport> {
    const { numImages, ...step } = await this.#inFlight.oldest();
    this.#lossSum += step.loss * numImages;
    return { type: "step", step };
  }

  async #begin(indices: Uint32Array): Promise<void> {
    const startMs = performance.now();
    const batch = this.#batchOf(indices);
    const { lossSum, gradient } =
      this.#replicas.length > 0
        ? await parallelGradient(this.config, this.#denoiser, batch, this.#replicas)
        : batchGradient(this.config, this.#denoiser, batch);
    const gradNorm = applyGradient(this.#state, gradient, this.#optimizerConfig);
    const { step } = this.#state;
    this.#inFlight.add({
      ...{ step, numImages: indices.length, startMs },
      numbers: { learningRate: learningRateAt(step, this.#optimizerConfig) },
      scalars: { loss: tf.div(lossSum, indices.length), gradNorm },
    });
    tf.dispose([lossSum, gradient]);
  }

  #batchOf(indices: Uint32Array): Batch {
    return {
      images: this.#dataset.train.images,
      indices,
      step: this.#state.step,
      microBatchSize: this.#microBatchSize,
    };
  }

  async *#endEpoch(epoch: number, trainLoss: number): AsyncGenerator<TrainingReport, void> {
    const { validation } = this.#dataset;
    await shareWeights(this.#replicas, this.config, this.#denoiser);
    const losses = validationLoss({
      denoiser: this.#denoiser,
      replicas: this.#replicas,
      images: validation.images,
      chunkSize: this.#validationChunkSize,
      // The assignment drew anew for every validation.
      freshKey:
        this.config.validationNoise === "fresh" ? { seed: this.config.seed, index: epoch } : null,
    });
    let last = { meanLoss: Number.NaN, bucketLosses: [] as number[] };
    let elapsedMs = 0;
    let startMs = performance.now();
    for await (const progress of losses) {
      last = progress;
      elapsedMs += performance.now() - startMs;
      yield {
        type: "validationProgress",
        numImages: progress.numImages,
        totalImages: validation.count,
        elapsedMs,
      };
      startMs = performance.now();
    }
    const { meanLoss, bucketLosses } = last;
    const report: EpochReport = {
      ...{ epoch, step: this.#state.step, trainLoss, validationLoss: meanLoss, bucketLosses },
      wallTimeMs: Date.now(),
    };
    if (this.#quality && isMeasured(epoch, this.config)) {
      const quality = yield* this.#quality.measure(epoch, this.sampler);
      if (quality) report.quality = quality;
    }
    this.#epochs.push(report);
    this.#numEpochs++;
    this.#lossSum = 0;
    if (this.config.patience > 0 && bestEpochIndex(this.#epochs) === this.#epochs.length - 1) {
      if (this.#best) disposeWeights(this.#best);
      this.#best = cloneWeights(this.#state);
    }
    yield { type: "epoch", epoch: report };
  }
}

function imagesPerStep({ batchSize, gradientAccumulation }: RunConfig): number {
  return batchSize * gradientAccumulation;
}
