/**
 * Compares an operation with a plain composition of stock operations: the operation runs on the
 * backend named, the oracle on the cpu backend, with the gradients that `@tensorflow/tfjs` registers.
 */
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { type ArrayValue, evaluate, type GradientsOf, type Operation } from "../../../evaluate.ts";
import { relativeError } from "../../../relativeError.ts";

// Else it prints an advertisement of tfjs's backend for Node.
Object.assign(tf.findBackend("cpu"), { firstUse: false });

/** The fallback of a browser without WebGPU, and one that takes the paths of every other backend. */
export const BACKENDS = ["wasm", "cpu"] as const;

/** float32 sums in another order move results by less. */
const BOUND = 1e-5;

export interface Comparison {
  backend: (typeof BACKENDS)[number];
  /** Gradients are compared for each of them. */
  inputs: readonly ArrayValue[];
  operation: Operation;
  oracle: Operation;
}

/** The value, and the gradients for a random gradient of the value, agree. */
export async function expectSame({ backend, inputs, operation, oracle }: Comparison) {
  const expected = await evaluate("cpu", inputs, oracle, stockGradients);
  const actual = await evaluate(backend, inputs, operation);
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

const stockGradients: GradientsOf = (operation, inputs, dy) => tf.grads(operation)(inputs, dy);
