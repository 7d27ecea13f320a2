import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, type RunConfig } from "../config/hyperparameters.ts";
import { chunks, epochOrder, toUnitRange } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Schedule } from "../diffusion/schedule.ts";
import { totalElements } from "../nn/parameters.ts";
import { createUnet, type Unet } from "../nn/unet.ts";
import { drawsOfStep } from "./draws.ts";
import {
  type Denoiser,
  imageLosses,
  type LossAndGradient,
  lossAndGradient,
  scheduleOf,
} from "./gradient.ts";
import { imageTensor, NUM_PIXELS } from "./images.ts";
import {
  applyGradient,
  disposeState,
  initialState,
  learningRateAt,
  nextState,
  type TrainState,
} from "./trainState.ts";
import { validationLoss } from "./validation.ts";

export interface StepReport {
  /** 1-based count of optimizer steps. */
  step: number;
  /** Mean over the batch, before the update. */
  loss: number;
  /** Global norm of the gradient before clipping. */
  gradNorm: number;
  learningRate: number;
  stepMs: number;
  /** When the loss was known, as Unix time. */
  wallTimeMs: number;
}

export interface EpochReport {
  /** 1-based. */
  epoch: number;
  step: number;
  /** Mean over the images of the epoch. */
  trainLoss: number;
  validationLoss: number;
  /** The same by timestep: the mean of each tenth of [0, T); NaN where no image fell. */
  bucketLosses: number[];
  /** When the validation was done, as Unix time. */
  wallTimeMs: number;
}

export type TrainingReport =
  | { type: "step"; step: StepReport }
  | { type: "validationProgress"; numImages: number; totalImages: number }
  | { type: "epoch"; epoch: EpochReport };

export interface TrainingSessionOptions {
  config: RunConfig;
  dataset: Dataset;
  /** Most images in one forward-backward pass; batches are made of several such passes. */
  microBatchSize: number;
  /** Images in one forward pass of the validation. */
  validationChunkSize: number;
  /** Weights to begin with, `[P]`; null for those of the seed. */
  startValues: Float32Array | null;
  /**
   * Steps that may be begun before the loss of an earlier one is known: a card works on while the
   * next step is prepared.
   */
  stepsAhead: number;
}

type StepOfImages = StepReport & { numImages: number };

/** The loss left the range of numbers: the weights are lost. */
export class NonFiniteLossError extends Error {
  override name = "NonFiniteLossError";
  constructor({ step, loss, learningRate }: StepReport) {
    super(
      `The loss became ${loss} at step ${step} with learning rate ${learningRate}. ` +
        "Train again with a lower learning rate, more warm-up steps, or a gradient clip of 1.",
    );
  }
}

/**
 * A training run: network, optimizer and data joined. Knows neither page nor worker: whoever drives
 * it takes one report after the other from `run()`, and pauses by not asking for the next.
 */
export class TrainingSession {
  readonly config: RunConfig;
  readonly numParameters: number;
  readonly stepsPerEpoch: number;
  readonly #dataset: Dataset;
  readonly #microBatchSize: number;
  readonly #validationChunkSize: number;
  readonly #unet: Unet;
  readonly #schedule: Schedule;
  readonly #state: TrainState;
  readonly #stepsAhead: number;
  #lastEpoch: EpochReport | null = null;
  /** Begun, and their losses not known yet. */
  readonly #inFlight: Promise<StepOfImages>[] = [];
  #lastReportMs = 0;
  /** Over the images of the epoch so far. */
  #lossSum = 0;

  constructor(options: TrainingSessionOptions) {
    const { config, dataset, microBatchSize, validationChunkSize, startValues, stepsAhead } =
      options;
    this.config = config;
    this.#dataset = dataset;
    this.#microBatchSize = microBatchSize;
    this.#validationChunkSize = validationChunkSize;
    this.#stepsAhead = stepsAhead;
    this.#unet = createUnet(config);
    this.#schedule = scheduleOf(config);
    this.#state = initialState(this.#unet, config, startValues);
    this.numParameters = totalElements(this.#unet.parameters);
    this.stepsPerEpoch = Math.ceil(dataset.train.count / imagesPerStep(config));
  }

  /** Optimizer steps begun. */
  get numSteps(): number {
    return this.#state.step;
  }

  /** The newest whole epoch; null before the end of the first. */
  get lastEpoch(): EpochReport | null {
    return this.#lastEpoch;
  }

  /** The network to sample from: the moving average where the run keeps one. */
  get sampler(): Denoiser {
    return { ...this.#denoiser, values: this.#state.ema ?? this.#state.values };
  }

  /** The network with the weights of the last step, whatever the moving average is. */
  get rawSampler(): Denoiser {
    return this.#denoiser;
  }

  get #denoiser(): Denoiser {
    return { unet: this.#unet, schedule: this.#schedule, values: this.#state.values };
  }

  /**
   * Trains to the end of the last epoch, with a report after every step.
   *
   * @throws NonFiniteLossError
   */
  async *run(): AsyncGenerator<TrainingReport, void> {
    const { seed, epochs } = this.config;
    const numImages = this.#dataset.train.count;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = epochOrder(seed, epoch, numImages);
      this.#lossSum = 0;
      for (const { start, end } of chunks(numImages, imagesPerStep(this.config))) {
        this.#inFlight.push(this.#step(order.subarray(start, end)));
        while (this.#inFlight.length > this.#stepsAhead) yield await this.#oldestStep();
      }
      while (this.#inFlight.length > 0) yield await this.#oldestStep();
      yield* this.#endEpoch(epoch + 1, this.#lossSum / numImages);
    }
  }

  /**
   * The reports of the steps that are begun, which `run` then does not give: for a pause.
   *
   * @throws NonFiniteLossError
   */
  async *finishSteps(): AsyncGenerator<TrainingReport, void> {
    while (this.#inFlight.length > 0) yield await this.#oldestStep();
  }

  /** A training step and a validation pass without effect, so that all their programs are met. */
  rehearse(): void {
    const indices = Uint32Array.from({ length: imagesPerStep(this.config) }, () => 0);
    const { lossSum, gradient } = this.#batchGradient(indices);
    const { norm, next } = nextState(this.#state, gradient, this.config);
    tf.dispose([lossSum, gradient, norm]);
    disposeState(next);
    tf.tidy(() => {
      const { batchSize } = this.config;
      const x0 = tf.zeros<tf.Rank.R4>([batchSize, IMAGE_SIZE, IMAGE_SIZE, 1]);
      imageLosses(this.#denoiser, { x0, eps: x0, timesteps: new Int32Array(batchSize) });
    });
  }

  dispose(): void {
    disposeState(this.#state);
  }

  /** Waits for the loss of the step that was begun first. */
  async #oldestStep(): Promise<TrainingReport> {
    const { numImages, ...step } = await (this.#inFlight.shift() as Promise<StepOfImages>);
    if (!Number.isFinite(step.loss)) throw new NonFiniteLossError(step);
    this.#lossSum += step.loss * numImages;
    return { type: "step", step };
  }

  /** Begins a step; the promise is kept when its loss has come back from the device. */
  #step(indices: Uint32Array): Promise<StepOfImages> {
    const startMs = performance.now();
    const { lossSum, gradient } = this.#batchGradient(indices);
    const gradNorm = applyGradient(this.#state, gradient, this.config);
    const figures = tf.tidy(() => tf.stack([tf.div(lossSum, indices.length), gradNorm]));
    tf.dispose([lossSum, gradient, gradNorm]);
    const { step } = this.#state;
    const learningRate = learningRateAt(step, this.config);
    const report = figures.data().then(([loss, norm]) => {
      figures.dispose();
      const nowMs = performance.now();
      // Steps overlap: the time of each begins when the one before it was done.
      const stepMs = nowMs - Math.max(startMs, this.#lastReportMs);
      this.#lastReportMs = nowMs;
      const [numImages, gradNorm] = [indices.length, norm as number];
      const wallTimeMs = Date.now();
      return { step, loss: loss as number, gradNorm, learningRate, stepMs, wallTimeMs, numImages };
    });
    // Whoever takes the report meets the error; until then nobody looks.
    report.catch(() => {});
    return report;
  }

  /** Sum of the losses and mean gradient of a batch, made of as many passes as memory asks for. */
  #batchGradient(indices: Uint32Array): LossAndGradient {
    const { noise, timesteps, regularization } = drawsOfStep(
      this.config,
      this.#state.step,
      indices.length,
    );
    const images = toUnitRange(this.#dataset.train.images, indices, NUM_PIXELS);
    const size = indices.length;

    // One after the other, so that never more than two gradients are held.
    const sum = chunks(size, this.#microBatchSize).reduce<LossAndGradient | null>(
      (before, { start, end }) => {
        const part = tf.tidy(() =>
          lossAndGradient(
            this.#denoiser,
            {
              x0: imageTensor(images.subarray(start * NUM_PIXELS, end * NUM_PIXELS)),
              eps: noise(start, end),
              timesteps: timesteps.subarray(start, end),
            },
            regularization,
          ),
        );
        return before ? addUp(before, part) : part;
      },
      null,
    );
    if (!sum) throw new Error("A batch without images has no gradient.");
    const gradient = tf.div<tf.Tensor1D>(sum.gradient, size);
    sum.gradient.dispose();
    return { lossSum: sum.lossSum, gradient };
  }

  async *#endEpoch(epoch: number, trainLoss: number): AsyncGenerator<TrainingReport, void> {
    const { validation } = this.#dataset;
    const losses = validationLoss({
      denoiser: this.#denoiser,
      images: validation.images,
      chunkSize: this.#validationChunkSize,
      // The assignment drew anew for every validation.
      freshKey:
        this.config.validationNoise === "fresh" ? { seed: this.config.seed, index: epoch } : null,
    });
    let last = { meanLoss: Number.NaN, bucketLosses: [] as number[] };
    for await (const progress of losses) {
      last = progress;
      yield {
        type: "validationProgress",
        numImages: progress.numImages,
        totalImages: validation.count,
      };
    }
    const step = this.#state.step;
    const { meanLoss, bucketLosses } = last;
    this.#lastEpoch = {
      epoch,
      step,
      trainLoss,
      validationLoss: meanLoss,
      bucketLosses,
      wallTimeMs: Date.now(),
    };
    yield { type: "epoch", epoch: this.#lastEpoch };
  }
}

/** Replaces two micro-batches by their sum. */
function addUp(a: LossAndGradient, b: LossAndGradient): LossAndGradient {
  const lossSum = tf.add<tf.Scalar>(a.lossSum, b.lossSum);
  const gradient = tf.add<tf.Tensor1D>(a.gradient, b.gradient);
  tf.dispose([a.lossSum, a.gradient, b.lossSum, b.gradient]);
  return { lossSum, gradient };
}

function imagesPerStep({ batchSize, gradientAccumulation }: RunConfig): number {
  return batchSize * gradientAccumulation;
}
