import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { chunks } from "../data/batches.ts";
import { ancestralStep } from "../diffusion/ancestral.ts";
import { ddimStep, ddimTimesteps } from "../diffusion/ddim.ts";
import type { Model, SamplerStep } from "../diffusion/model.ts";
import type { Schedule } from "../diffusion/schedule.ts";
import { byName, splitParameters } from "../nn/parameters.ts";
import { randomNormals } from "../random.ts";
import type { Denoiser } from "./gradient.ts";

const NUM_PIXELS = IMAGE_SIZE ** 2;
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
}

export interface SampleFrame {
  /** 0 is the noise, `numSteps` the finished digits. */
  index: number;
  /** `[count, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
}

/**
 * Digits out of noise, frame by frame, by DDIM or ancestral sampling. The weights are copied at the start, so that training
 * may go on between two frames. Image i depends on the seed and i alone, not on the count.
 * The owner disposes it.
 */
export class DigitSampler {
  readonly #schedule: Schedule;
  readonly #times: readonly number[];
  readonly #eta: number;
  readonly #seed: number;
  readonly #weights: tf.Tensor[];
  readonly #model: Model;
  #chunks: Chunk[];
  #index = -1;

  constructor({ denoiser, count, numSteps, eta, seed, chunkSize }: SamplingOptions) {
    const { unet, schedule, values } = denoiser;
    this.#schedule = schedule;
    this.#times = ddimTimesteps(schedule.numTimesteps, numSteps);
    this.#eta = eta;
    this.#seed = seed;
    this.#weights = tf.tidy(() => splitParameters(unet.parameters, values));
    const parameters = byName(unet.parameters, this.#weights);
    this.#model = (x, timesteps, x0Before) => unet.forward(parameters, { x, timesteps, x0Before });
    this.#chunks = chunks(count, chunkSize).map(({ start, end }) => ({
      start,
      x: this.#noise(start, end, 0),
      x0: null,
    }));
  }

  /** True when the last frame given was the finished digits. */
  get isDone(): boolean {
    return this.#index === this.#times.length - 1;
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
    const isAncestral = this.#times.length - 1 === this.#schedule.numTimesteps;
    const isNoisy = tNext >= 0 && (isAncestral || this.#eta > 0);
    const noise = isNoisy ? this.#noise(start, start + x.shape[0], this.#index + 1) : null;
    const options = { model: this.#model, schedule: this.#schedule, x, x0Before: x0, t, noise };
    return isAncestral ? ancestralStep(options) : ddimStep({ ...options, tNext, eta: this.#eta });
  }

  /** Fresh noise for images `start` to `end` at a step; 0 is x_T. `[end - start, 28, 28, 1]`. */
  #noise(start: number, end: number, step: number): tf.Tensor4D {
    const noise = new Float32Array((end - start) * NUM_PIXELS);
    for (let i = start; i < end; i++) {
      const index = step * MAX_COUNT + i;
      const key = { seed: this.#seed, stream: "sampling", index } as const;
      noise.set(randomNormals(key, NUM_PIXELS), (i - start) * NUM_PIXELS);
    }
    return tf.tensor4d(noise, [end - start, IMAGE_SIZE, IMAGE_SIZE, 1]);
  }
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
