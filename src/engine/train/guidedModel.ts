import * as tf from "@tensorflow/tfjs-core";
import { type Condition, type Label, numGuidancePasses } from "../config/condition.ts";
import type { Model } from "../diffusion/model.ts";
import { labelRows } from "../nn/embedding.ts";
import type { NeuralNetwork } from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";

/** How a network with classes is asked for the images of a chunk. */
export interface ChunkCondition {
  /** `[B, classes + 1]`, see `labelRows`. */
  rows: tf.Tensor2D;
  guidance: number;
  /** See `numGuidancePasses`. */
  numPasses: 1 | 2;
}

/** The rows of images `start` to `end`; null is "no label". The caller disposes them. */
export function chunkCondition(
  condition: Condition,
  classes: number,
  { start, end }: { start: number; end: number },
): ChunkCondition {
  const { labels, guidance } = condition;
  const asked = labels.slice(start, end).map((label) => (guidance === 0 ? null : label));
  const rows = asked.flatMap((label) => rowOf(label, classes));
  return {
    rows: tf.tensor2d(rows, [asked.length, classes + 1]),
    guidance,
    numPasses: numGuidancePasses(condition),
  };
}

/** A row of `labelRows`, mixed of several where the label is. */
function rowOf(label: Label, classes: number): number[] {
  const row = new Array<number>(classes + 1).fill(0);
  const mixture = typeof label === "object" ? label : null;
  const { of, shares } = mixture ?? { of: [label as number | null], shares: [1] };
  of.forEach((one, i) => {
    row[one ?? classes] = (row[one ?? classes] as number) + (shares[i] as number);
  });
  return row;
}

/**
 * The network as a sampler calls it, with classifier-free guidance (Ho and Salimans 2022):
 * uncond + scale (cond - uncond). Both passes are one batch of twice the size.
 */
export function guidedModel(
  network: NeuralNetwork,
  parameters: Parameters,
  condition: ChunkCondition | null,
): Model {
  if (!condition || condition.numPasses === 1) {
    const labels = condition?.rows ?? null;
    return (x, timesteps, x0Before) =>
      network.forward(parameters, { x, timesteps, x0Before, labels });
  }
  const { rows, guidance } = condition;
  return (x, timesteps, x0Before) =>
    tf.tidy(() => {
      const none = labelRows(new Array(x.shape[0]).fill(network.classes), network.classes);
      const both = network.forward(parameters, {
        x: tf.concat([x, x]),
        timesteps: [...timesteps, ...timesteps],
        x0Before: x0Before && tf.concat([x0Before, x0Before]),
        labels: tf.concat([rows, none]),
      });
      const [cond, uncond] = tf.split(both, 2) as [tf.Tensor4D, tf.Tensor4D];
      return tf.add(uncond, tf.mul(tf.sub(cond, uncond), guidance));
    });
}
