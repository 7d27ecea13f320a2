/** Fully connected layers. */

import * as tf from "@tensorflow/tfjs-core";
import { plus } from "./elementwise.ts";
import { runStep } from "./kernel.ts";
import { withGradient, withGradients } from "./tape.ts";

/** y = x W + b, of x `[B, I]`, W `[I, O]` and b `[O]`. */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return withGradient([x, weight, bias], () => ({
    value: forward(x, { weight, bias }),
    gradient: (dValue, { isNeeded, takeSum }) => {
      const dy = dValue as tf.Tensor2D;
      const [dWeight, dBias] = weightGradient(x, dy);
      return [isNeeded[0] ? inputGradient(dy, weight, takeSum(0)) : undefined, dWeight, dBias];
    },
  }));
}

interface Layer {
  /** `[I, O]`. */
  weight: tf.Tensor2D;
  /** `[O]`. */
  bias: tf.Tensor1D;
}

/** Several layers of the same input, x `[B, I]`: `[B, O_j]` each. */
export function linearLayers(x: tf.Tensor2D, layers: readonly Layer[]): tf.Tensor2D[] {
  const parameters = layers.flatMap(({ weight, bias }) => [weight, bias]);
  const numLayers = layers.length;
  const named = Object.fromEntries(
    layers.flatMap(({ weight, bias }, j) => [
      [`weight${j}`, weight],
      [`bias${j}`, bias],
    ]),
  );
  return withGradients<tf.Tensor2D>([x, ...parameters], () => ({
    values: runStep("LinearLayers", {
      inputs: { x, ...named },
      attrs: { numLayers },
      composed: () => layers.map((layer) => forward(x, layer)),
    }),
    gradient: (dValues, { takeSum }) => {
      const dys = dValues as tf.Tensor2D[];
      const addend = takeSum<tf.Tensor2D>(0);
      const dNamed = Object.fromEntries(dys.map((dy, j) => [`dy${j}`, dy]));
      return runStep("LinearLayersGradient", {
        inputs: { x, ...named, ...dNamed, addend },
        attrs: { numLayers },
        composed: () => [
          // The last layer's comes first, as if each were an operation of its own.
          dys.reduceRight<tf.Tensor2D | undefined>(
            (sum, dy, j) => inputGradient(dy, (layers[j] as Layer).weight, sum),
            addend,
          ) as tf.Tensor2D,
          ...dys.flatMap((dy) => weightGradient(x, dy)),
        ],
      });
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
