import * as tf from "@tensorflow/tfjs-core";
import { addRows } from "../ops/elementwise.ts";
import type { Read, TimeEmbeddingParameters } from "./layerParameters.ts";
import { linearLayer } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

const THETA = 10_000;

/**
 * Sinusoidal embedding of timesteps (Vaswani et al. 2017, 3.5): the first half are
 * sin(t theta^(-i / (half - 1))), the second half the cosines.
 *
 * Every intermediate result is rounded to float32 as in PyTorch: at t = 999 the rounding of the angle
 * changes the fifth digit of its sine.
 *
 * @param timesteps integers, `[B]`
 * @param dim even, at least 4
 * @returns `[B, dim]`
 */
export function sinusoidalEmbedding(timesteps: ArrayLike<number>, dim: number): tf.Tensor2D {
  const half = dim / 2;
  const step = Math.fround(Math.log(THETA) / (half - 1));
  const frequencies = Float32Array.from({ length: half }, (_, i) =>
    Math.exp(Math.fround(i * -step)),
  );
  const embedding = new Float32Array(timesteps.length * dim);
  Array.from(timesteps).forEach((t, row) => {
    frequencies.forEach((frequency, i) => {
      const angle = Math.fround(t * frequency);
      embedding[row * dim + i] = Math.sin(angle);
      embedding[row * dim + half + i] = Math.cos(angle);
    });
  });
  return tf.tensor2d(embedding, [timesteps.length, dim]);
}

/** The time embedding that conditions every residual block, `[B, width]`: sinusoids, Linear, GELU, Linear. */
export function timeEmbedding(
  p: Parameters,
  { dim, first, second }: TimeEmbeddingParameters,
  timesteps: ArrayLike<number>,
): tf.Tensor2D {
  const sinusoids = sinusoidalEmbedding(timesteps, dim);
  return linearLayer(p, second, linearLayer(p, first, sinusoids), "gelu");
}

/**
 * Adds to the time embedding that of labels (Dhariwal and Nichol 2021, ADM).
 *
 * @param table `[classes + 1, width]`
 * @param rows see `labelRows`; null for "no label" everywhere
 */
export function withLabels(
  p: Parameters,
  table: Read<tf.Tensor2D>,
  { time, rows }: { time: tf.Tensor2D; rows: tf.Tensor2D | null },
): tf.Tensor2D {
  const value = table(p);
  const classes = value.shape[0] - 1;
  return addRows(time, rows ?? labelRows(new Array(time.shape[0]).fill(classes), classes), value);
}

/**
 * Labels as a network takes them, `[B, classes + 1]`: in each row a 1 at the label, in the last place for
 * "no label". Rows may be mixed.
 *
 * @param labels integers in [0, classes], `[B]`; `classes` is "no label"
 * @throws RangeError for another label
 */
export function labelRows(labels: ArrayLike<number>, classes: number): tf.Tensor2D {
  const rows = new Float32Array(labels.length * (classes + 1));
  Array.from(labels).forEach((label, row) => {
    if (!Number.isInteger(label) || label < 0 || label > classes) {
      throw new RangeError(`Expected a label from 0 to ${classes - 1}, got ${label}.`);
    }
    rows[row * (classes + 1) + label] = 1;
  });
  return tf.tensor2d(rows, [labels.length, classes + 1]);
}
