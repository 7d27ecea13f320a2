import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./withGradient.ts";

/**
 * Sum over the images of the cross-entropy in nats, -log softmax(logits)[label]. A sum, so that parts
 * of a batch add up whatever their sizes; the caller divides by the size of the batch.
 *
 * @param logits `[B, K]`
 * @param targets 1 at the label, else 0, `[B, K]`; gets no gradient
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return withGradient([logits], () => {
    // So that no exponential overflows.
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const logProbabilities = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    const slope = tf.sub(tf.exp(logProbabilities), targets);
    return {
      value: tf.neg(tf.sum(tf.mul(targets, logProbabilities))),
      saved: [slope],
      gradient: (dy) => [tf.mul(slope, dy)],
    };
  });
}
