/**
 * What a network of one noise level does at that level and at others, which it has never seen (Berkeley CS180, project 5,
 * part B.1): it removes the noise of images in one pass. Beside it is what anyone would try first, a Gaussian blur, as wide
 * as does best at each level. Pure noise shows what is left when there is nothing to be seen: the best answer would be the
 * mean digit, which has the least squared error from all of them.
 */
import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { evenIndices } from "../config/snapshotSteps.ts";
import type { LabeledImages } from "../data/dataset.ts";
import { chunks, pickImages } from "../data/imageOrder.ts";
import { predictClippedStart } from "../diffusion/model.ts";
import { toModelRange, toPixels } from "../diffusion/noising.ts";
import { randomNormals } from "../random.ts";
import { type Denoiser, parametersOf } from "../train/gradient.ts";
import { guidedModel } from "../train/guidedModel.ts";
import { imageTensor } from "../train/images.ts";
import { gaussianBlur } from "./gaussianBlur.ts";

/** Standard deviations of the noise, where black is 0 and white is 1; that of the training comes besides. */
const SIGMAS = [0, 0.2, 0.4, 0.5, 0.6, 0.8, 1];

/** Images that the errors are means over, at most, and how many of them are shown. */
const [NUM_IMAGES, NUM_SHOWN] = [100, 4];

/** Widths of the blur that are tried, in pixels, rising; between 0 and 0.3 it changes next to nothing. */
const WIDTHS = [0, ...Array.from({ length: 28 }, (_, i) => (i + 3) / 10)];

/** Images, `[4, 28, 28]`, 0 black to 255 white, and the mean squared error of all 100 from what they should be, with gray values from 0 to 1. */
interface Shown {
  pixels: Uint8Array<ArrayBuffer>;
  error: number;
}

/** Images with noise of one strength, and what becomes of them. */
interface NoiseLevel {
  sigma: number;
  /** Whether the network was trained at it. */
  isTrained: boolean;
  noised: Shown;
  denoised: Shown;
  /** With the width, in pixels, that has the least error of these images. */
  blurred: Shown & { width: number };
}

export interface LevelsMeasured {
  levels: NoiseLevel[];
  /**
   * Pure noise, and what the network makes of it; its error is that from the mean digit. Around gray, with sigma 0.5, is what
   * digits are drawn from; over black, with sigma 1, what the courses take.
   */
  ofNoise: { around: "gray" | "black"; noise: Uint8Array<ArrayBuffer>; denoised: Shown }[];
  /** The mean of the training images, `[28, 28]`, and the error of the test images from it. */
  meanDigit: Shown;
  numImages: number;
}

/**
 * Measures a network that was trained at one noise level.
 *
 * @param options.chunkSize most images in one forward pass
 * @yields after each level
 */
export async function* measureLevels(options: {
  denoiser: Denoiser;
  /** The standard deviation of the noise in training. */
  trainedSigma: number;
  train: LabeledImages;
  /** Images that the network has not seen. */
  unseen: LabeledImages;
  chunkSize: number;
}): AsyncGenerator<void, LevelsMeasured> {
  const { denoiser, trainedSigma, train, unseen, chunkSize } = options;
  const sigmas = [...new Set([...SIGMAS, trainedSigma])].sort((a, b) => a - b);
  const numImages = Math.min(NUM_IMAGES, unseen.count);
  const clean = toGray(
    toModelRange(pickImages(unseen.images, evenIndices(unseen.count, numImages))),
  );
  const eps = noiseOf(numImages);
  const denoise = (images: Float32Array) => denoised(denoiser, images, chunkSize);
  const levels: NoiseLevel[] = [];
  // The best width grows with the noise.
  let narrowest = 0;
  for (const sigma of sigmas) {
    const noisy = clean.map((gray, i) => gray + sigma * (eps[i] as number));
    const blurredBy = (width: number) => ({ width, ...shown(gaussianBlur(noisy, width), clean) });
    let blurred = blurredBy(WIDTHS[narrowest] as number);
    for (const width of WIDTHS.slice(narrowest + 1)) {
      const wider = blurredBy(width);
      if (wider.error >= blurred.error) break;
      blurred = wider;
      narrowest++;
    }
    levels.push({
      sigma,
      isTrained: sigma === trainedSigma,
      noised: shown(noisy, clean),
      denoised: shown(await denoise(noisy), clean),
      blurred,
    });
    yield;
  }
  const mean = meanGray(train);
  const ofMean = Float32Array.from(clean, (_, i) => mean[i % NUM_PIXELS] as number);
  const noises = [
    // Standard normal in the network's range, -1 to 1.
    { around: "gray" as const, noise: toGray(eps) },
    { around: "black" as const, noise: eps },
  ];
  const ofNoise: LevelsMeasured["ofNoise"] = [];
  for (const { around, noise } of noises) {
    const answer = shown(await denoise(noise), ofMean);
    ofNoise.push({ around, noise: shownPixels(noise), denoised: answer });
    yield;
  }
  return {
    levels,
    ofNoise,
    meanDigit: { pixels: toPixels(toModel(mean)), error: shown(clean, ofMean).error },
    numImages,
  };
}

/** The same for each image at all levels, `[count, 28, 28]`. */
function noiseOf(count: number): Float32Array {
  const eps = new Float32Array(count * NUM_PIXELS);
  for (let index = 0; index < count; index++) {
    const key = { seed: 0, stream: "validationNoise", index } as const;
    eps.set(randomNormals(key, NUM_PIXELS), index * NUM_PIXELS);
  }
  return eps;
}

/** What the network makes of images in one pass; gray values, `[N, 28, 28]`. */
async function denoised(
  { network, values, schedule }: Denoiser,
  images: Float32Array,
  chunkSize: number,
): Promise<Float32Array> {
  const result = new Float32Array(images.length);
  for (const { start, end } of chunks(images.length / NUM_PIXELS, chunkSize)) {
    const [first, last] = [start * NUM_PIXELS, end * NUM_PIXELS];
    const predicted = tf.tidy(() => {
      const model = guidedModel(network, parametersOf(network, values), null);
      const x = imageTensor(toModel(images.subarray(first, last)));
      return predictClippedStart({ model, schedule, x, t: 0, before: null }).x0;
    });
    result.set(toGray(await predicted.data<"float32">()), first);
    predicted.dispose();
  }
  return result;
}

function meanGray({ images, count }: LabeledImages): Float32Array {
  const sums = new Float64Array(NUM_PIXELS);
  for (let i = 0; i < images.length; i++) {
    sums[i % NUM_PIXELS] = (sums[i % NUM_PIXELS] as number) + (images[i] as number);
  }
  return Float32Array.from(sums, (sum) => sum / (255 * count));
}

/** The first of the images, and the error of all; both are of what one sees, 0 black to 1 white. */
function shown(gray: Float32Array, wanted: Float32Array): Shown {
  let sum = 0;
  for (let i = 0; i < gray.length; i++) {
    const seen = Math.min(1, Math.max(0, gray[i] as number));
    sum += (seen - (wanted[i] as number)) ** 2;
  }
  return { pixels: shownPixels(gray), error: sum / gray.length };
}

function shownPixels(gray: Float32Array): Uint8Array<ArrayBuffer> {
  return toPixels(toModel(gray.subarray(0, NUM_SHOWN * NUM_PIXELS)));
}

/** From the network's range, -1 to 1, to gray values from 0 to 1. */
function toGray(values: Float32Array): Float32Array {
  return values.map((value) => (value + 1) / 2);
}

function toModel(gray: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(gray, (value) => 2 * value - 1);
}
