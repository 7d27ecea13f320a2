/** Fully connected layers, and their activations. */

import * as tf from "@tensorflow/tfjs-core";
import { plus } from "./elementwise.ts";
import { type ActivationName, runStep } from "./kernel.ts";
import { withGradients } from "./tape.ts";

interface Layer {
  /** `[I, O]`. */
  weight: tf.Tensor2D;
  /** `[O]`. */
  bias: tf.Tensor1D;
}

/** y = f(x) W + b, of x `[B, I]`, W `[I, O]` and b `[O]`. */
export function linear(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  activation: ActivationName | null = null,
): tf.Tensor2D {
  return linearLayers(x, [{ weight, bias }], activation)[0] as tf.Tensor2D;
}

/** Several layers of the same f(x), x `[B, I]`: `[B, O_j]` each. Without an activation f(x) = x. */
export function linearLayers(
  x: tf.Tensor2D,
  layers: readonly Layer[],
  activation: ActivationName | null = null,
): tf.Tensor2D[] {
  const parameters = layers.flatMap(({ weight, bias }) => [weight, bias]);
  const named = Object.fromEntries(
    layers.flatMap(({ weight, bias }, j) => [
      [`weight${j}`, weight],
      [`bias${j}`, bias],
    ]),
  );
  const attrs = { numLayers: layers.length, activation };
  return withGradients<tf.Tensor2D>([x, ...parameters], () => ({
    values: runStep("LinearLayers", {
      inputs: { x, ...named },
      attrs,
      composed: () => {
        const input = activated(activation, x);
        return layers.map((layer) => forward(input, layer));
      },
    }),
    gradient: (dValues, { isNeeded, takeSum }) => {
      const dys = dValues as tf.Tensor2D[];
      const ofInput = isNeeded[0] === true;
      const addend = takeSum<tf.Tensor2D>(0);
      const dNamed = Object.fromEntries(dys.map((dy, j) => [`dy${j}`, dy]));
      const gradients = runStep("LinearLayersGradient", {
        inputs: { x, ...named, ...dNamed, addend },
        attrs: { ...attrs, ofInput },
        composed: () => {
          const input = activated(activation, x);
          const ofParameters = dys.flatMap((dy) => weightGradient(input, dy));
          if (!ofInput) return ofParameters;
          // The last layer's comes first, as if each were an operation of its own.
          const dInput = dys.reduceRight<tf.Tensor2D | undefined>(
            (sum, dy, j) => inputGradient(dy, (layers[j] as Layer).weight, sum),
            activation ? undefined : addend,
          ) as tf.Tensor2D;
          const dX = activation ? plus(activationGradient(activation, x, dInput), addend) : dInput;
          return [dX, ...ofParameters];
        },
      });
      return ofInput ? gradients : [undefined, ...gradients];
    },
  }));
}

function forward(x: tf.Tensor2D, { weight, bias }: Layer): tf.Tensor2D {
  return runStep("Linear", {
    inputs: { x, weight, bias },
    composed: () => tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias),
  });
}

function weightGradient(x: tf.Tensor2D, dy: tf.Tensor2D): tf.Tensor[] {
  return runStep("LinearWeightGradient", {
    inputs: { x, dy },
    composed: () => [tf.matMul(tf.transpose(x), dy), tf.sum(dy, 0)],
  });
}

function inputGradient(dy: tf.Tensor2D, weight: tf.Tensor2D, addend: tf.Tensor2D | undefined) {
  return runStep("LinearInputGradient", {
    inputs: { dy, weight, addend },
    composed: () => plus(tf.matMul<tf.Tensor2D>(dy, tf.transpose(weight)), addend),
  });
}

const FUNCTIONS: Record<
  ActivationName,
  { value: (x: tf.Tensor) => tf.Tensor; gradient: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor }
> = {
  /** SiLU, x sigmoid(x) (Elfwing et al. 2018). */
  silu: { value: (x) => tf.mul(x, tf.sigmoid(x)), gradient: siluGradient },
  /** Exact GELU, x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016). */
  gelu: {
    value: (x) => tf.mul(x, phi(x)),
    gradient: (dy, x) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(phi(x), tf.mul(x, density)));
    },
  },
};

/** f(x), or x itself where there is none. */
export function activated<T extends tf.Tensor>(name: ActivationName | null, x: T): T {
  if (!name) return x;
  return runStep("Activation", {
    inputs: { x },
    attrs: { name },
    composed: () => FUNCTIONS[name].value(x) as T,
  });
}

/** dL/dx from dL/df(x). */
export function activationGradient<T extends tf.Tensor>(name: ActivationName, x: T, dy: T): T {
  return runStep("ActivationGradient", {
    inputs: { x, dy },
    attrs: { name },
    composed: () => FUNCTIONS[name].gradient(dy, x) as T,
  });
}

/** dL/dv for y = v sigmoid(v): dy s (1 + v (1 - s)), s = sigmoid(v). */
export function siluGradient<T extends tf.Tensor>(dy: T, v: tf.Tensor): T {
  const s = tf.sigmoid(v);
  const y = tf.mul(v, s);
  // s (1 + v (1 - s)) = s + y - y s
  return tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))));
}

function phi(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}
