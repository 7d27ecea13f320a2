import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { adamW } from "../../../../src/engine/optim/adamw.ts";

const OPTIONS = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  adamEps: 1e-8,
  weightDecay: 0.1,
};
const START = [1, -2, 0.5, 0, 300];
/** One row a step; the fourth parameter never has a gradient. */
const GRADIENTS = [
  [0.3, -1, 1e-4, 0, 50],
  [-0.2, -1.5, 1e-3, 0, -20],
  [0.1, 4, -1e-4, 0, 3],
  [2, 0, 1e-5, 0, 7],
  [-0.7, 0.01, 1e-4, 0, -1000],
];

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Algorithm 2 of Loshchilov and Hutter in float64, for one parameter. */
function scalarAdamW(
  start: number,
  gradients: readonly number[],
  options: typeof OPTIONS,
): number[] {
  const { learningRate, beta1, beta2, adamEps, weightDecay } = options;
  let [theta, m, v] = [start, 0, 0];
  return gradients.map((g, i) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const mHat = m / (1 - beta1 ** (i + 1));
    const vHat = v / (1 - beta2 ** (i + 1));
    theta -= learningRate * (mHat / (Math.sqrt(vHat) + adamEps) + weightDecay * theta);
    return theta;
  });
}

/** The parameters after each step. */
async function train(options: typeof OPTIONS, gradients = GRADIENTS): Promise<number[][]> {
  let values = tf.tensor1d(START);
  let state = { mean: tf.zerosLike(values), square: tf.zerosLike(values) };
  const rows: number[][] = [];
  for (const [i, gradient] of gradients.entries()) {
    const at = { values, state, gradient: tf.tensor1d(gradient), step: i + 1 };
    ({ values, state } = adamW({ ...at, learningRate: options.learningRate, config: options }));
    rows.push(Array.from(await values.data()));
  }
  return rows;
}

describe("AdamW", () => {
  it.each<[string, typeof OPTIONS]>([
    ["as the table sets it", OPTIONS],
    ["without weight decay", { ...OPTIONS, weightDecay: 0 }],
    ["with an epsilon that matters", { ...OPTIONS, adamEps: 1e-2 }],
    ["without momentum", { ...OPTIONS, beta1: 0 }],
  ])("takes the steps of a float64 loop: %s", async (_, options) => {
    const rows = await train(options);
    START.forEach((start, p) => {
      const gradients = GRADIENTS.map((row) => row[p] as number);
      scalarAdamW(start, gradients, options).forEach((expected, step) => {
        const actual = rows[step]?.[p] as number;
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(
          2e-6 * Math.max(1, Math.abs(expected)),
        );
      });
    });
  });

  it("first moves every parameter by the learning rate, whatever the size of its gradient", async () => {
    const [first] = await train({ ...OPTIONS, weightDecay: 0 }, GRADIENTS.slice(0, 1));
    [-0.01, 0.01, -0.01, 0, -0.01].forEach((move, p) => {
      expect((first?.[p] as number) - (START[p] as number)).toBeCloseTo(move, 4);
    });
  });

  it("shrinks a parameter without gradient by learning rate x weight decay", async () => {
    const still = [[0, 0, 0, 0, 0]];
    const [first] = await train(OPTIONS, still);
    START.forEach((start, p) => {
      expect(first?.[p]).toBeCloseTo(start * (1 - 0.01 * 0.1), 4);
    });
  });
});
