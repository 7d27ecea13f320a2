import * as tf from "@tensorflow/tfjs-core";
import { chunks } from "../data/batches.ts";
import { ancestralStep } from "../diffusion/ancestral.ts";
import { ddimStep, ddimTimesteps } from "../diffusion/ddim.ts";
import { noisedMidpoint } from "../diffusion/interpolation.ts";
import type { Model, SamplerStep } from "../diffusion/model.ts";
import type { Schedule } from "../diffusion/schedule.ts";
import { byName, splitParameters } from "../nn/parameters.ts";
import { randomNormals } from "../random.ts";
import type { Denoiser } from "./gradient.ts";
import type { ImagePair } from "./imagePair.ts";
import { imageTensor, NUM_PIXELS, normalImages } from "./images.ts";

/** More images than one sampler is asked for, so that no two draws share a key. */
const MAX_COUNT = 1024;

export interface SamplingOptions {
  denoiser: Denoiser;
  count: number;
  /** 1 to T; T steps are ancestral sampling, fewer are DDIM. */
  numSteps: number;
  /** DDIM's share of fresh noise, 0 to 1. */
  eta: number;
  seed: number;
  /** Most images in one forward pass. */
  chunkSize: number;
  /** Images to sample between; null to sample from noise. */
  pair: ImagePair | null;
}

export interface SampleFrame {
  /** 0 is the noise, the sampler's `numSteps` the finished digits. */
  index: number;
  /** `[count, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
}

/**
 * Digits out of noise, or between two images, frame by frame, by DDIM or ancestral sampling. The
 * weights are copied at the start, so that training may go on between two frames. Out of noise,
 * image i depends on the seed and i alone, not on the count. The owner disposes it.
 */
export class DigitSampler {
  readonly #schedule: Schedule;
  readonly #times: readonly number[];
  readonly #isAncestral: boolean;
  readonly #eta: number;
  readonly #seed: number;
  /** Between two images all have the same noise, so that neighbours look alike. */
  readonly #sharesNoise: boolean;
  readonly #weights: tf.Tensor[];
  readonly #model: Model;
  #chunks: Chunk[];
  #index = -1;

  constructor({ denoiser, count, numSteps, eta, seed, chunkSize, pair }: SamplingOptions) {
    const { unet, schedule, values } = denoiser;
    const { numTimesteps } = schedule;
    this.#schedule = schedule;
    this.#isAncestral = numSteps === numTimesteps;
    this.#times = pair
      ? ddimTimesteps(pair.t, Math.max(1, Math.round((numSteps * pair.t) / numTimesteps)))
      : ddimTimesteps(numTimesteps, numSteps);
    this.#eta = eta;
    this.#seed = seed;
    this.#sharesNoise = pair !== null;
    this.#weights = tf.tidy(() => splitParameters(unet.parameters, values));
    const parameters = byName(unet.parameters, this.#weights);
    this.#model = (x, timesteps, x0Before) => unet.forward(parameters, { x, timesteps, x0Before });
    this.#chunks = chunks(count, chunkSize).map(({ start, end }) => ({
      start,
      x: pair ? this.#between(pair, sharesOf(count).slice(start, end)) : this.#noise(start, end, 0),
      x0: null,
    }));
  }

  /** Denoising steps from the first frame to the last. */
  get numSteps(): number {
    return this.#times.length - 1;
  }

  /** True when the last frame given was the finished digits. */
  get isDone(): boolean {
    return this.#index === this.numSteps;
  }

  /** The noise first, then one denoising step a call. */
  async nextFrame(): Promise<SampleFrame> {
    if (this.#index >= 0) this.#denoise();
    this.#index++;
    return { index: this.#index, pixels: await toPixels(this.#chunks.map(({ x }) => x)) };
  }

  dispose(): void {
    tf.dispose([...this.#chunks.flatMap(tensorsOf), ...this.#weights]);
  }

  #denoise(): void {
    this.#chunks = this.#chunks.map((chunk) => {
      const next = { start: chunk.start, ...tf.tidy(() => this.#step(chunk)) };
      tf.dispose(tensorsOf(chunk));
      return next;
    });
  }

  #step({ start, x, x0 }: Chunk): SamplerStep {
    const [t, tNext] = this.#times.slice(this.#index) as [number, number];
    const isNoisy = tNext >= 0 && (this.#isAncestral || this.#eta > 0);
    const noise = isNoisy ? this.#noise(start, start + x.shape[0], this.#index + 1) : null;
    const options = { model: this.#model, schedule: this.#schedule, x, x0Before: x0, t, noise };
    return this.#isAncestral
      ? ancestralStep(options)
      : ddimStep({ ...options, tNext, eta: this.#eta });
  }

  #between({ images, t }: ImagePair, shares: number[]): tf.Tensor4D {
    return tf.tidy(() => {
      const schedule = this.#schedule;
      const key = { seed: this.#seed, stream: "interpolation", index: 0 } as const;
      const eps = halves(randomNormals(key, 2 * NUM_PIXELS));
      return noisedMidpoint({ schedule, pair: halves(images), eps, t, shares });
    });
  }

  /** Fresh noise for images `start` to `end` at a step; 0 is x_T. `[end - start, 28, 28, 1]`. */
  #noise(start: number, end: number, step: number): tf.Tensor4D {
    return normalImages(
      Array.from({ length: end - start }, (_, i) => {
        const index = step * MAX_COUNT + (this.#sharesNoise ? 0 : start + i);
        return { seed: this.#seed, stream: "sampling", index };
      }),
    );
  }
}

/** Two images one after the other, as two tensors. */
function halves(values: Float32Array): [tf.Tensor4D, tf.Tensor4D] {
  return [imageTensor(values.subarray(0, NUM_PIXELS)), imageTensor(values.subarray(NUM_PIXELS))];
}

/** Of the second of two images, from none to all of it; half for a single one. */
function sharesOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0.5 : i / (count - 1)));
}

/** Images that go through the network together. */
interface Chunk {
  /** Index of the first. */
  start: number;
  x: tf.Tensor4D;
  /** As predicted in the step before; null before the first. */
  x0: tf.Tensor4D | null;
}

function tensorsOf({ x, x0 }: Chunk): tf.Tensor[] {
  return x0 ? [x, x0] : [x];
}

/** From the model's range [-1, 1] to bytes. */
async function toPixels(images: readonly tf.Tensor4D[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts = await Promise.all(images.map((x) => x.data<"float32">()));
  const pixels = parts.flatMap((part) => Array.from(part, (value) => ((value + 1) / 2) * 255));
  // Rounds and clamps, unlike Uint8Array.
  return new Uint8Array(Uint8ClampedArray.from(pixels).buffer);
}
