import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  drawPoints,
  langevinTimes,
  pointPaths,
  predictedStarts,
} from "../../../../src/engine/quality/drawPoints.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { relativeError } from "../../../relativeError.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const CONFIG = smallConfig({
  architecture: "perceptron",
  width: 8,
  depth: 1,
  objective: "flow",
  timesteps: 10,
});

it("points follow from the seed, whatever their number, and are freed on the way", async () => {
  const denoiser = denoiserOf(CONFIG, null);
  const sampler = { kind: "ddim", timesteps: 5, spacing: "even" } as const;
  const draw = (count: number, seed = 3) => drawPoints({ denoiser, sampler, seed, count });
  await draw(1);
  const { numTensors } = tf.memory();
  const many = await draw(250);
  expect(many).toHaveLength(500);
  expect(many.every(Number.isFinite)).toBe(true);
  // No two points are the same.
  expect(new Set(many).size).toBeGreaterThan(490);
  const few = await draw(40);
  for (const [i, value] of few.entries()) expect(value).toBeCloseTo(many[i] as number, 4);
  expect(await draw(40, 4)).not.toEqual(few);
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe("the levels of a walk", () => {
  const walk = { level: 0.2, numSteps: 30 };

  it("are the same at every step where it is not annealed", () => {
    const times = langevinTimes({ ...walk, isAnnealed: false }, 101);
    expect(times).toEqual(new Array(30).fill(20));
  });

  it("fall evenly from the most noise in two thirds of the steps where it is, and then stay", () => {
    const times = langevinTimes({ ...walk, isAnnealed: true }, 101);
    expect(times).toHaveLength(30);
    expect(times.slice(0, 21)).toEqual(Array.from({ length: 21 }, (_, step) => 100 - 4 * step));
    expect(times.slice(20)).toEqual(new Array(10).fill(20));
  });
});

describe("points that are asked for by class", () => {
  const CLASSES = 3;
  /** With this guidance the answer "no label" of -0.5 and that of class k, which is k, become 1.5 k + 0.25. */
  const GUIDANCE = 1.5;

  /** Predicts that both coordinates are the class that is asked for, or -0.5 for "no label". */
  function labelDenoiser(): Denoiser {
    const denoiser = denoiserOf({ ...CONFIG, objective: "x0", classes: CLASSES }, null);
    const forward: Denoiser["network"]["forward"] = (_, { x, labels }) =>
      tf.tidy(() => {
        if (!labels) return tf.fill(x.shape, -0.5) as tf.Tensor4D;
        const answers = tf.tensor2d([0, 1, 2, -0.5], [CLASSES + 1, 1]);
        const ofPoints = tf.reshape(tf.matMul(labels, answers), [-1, 1, 1, 1]);
        return tf.mul(ofPoints, tf.onesLike(x)) as tf.Tensor4D;
      });
    return { ...denoiser, network: { ...denoiser.network, forward } };
  }

  /** More than one group has, and in the second group others in turn than in the first. */
  const COUNT = 1500;
  const labels = Array.from({ length: COUNT }, (_, i) => (i % 7 === 6 ? null : i % CLASSES));
  const sampler = { kind: "ddim", timesteps: 2, spacing: "even" } as const;

  /** Both coordinates of each point. */
  function answers(ofLabel: (label: number) => number, ofNone: number): number[] {
    return labels.flatMap((label) => {
      const answer = label === null ? ofNone : ofLabel(label);
      return [answer, answer];
    });
  }

  it.each([
    [0, answers(() => -0.5, -0.5)],
    [1, answers((label) => label, -0.5)],
    [GUIDANCE, answers((label) => 1.5 * label + 0.25, -0.5)],
  ])("are drawn each as its own with guidance %s, in all groups", async (guidance, expected) => {
    const denoiser = labelDenoiser();
    const points = await drawPoints({
      denoiser,
      sampler,
      seed: 1,
      count: COUNT,
      condition: { labels, guidance },
    });
    expect(relativeError(points, expected)).toBeLessThan(1e-6);
    denoiser.values.dispose();
  });

  it("are predicted each as its own", async () => {
    const denoiser = labelDenoiser();
    const options = { denoiser, points: new Float32Array(2 * COUNT), t: 4 };
    const condition = { labels, guidance: GUIDANCE };
    const expected = answers((label) => 1.5 * label + 0.25, -0.5);
    const asked = await predictedStarts({ ...options, condition });
    expect(relativeError(asked, expected)).toBeLessThan(1e-6);
    const unasked = await predictedStarts({ ...options, condition: null });
    expect([...unasked]).toEqual(new Array(2 * COUNT).fill(-0.5));
    denoiser.values.dispose();
  });

  it("begin as other noise in the second group, and the first group is that of fewer points", async () => {
    const denoiser = labelDenoiser();
    const firstFrame = async (count: number) => {
      const paths = pointPaths({ denoiser, sampler, seed: 1, count });
      for (;;) {
        const { done, value } = await paths.next();
        if (done) return value.frames[0] as Float32Array;
      }
    };
    const many = await firstFrame(COUNT);
    expect(many.subarray(0, 2000)).toEqual(await firstFrame(1000));
    expect(many.subarray(2000, 2020)).not.toEqual(many.subarray(0, 20));
    denoiser.values.dispose();
  });
});
