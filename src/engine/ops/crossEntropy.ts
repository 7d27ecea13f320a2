import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./tape.ts";

/**
 * Cross-entropy in nats, -log softmax(logits)[label], summed over the images. The caller divides by the
 * batch size; a sum lets parts of a batch of any size add up.
 *
 * @param logits `[B, K]`
 * @param targets one-hot labels, `[B, K]`; gets no gradient
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return withGradient([logits], () => {
    // Prevents overflow of the exponential.
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
