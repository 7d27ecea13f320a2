import * as tf from "@tensorflow/tfjs-core";
import { mixImages } from "../ops/elementwise.ts";
import type { Mixing } from "./forward.ts";
import type { ObjectiveId } from "./objectives.ts";

interface ObjectiveFormulas {
  /** What the network is to predict for images x_0 mixed with noise eps. */
  target(of: { x0: tf.Tensor4D; eps: tf.Tensor4D; mixing: Mixing }): tf.Tensor4D;
  /** The x_0 that follows from a prediction of the network. */
  predictStart(of: { xT: tf.Tensor4D; prediction: tf.Tensor4D; mixing: Mixing }): tf.Tensor4D;
}

export const OBJECTIVE_FORMULAS: Record<ObjectiveId, ObjectiveFormulas> = {
  /** v = sqrt(alphaBar) eps - sqrt(1 - alphaBar) x_0 (Salimans and Ho 2022, appendix D). */
  v: {
    target: ({ x0, eps, mixing }) => mixImages([eps, mixing.signal], [x0, mixing.noise], -1),
    /** sqrt(alphaBar) x_t - sqrt(1 - alphaBar) v. */
    predictStart: ({ xT, prediction, mixing }) =>
      mixImages([xT, mixing.signal], [prediction, mixing.noise], -1),
  },
  noise: {
    target: ({ eps }) => eps,
    /** (x_t - sqrt(1 - alphaBar) eps) / sqrt(alphaBar). */
    predictStart: ({ xT, prediction, mixing }) =>
      tf.div(tf.sub(xT, tf.mul(prediction, mixing.noise)), mixing.signal),
  },
  x0: { target: ({ x0 }) => x0, predictStart: ({ prediction }) => prediction },
  oneLevel: { target: ({ x0 }) => x0, predictStart: ({ prediction }) => prediction },
  /** eps - x_0, the derivative of x_t by the factor of the noise (Lipman et al. 2023; Liu et al. 2023). */
  flow: {
    target: ({ x0, eps }) => tf.sub(eps, x0),
    /** x_t - sigma (eps - x_0). */
    predictStart: ({ xT, prediction, mixing }) => tf.sub(xT, tf.mul(prediction, mixing.noise)),
  },
};

/** eps from x_t and an x_0: (x_t - alpha x_0) / sigma, alpha and sigma being the factors of image and noise. */
export function predictNoise(xT: tf.Tensor4D, x0: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return tf.div(tf.sub(xT, tf.mul(x0, mixing.signal)), mixing.noise);
}
