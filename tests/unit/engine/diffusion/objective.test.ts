import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { gather, mixingAt, qSample } from "../../../../src/engine/diffusion/forward.ts";
import {
  OBJECTIVE_FORMULAS,
  predictNoise,
} from "../../../../src/engine/diffusion/objectiveFormulas.ts";
import { createNoiseSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { relativeError } from "../../../relativeError.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const TIMESTEPS = [0, 400, 999];

function images(seed: number): tf.Tensor4D {
  return tf.randomUniform([3, 4, 4, 1], -1, 1, "float32", seed);
}

async function expectEqual(actual: tf.Tensor, expected: tf.Tensor, bound = 1e-5) {
  expect(actual.shape).toEqual(expected.shape);
  expect(relativeError(await actual.data(), await expected.data())).toBeLessThan(bound);
}

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("gather", () => {
  it("gives each image the table's value at its own timestep", async () => {
    const table = Float64Array.of(0.25, 4, 9);
    const values = gather(table, [2, 0, 1, 2]);
    expect(values.shape).toEqual([4, 1, 1, 1]);
    expect(Array.from(await values.data())).toEqual([9, 0.25, 4, 9]);
  });
});

describe("qSample", () => {
  const constant = (alphaBar: number) => ({
    ...sigmoidSchedule(1),
    signals: Float64Array.of(Math.sqrt(alphaBar)),
    noises: Float64Array.of(Math.sqrt(1 - alphaBar)),
  });

  it("returns x0 unchanged when alphaBar is 1", async () => {
    const x0 = images(1);
    const xT = qSample(x0, images(2), mixingAt(constant(1), [0, 0, 0]));
    expect(await xT.array()).toEqual(await x0.array());
  });

  it("returns the noise when alphaBar is 0", async () => {
    const eps = images(2);
    const xT = qSample(images(1), eps, mixingAt(constant(0), [0, 0, 0]));
    expect(await xT.array()).toEqual(await eps.array());
  });

  it("mixes by the roots of alphaBar and of its rest, image by image", async () => {
    const schedule = sigmoidSchedule(1000);
    const { alphaBars } = createNoiseSchedule("sigmoid", 1000);
    const ones = tf.ones<tf.Rank.R4>([3, 1, 1, 1]);
    const xT = await qSample(ones, tf.mul(ones, 10), mixingAt(schedule, TIMESTEPS)).data();
    TIMESTEPS.forEach((t, i) => {
      const alphaBar = alphaBars[t] as number;
      expect(xT[i]).toBeCloseTo(Math.sqrt(alphaBar) + 10 * Math.sqrt(1 - alphaBar), 5);
    });
  });
});

describe("x_0 and eps", () => {
  const schedule = sigmoidSchedule(1000);

  it.each([
    ["v", 1e-5],
    // Divides by sqrt(alphaBar), 0.006 at the last timestep.
    ["noise", 1e-3],
    ["x0", 0],
  ] as const)(
    "are known from a prediction of %s, at the first, a middle and the last timestep",
    async (objective, bound) => {
      const [x0, eps, mixing] = [images(1), images(2), mixingAt(schedule, TIMESTEPS)];
      const xT = qSample(x0, eps, mixing);
      const prediction = OBJECTIVE_FORMULAS[objective].target({ x0, eps, mixing });
      await expectEqual(
        OBJECTIVE_FORMULAS[objective].predictStart({ xT, prediction, mixing }),
        x0,
        bound + 1e-12,
      );
      // Divides by sqrt(1 - alphaBar), 0.01 at t = 0.
      await expectEqual(predictNoise(xT, x0, mixing), eps, 1e-4);
    },
  );

  it("v is eps at full signal and -x_0 at full noise", async () => {
    const [x0, eps] = [images(1), images(2)];
    const [zero, one] = [tf.zeros<tf.Rank.R4>([3, 1, 1, 1]), tf.ones<tf.Rank.R4>([3, 1, 1, 1])];
    const atFullSignal = { signal: one, noise: zero };
    await expectEqual(OBJECTIVE_FORMULAS.v.target({ x0, eps, mixing: atFullSignal }), eps);
    const atFullNoise = { signal: zero, noise: one };
    await expectEqual(OBJECTIVE_FORMULAS.v.target({ x0, eps, mixing: atFullNoise }), tf.neg(x0));
  });
});
