import * as tf from "@tensorflow/tfjs-core";
import { type Condition, checkCondition, numGuidancePasses } from "../config/condition.ts";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { pairShares } from "../config/sampling.ts";
import { chunks } from "../data/imageOrder.ts";
import type { Model, SamplerStep, StepOptions } from "../diffusion/model.ts";
import { noisedImage, noisedMidpoints, toPixels } from "../diffusion/noising.ts";
import { ancestralStep } from "../diffusion/samplers/ancestral.ts";
import { correctedStep } from "../diffusion/samplers/corrected.ts";
import { ddimStep } from "../diffusion/samplers/ddim.ts";
import { dpmpp2mStep } from "../diffusion/samplers/dpmpp2m.ts";
import { heunStep } from "../diffusion/samplers/heun.ts";
import { langevinStep } from "../diffusion/samplers/langevin.ts";
import { type Sampler, type SamplerId, samplerEntry } from "../diffusion/samplers.ts";
import type { NetworkInputs } from "../nn/blockLook.ts";
import { byName, type Parameters } from "../nn/parameters.ts";
import { splitParameters } from "../ops/parameterVector.ts";
import { pairNoiseKey, type RandomKey, randomNormals, samplingKey } from "../random.ts";
import { EDITINGS, type EditedChunk, type Editing } from "./editing.ts";
import type { Denoiser } from "./gradient.ts";
import { type ChunkCondition, chunkCondition, guidedModel } from "./guidedModel.ts";
import { imageTensor, normalImages } from "./images.ts";
import {
  checkStart,
  type InversionStart,
  mixedNormals,
  type SampleStart,
  timestepsFrom,
} from "./sampleStart.ts";

const SAMPLER_STEPS: Record<
  SamplerId,
  (options: StepOptions & { stepSize: number }) => SamplerStep
> = {
  ddim: ddimStep,
  dpmpp2m: dpmpp2mStep,
  heun: heunStep,
  corrected: correctedStep,
  langevin: langevinStep,
  ancestral: ancestralStep,
};

export interface SamplingOptions {
  denoiser: Denoiser;
  count: number;
  sampler: Sampler;
  seed: number;
  /** Most images in one forward pass. */
  chunkSize: number;
  start: SampleStart;
  /** What a network with classes is asked for, one label for each image; "no label" for all when left out. */
  condition?: Condition | null;
  /** Whether each frame also has the x_0 that its step predicted; false when left out. */
  givesX0?: boolean;
}

export interface SampleFrame {
  /** 0 is the noise, the sampler's `numSteps` the finished digits. */
  index: number;
  /** `[count, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
  /** The x_0 predicted from the frame before, in the same form; null at the first, or without `givesX0`. */
  x0: Uint8Array<ArrayBuffer> | null;
}

/**
 * Samples digits frame by frame, from noise or from images with noise; `editing.ts` has what else can be done with images. The
 * weights are copied at the start, so training can go on between two frames. Except between two images, and with shared or
 * mixed noise, image i depends only on the seed and i, not on the count. The owner disposes it.
 */
export class DigitSampler {
  /** The timestep of each frame, in [0, T); -1 for finished digits, which are the last, and the first where they are inverted. */
  readonly times: readonly number[];
  readonly #options: SamplingOptions;
  readonly #weights: tf.Tensor[];
  readonly #parameters: Parameters;
  #chunks: Chunk[];
  #index = -1;

  constructor(options: SamplingOptions) {
    const { denoiser, count, sampler, chunkSize, start, condition = null } = options;
    const { network, schedule, values } = denoiser;
    if (condition) checkCondition(condition, network.classes);
    checkStart(start, count);
    this.#options = options;
    this.times = timestepsFrom(start, sampler, schedule);
    this.#weights = tf.tidy(() => splitParameters(network.parameters, values));
    this.#parameters = byName(network.parameters, this.#weights);
    const numReadings = start.from === "readings" ? 2 : 1;
    const numPasses = numReadings * (condition ? numGuidancePasses(condition) : 1);
    const size = Math.max(1, Math.floor(chunkSize / numPasses));
    this.#chunks = chunks(count, size).map((part) => {
      const editing = beginEditing(start, {
        ...part,
        count,
        network,
        parameters: this.#parameters,
        schedule,
        condition,
      });
      return {
        start: part.start,
        x: editing?.firstImages ?? this.#firstImages(part.start, part.end),
        x0: null,
        condition: condition && chunkCondition(condition, network.classes, part),
        editing,
      };
    });
  }

  /** Denoising steps from the first frame to the last. */
  get numSteps(): number {
    return this.times.length - 1;
  }

  /** Whether the last frame was the finished digits. */
  get isDone(): boolean {
    return this.#index === this.numSteps;
  }

  /** The first call gives the first images, each later one the result of a denoising step. */
  nextFrame(): Promise<SampleFrame> {
    this.advance();
    return readFrame(this.frame);
  }

  /** Has the device compute the next frame, without waiting for it. */
  advance(): void {
    if (this.#index >= 0) {
      this.#chunks = this.#chunks.map((chunk) => {
        const next = { ...chunk, ...tf.tidy(() => this.#step(chunk)) };
        tf.dispose(imagesOf(chunk));
        return next;
      });
    }
    this.#index++;
    const { start } = this.#options;
    if (start.from === "inversion" && this.#index === this.numSteps / 2) this.#turn(start);
  }

  /** The frame that is computed, in the sampler's own tensors, which the next step disposes. */
  get frame(): ComputedFrame {
    const x0 = this.#options.givesX0 ? this.#chunks.flatMap((chunk) => chunk.x0 ?? []) : [];
    return { index: this.#index, x: this.#chunks.map(({ x }) => x), x0 };
  }

  /**
   * What the network is given in the next step, without guidance: the sampler's own tensors, of the images of
   * its first pass.
   *
   * @throws Error before the first frame, and when there is no next step
   */
  get nextInputs(): NetworkInputs {
    const { network } = this.#options.denoiser;
    const [chunk, t] = [this.#chunks[0], this.times[this.#index] ?? -1];
    if (!chunk || t < 0) throw new Error("Expected a step that follows, got none: draw fewer.");
    const { x, x0: x0Before, condition } = chunk;
    const timesteps = new Array<number>(x.shape[0]).fill(t);
    const inputs = { x, timesteps, x0Before, labels: condition?.rows ?? null };
    return { network, parameters: this.#parameters, inputs };
  }

  dispose(): void {
    const rest = this.#chunks.flatMap(({ condition, editing }) => [
      ...(condition ? [condition.rows] : []),
      ...(editing?.tensors ?? []),
    ]);
    tf.dispose([...this.#chunks.flatMap(imagesOf), ...rest, ...this.#weights]);
  }

  #step(chunk: Chunk): SamplerStep {
    const { x, x0, editing } = chunk;
    const [t, tNext] = this.times.slice(this.#index) as [number, number];
    const step = { x, x0, t, tNext, noise: () => this.#noise(chunk, "filling") };
    if (tNext > t && editing?.rise) return editing.rise(step);
    const after = this.#denoised(chunk, t, tNext);
    return editing?.afterStep?.(after, step) ?? after;
  }

  #denoised(chunk: Chunk, t: number, tNext: number): SamplerStep {
    const { denoiser, sampler } = this.#options;
    const { network, schedule } = denoiser;
    const { x, x0, condition, editing } = chunk;
    const { kind, eta = 0 } = sampler;
    const { first = kind, isNoisy, defaultStepSize = 0 } = samplerEntry(kind, schedule.objective);
    const isPureNoise = t === schedule.numTimesteps - 1;
    const tBefore = this.times[this.#index - 1] ?? -1;
    const model: Model = editing?.model ?? guidedModel(network, this.#parameters, condition);
    return SAMPLER_STEPS[isPureNoise ? first : kind]({
      model,
      schedule,
      x,
      // After a step up, the one before it tells nothing of where the next leads.
      before: x0 && tBefore > t ? { t: tBefore, x0 } : null,
      t,
      tNext,
      eta,
      stepSize: sampler.stepSize ?? defaultStepSize,
      noise: tNext >= 0 && isNoisy({ eta }) ? this.#noise(chunk, "sampling") : null,
    });
  }

  /** The fresh noise of the step that comes. */
  #noise({ start, x }: Chunk, stream: "sampling" | "filling"): tf.Tensor4D {
    const keys = this.#noiseKeys(start, start + x.shape[0], this.#index + 1, stream);
    return normalImages(keys, this.#options.denoiser.network.shape);
  }

  #turn(start: InversionStart): void {
    const risen = this.#chunks.map(({ x }) => x);
    const turned = EDITINGS.inversion.turn(start, risen);
    this.#chunks = this.#chunks.map((chunk, i) => ({ ...chunk, x: turned[i] as tf.Tensor4D }));
    tf.dispose(risen);
  }

  /** Images `start` to `end` before the first step. */
  #firstImages(start: number, end: number): tf.Tensor4D {
    const { start: from, denoiser, seed, count } = this.#options;
    const { schedule } = denoiser;
    const keys = this.#noiseKeys(start, end, 0);
    switch (from.from) {
      case "noise":
        return from.mixes
          ? imageTensor(mixedNormals(seed, from.mixes.slice(start, end), NUM_PIXELS))
          : normalImages(keys, denoiser.network.shape);
      case "pair": {
        const eps = randomNormals(pairNoiseKey(seed), from.images.length);
        const shares = pairShares(count).slice(start, end);
        return imageTensor(noisedMidpoints(schedule, { x0: from.images, eps, t: from.t, shares }));
      }
      case "image": {
        const { image: x0, t } = from;
        const noised = keys.flatMap((key) => [
          ...noisedImage(schedule, { x0, eps: randomNormals(key, x0.length), t }),
        ]);
        return imageTensor(Float32Array.from(noised));
      }
      case "filling":
      case "inversion":
      case "readings":
        return normalImages(keys);
      default:
        throw from satisfies never;
    }
  }

  /** Keys of the fresh noise for images `start` to `end` at a step; 0 is x_T. */
  #noiseKeys(
    start: number,
    end: number,
    step: number,
    stream: "sampling" | "filling" = "sampling",
  ): RandomKey[] {
    const { seed, start: from } = this.#options;
    // Between two images all get the same noise, so that neighbors look alike.
    const isShared = from.from === "pair" || (from.from === "noise" && from.isShared === true);
    return Array.from({ length: end - start }, (_, i) =>
      samplingKey({ seed, image: isShared ? 0 : start + i, step, stream }),
    );
  }
}

/** Images of one forward pass. */
interface Chunk {
  /** Index of the first image. */
  start: number;
  x: tf.Tensor4D;
  /** The x_0 predicted in the step before; null before the first. */
  x0: tf.Tensor4D | null;
  condition: ChunkCondition | null;
  /** Null where digits begin with noise, or with noised images. */
  editing: Editing | null;
}

function beginEditing(start: SampleStart, chunk: EditedChunk): Editing | null {
  switch (start.from) {
    case "filling":
      return EDITINGS.filling.begin(start, chunk);
    case "inversion":
      return EDITINGS.inversion.begin(start, chunk);
    case "readings":
      return EDITINGS.readings.begin(start, chunk);
    default:
      return null;
  }
}

function imagesOf({ x, x0 }: Chunk): tf.Tensor[] {
  return x0 ? [x, x0] : [x];
}

/** A frame on the device, its images in one tensor or several; `x0` is empty where it is not asked for. */
export interface ComputedFrame {
  index: number;
  x: tf.Tensor4D[];
  x0: tf.Tensor4D[];
}

/** Waits for a frame, whose tensors must stay until then. */
export async function readFrame({ index, x, x0 }: ComputedFrame): Promise<SampleFrame> {
  // Together, since a browser may take 100 ms for each reading that is waited for.
  const [pixels, predicted] = await Promise.all([x, x0].map(readPixels));
  return { index, pixels: pixels as Pixels, x0: x0.length > 0 ? (predicted as Pixels) : null };
}

type Pixels = SampleFrame["pixels"];

async function readPixels(images: readonly tf.Tensor4D[]): Promise<Pixels> {
  const parts = await Promise.all(images.map((x) => x.data<"float32">()));
  return toPixels(parts.flatMap((part) => [...part]));
}
