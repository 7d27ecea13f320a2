import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { chunks } from "../data/batches.ts";
import { ddimStep, ddimTimesteps } from "../diffusion/ddim.ts";
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
 * Digits out of noise by DDIM, frame by frame. The weights are those at the first frame, even if
 * training goes on between two frames. Image i depends on the seed and i alone, not on the count.
 */
export async function* sampleDigits(options: SamplingOptions): AsyncGenerator<SampleFrame, void> {
  const { denoiser, count, numSteps, seed, chunkSize } = options;
  const { unet, schedule } = denoiser;
  const weights = tf.tidy(() => splitParameters(unet.parameters, denoiser.values));
  const parameters = byName(unet.parameters, weights);
  const model = (x: tf.Tensor4D, timesteps: Int32Array) => unet.forward(parameters, x, timesteps);
  let images = chunks(count, chunkSize).map(({ start, end }) => startNoise(seed, start, end));
  try {
    yield { index: 0, pixels: await toPixels(images) };
    const times = ddimTimesteps(schedule.numTimesteps, numSteps);
    for (let i = 0; i < numSteps; i++) {
      const step = { t: times[i] as number, tNext: times[i + 1] as number };
      const next = images.map((x) => ddimStep(model, schedule, x, step));
      tf.dispose(images);
      images = next;
      yield { index: i + 1, pixels: await toPixels(images) };
    }
  } finally {
    tf.dispose([...images, ...weights]);
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
