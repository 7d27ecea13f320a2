/**
 * Compares an operation with a plain composition of stock operations: the operation runs on the
 * backend named, the oracle on the cpu backend, with the gradients that `@tensorflow/tfjs` registers.
 */
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { valueAndGradients } from "../../../src/ops/tape.ts";
import { withGradient } from "../../../src/ops/withGradient.ts";
import { randomNormals } from "../../../src/random.ts";
import { relativeError } from "../../relativeError.ts";

// Else it prints an advertisement of tfjs's backend for Node.
Object.assign(tf.findBackend("cpu"), { firstUse: false });

/** The fallback of a browser without WebGPU, and one that takes the paths of every other backend. */
export const BACKENDS = ["wasm", "cpu"] as const;

/** float32 sums in another order move results by less. */
const BOUND = 1e-5;

export interface ArrayValue {
  shape: number[];
  values: Float32Array;
}

export interface Comparison {
  backend: (typeof BACKENDS)[number];
  /** Gradients are compared for each of them. */
  inputs: readonly ArrayValue[];
  // Methods, so that functions of tensors of certain ranks may be given.
  operation(...inputs: tf.Tensor[]): tf.Tensor;
  oracle(...inputs: tf.Tensor[]): tf.Tensor;
}

/** Standard normal values; `index` tells inputs of the same shape apart. */
export function normal(shape: number[], index = 0): ArrayValue {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: randomNormals({ seed: size, stream: "noise", index }, size) };
}

export function tensorOf<T extends tf.Tensor>({ values, shape }: ArrayValue): T {
  return tf.tensor(values, shape) as T;
}

/** The value, and the gradients for a random gradient of the value, agree. */
export async function expectSame({ backend, inputs, operation, oracle }: Comparison) {
  const expected = await evaluate("cpu", inputs, oracle, stockGradients);
  const actual = await evaluate(backend, inputs, operation, gradientsOf);
  expectClose(actual.value, expected.value, "value");
  expect(actual.gradients).toHaveLength(inputs.length);
  actual.gradients.forEach((gradient, i) => {
    expectClose(gradient, expected.gradients[i] as ArrayValue, `gradient of input ${i}`);
  });
}

export function expectClose(actual: ArrayValue, expected: ArrayValue, what: string) {
  expect(actual.shape, what).toEqual(expected.shape);
  expect(relativeError(actual.values, expected.values), what).toBeLessThan(BOUND);
}

type GradientsOf = (
  compute: Comparison["operation"],
  inputs: tf.Tensor[],
  dy: tf.Tensor,
) => tf.Tensor[];

const stockGradients: GradientsOf = (compute, inputs, dy) => tf.grads(compute)(inputs, dy);

/** Those of our own operations, for a gradient of the value that is given. */
const gradientsOf: GradientsOf = (compute, inputs, dy) => {
  const alongDy = () => {
    const value = compute(...inputs);
    return withGradient<tf.Scalar>([value], () => ({
      value: tf.sum(tf.mul(value, dy)),
      gradient: (d) => [tf.mul(dy, d)],
    }));
  };
  return valueAndGradients(alongDy, inputs).gradients;
};

/** Value and gradients of a function, for a gradient of the value that depends on its shape alone. */
export async function evaluate(
  backend: Comparison["backend"],
  inputs: readonly ArrayValue[],
  compute: Comparison["operation"],
  gradients: GradientsOf = gradientsOf,
) {
  await tf.setBackend(backend);
  const result = tf.tidy(() => {
    const tensors = inputs.map((input) => tensorOf(input));
    const value = compute(...tensors);
    const dy = tensorOf(normal(value.shape, 100));
    return { value, gradients: gradients(compute, tensors, dy) };
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
