import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { chunks, imageAt } from "../data/imageOrder.ts";
import type { MeasureProgress } from "./figures.ts";

/** Training images in one matrix product, which take 6 MB. */
const MAX_CHUNK = 2048;
/** Distances in one matrix product. On WebAssembly it blocks the thread for some tenths of a second. */
const MAX_DISTANCES = 2 ** 20;
/** Subtracted from every pixel; see `nearestImages`. */
const MIDDLE_GRAY = 128;

export interface NearestImages {
  /** The index of the nearest image of each sample, or any of equally near ones, `[N]`. */
  indices: Int32Array;
  /** Root mean square difference of pixels: 0 for a copy, 1 between black and white. Exact, `[N]`. */
  distances: Float64Array;
}

/**
 * Finds for each sample the most similar image. With test images as samples, this shows how near images
 * are that the network cannot have copied.
 *
 * The nearest x has the smallest |x|²/2 - s·x. For pixels from -128 to 127 each sum of products is an
 * integer below 784 · 128² < 2^24, which float32 holds exactly in any order of summation. So even images
 * that hardly differ are told apart, up to a distance of 0.57; beyond it, with a precision of 2^-24.
 *
 * Reports after every chunk; ending the generator early frees what it holds.
 */
export async function* nearestImages(options: {
  /** `[N, 784]`, 0 black to 255 white; at least one. */
  samples: Uint8Array;
  /** The images to compare with, usually the training images: `[M, 784]`, 0 to 255. */
  among: Uint8Array;
}): AsyncGenerator<MeasureProgress, NearestImages> {
  const { samples, among } = options;
  const numSamples = samples.length / NUM_PIXELS;
  const totalImages = among.length / NUM_PIXELS;
  const indices = new Int32Array(numSamples);
  const squares = new Float64Array(numSamples).fill(Number.POSITIVE_INFINITY);
  const rows = tf.tensor2d(Float32Array.from(samples, centered), [numSamples, NUM_PIXELS]);
  const chunkSize = Math.min(MAX_CHUNK, Math.max(1, Math.floor(MAX_DISTANCES / numSamples)));
  try {
    for (const { start, end } of chunks(totalImages, chunkSize)) {
      const images = among.subarray(start * NUM_PIXELS, end * NUM_PIXELS);
      const places = await nearestInChunk(rows, images);
      places.forEach((place, sample) => {
        const square = squaredDifference(imageAt(samples, sample), imageAt(images, place));
        if (square >= (squares[sample] as number)) return;
        squares[sample] = square;
        indices[sample] = start + place;
      });
      yield { doing: "comparing", fraction: end / totalImages };
    }
  } finally {
    rows.dispose();
  }
  const distances = squares.map((square) => Math.sqrt(square / NUM_PIXELS) / 255);
  return { indices, distances };
}

function centered(pixel: number): number {
  return pixel - MIDDLE_GRAY;
}

/** The indices within the chunk. Only these are read from the device, not the distances. */
async function nearestInChunk(rows: tf.Tensor2D, images: Uint8Array): Promise<Int32Array> {
  const { columns, halfSquares } = asColumns(images);
  const places = tf.tidy(() => {
    const products = tf.matMul(rows, tf.tensor2d(columns, [NUM_PIXELS, halfSquares.length]));
    return tf.argMin(tf.sub(tf.tensor1d(halfSquares), products), 1);
  });
  try {
    return await places.data<"int32">();
  } finally {
    places.dispose();
  }
}

/**
 * Centered images as the columns of a matrix, `[784, M]`, since WebAssembly takes ten times as long for a
 * product that transposes a matrix.
 */
function asColumns(images: Uint8Array) {
  const numImages = images.length / NUM_PIXELS;
  const columns = new Float32Array(images.length);
  const halfSquares = new Float32Array(numImages);
  for (let image = 0; image < numImages; image++) {
    let square = 0;
    for (let p = 0; p < NUM_PIXELS; p++) {
      const pixel = centered(images[image * NUM_PIXELS + p] as number);
      columns[p * numImages + image] = pixel;
      square += pixel * pixel;
    }
    halfSquares[image] = square / 2;
  }
  return { columns, halfSquares };
}

/** Computed in integers, so that it is exactly 0 for a copy. */
function squaredDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let p = 0; p < NUM_PIXELS; p++) sum += ((a[p] as number) - (b[p] as number)) ** 2;
  return sum;
}
