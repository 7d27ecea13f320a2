/** Values and gradients of operations, on any backend. */
import * as tf from "@tensorflow/tfjs-core";
import { joinGradients } from "../src/engine/ops/parameterVector.ts";
import { valueAndGradients, withGradient } from "../src/engine/ops/tape.ts";
import { randomNormals } from "../src/engine/random.ts";

export interface ArrayValue {
  shape: number[];
  values: Float32Array;
}

// A bivariant method, so that functions of tensors of certain ranks may be given.
export type Operation = { of(...inputs: tf.Tensor[]): tf.Tensor }["of"];

export type GradientsOf = (operation: Operation, inputs: tf.Tensor[], dy: tf.Tensor) => tf.Tensor[];

/** Standard normal values; `index` tells inputs of the same shape apart. */
export function normal(shape: number[], index = 0): ArrayValue {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: randomNormals({ seed: size, stream: "noise", index }, size) };
}

export function tensorOf<T extends tf.Tensor>({ values, shape }: ArrayValue): T {
  return tf.tensor(values, shape) as T;
}

/** Those of our own operations. */
export const gradientsOf: GradientsOf = (operation, inputs, dy) => {
  const alongDy = () => {
    const value = operation(...inputs);
    return withGradient<tf.Scalar>([value], () => ({
      value: tf.sum(tf.mul(value, dy)),
      gradient: (d) => [tf.mul(dy, d)],
    }));
  };
  // Gradients of parameters may come in parts.
  return valueAndGradients(alongDy, inputs).gradients.map((gradient, i) => {
    const input = inputs[i] as tf.Tensor;
    return tf.reshape(joinGradients([input], [gradient]), input.shape);
  });
};

/** Value and gradients, for a random gradient of the value that depends on its shape alone. */
export async function evaluate(
  backend: string,
  inputs: readonly ArrayValue[],
  operation: Operation,
  gradients: GradientsOf = gradientsOf,
): Promise<{ value: ArrayValue; gradients: ArrayValue[] }> {
  await tf.setBackend(backend);
  const result = tf.tidy(() => {
    const tensors = inputs.map((input) => tensorOf(input));
    const value = operation(...tensors);
    const dy = tensorOf(normal(value.shape, 100));
    return { value, gradients: gradients(operation, tensors, dy) };
  });
  const read = {
    value: await arrayOf(result.value),
    gradients: await Promise.all(result.gradients.map(arrayOf)),
  };
  tf.dispose([result.value, result.gradients]);
  return read;
}

async function arrayOf(tensor: tf.Tensor): Promise<ArrayValue> {
  return { shape: tensor.shape, values: await tensor.data<"float32">() };
}
