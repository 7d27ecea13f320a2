import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { chunks } from "../data/batches.ts";
import { ddimStep, ddimTimesteps, type Model } from "../diffusion/ddim.ts";
import type { Schedule } from "../diffusion/schedule.ts";
import { byName, splitParameters } from "../nn/parameters.ts";
import { randomNormals } from "../random.ts";
import type { Denoiser } from "./gradient.ts";

const NUM_PIXELS = IMAGE_SIZE ** 2;

export interface SamplingOptions {
  denoiser: Denoiser;
  count: number;
  /** DDIM steps, 1 to T. */
  numSteps: number;
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
 * Digits out of noise by DDIM, frame by frame. The weights are copied at the start, so that training
 * may go on between two frames. Image i depends on the seed and i alone, not on the count.
 * The owner disposes it.
 */
export class DigitSampler {
  readonly #schedule: Schedule;
  readonly #times: readonly number[];
  readonly #weights: tf.Tensor[];
  readonly #model: Model;
  #images: tf.Tensor4D[];
  #index = -1;

  constructor({ denoiser, count, numSteps, seed, chunkSize }: SamplingOptions) {
    const { unet, schedule, values } = denoiser;
    this.#schedule = schedule;
    this.#times = ddimTimesteps(schedule.numTimesteps, numSteps);
    this.#weights = tf.tidy(() => splitParameters(unet.parameters, values));
    const parameters = byName(unet.parameters, this.#weights);
    this.#model = (x, timesteps) => unet.forward(parameters, x, timesteps);
    this.#images = chunks(count, chunkSize).map(({ start, end }) => startNoise(seed, start, end));
  }

  /** True when the last frame given was the finished digits. */
  get isDone(): boolean {
    return this.#index === this.#times.length - 1;
  }

  /** The noise first, then one denoising step a call. */
  async nextFrame(): Promise<SampleFrame> {
    if (this.#index >= 0) this.#denoise();
    this.#index++;
    return { index: this.#index, pixels: await toPixels(this.#images) };
  }

  dispose(): void {
    tf.dispose([...this.#images, ...this.#weights]);
  }

  #denoise(): void {
    const [t, tNext] = this.#times.slice(this.#index) as [number, number];
    const next = this.#images.map((x) => ddimStep(this.#model, this.#schedule, x, { t, tNext }));
    tf.dispose(this.#images);
    this.#images = next;
  }
}

/** x_T of images `start` to `end`, `[end - start, 28, 28, 1]`. */
function startNoise(seed: number, start: number, end: number): tf.Tensor4D {
  const noise = new Float32Array((end - start) * NUM_PIXELS);
  for (let i = start; i < end; i++) {
    const key = { seed, stream: "sampling", index: i } as const;
    noise.set(randomNormals(key, NUM_PIXELS), (i - start) * NUM_PIXELS);
  }
  return tf.tensor4d(noise, [end - start, IMAGE_SIZE, IMAGE_SIZE, 1]);
}

/** From the model's range [-1, 1] to bytes. */
async function toPixels(images: readonly tf.Tensor4D[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts = await Promise.all(images.map((x) => x.data<"float32">()));
  const pixels = parts.flatMap((part) => Array.from(part, (value) => ((value + 1) / 2) * 255));
  // Rounds and clamps, unlike Uint8Array.
  return new Uint8Array(Uint8ClampedArray.from(pixels).buffer);
}
