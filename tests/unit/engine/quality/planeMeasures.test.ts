import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { freshPoints, pointData } from "../../../../src/engine/data/points.ts";
import { posteriorMeans } from "../../../../src/engine/diffusion/exactDenoiser.ts";
import { flowedFrom } from "../../../../src/engine/diffusion/reflow.ts";
import { createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { langevinWalk, predictedStarts } from "../../../../src/engine/quality/drawPoints.ts";
import { FieldMeter, measurePlane } from "../../../../src/engine/quality/planeMeasures.ts";
import {
  chamferDistance,
  slicedWasserstein,
} from "../../../../src/engine/quality/pointDistances.ts";
import { PointMeter } from "../../../../src/engine/quality/pointMeter.ts";
import { comparedSamplers } from "../../../../src/engine/quality/samplerComparison.ts";
import type { Denoiser } from "../../../../src/engine/train/gradient.ts";
import { denoiserOf, scheduleOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const CONFIG = smallConfig({
  architecture: "perceptron",
  width: 8,
  depth: 1,
  objective: "x0",
  timesteps: 100,
  points: "gaussians",
  numPoints: 500,
});

/** Answers as if all data were one Gaussian of this variance around 0: x_0 = a s / (a² s + b²) x, for an objective x0. */
function gaussianDenoiser(variance: number): Denoiser {
  const denoiser = denoiserOf(CONFIG, null);
  const { signals, noises } = scheduleOf(CONFIG);
  const forward: Denoiser["network"]["forward"] = (_, { x, timesteps }) =>
    tf.tidy(() => {
      const factors = Array.from(timesteps, (t) => {
        const [a, b] = [signals[t] as number, noises[t] as number];
        return (a * variance) / (a * a * variance + b * b);
      });
      return tf.mul(x, tf.tensor4d(factors, [factors.length, 1, 1, 1])) as tf.Tensor4D;
    });
  return { ...denoiser, network: { ...denoiser.network, forward } };
}

/**
 * Answers exactly, for an objective x0, where data are eight Gaussians of standard deviation s = 0.15 on a circle: with the mean c
 * of their centers, each weighted by how likely x_t comes from it, x_0 = c + a s² / (a² s² + b²) (x_t - a c).
 */
function exactDenoiser(config: typeof CONFIG): Denoiser {
  const denoiser = denoiserOf(config, null);
  const { signals, noises } = denoiser.schedule;
  const angles = Array.from({ length: 8 }, (_, k) => (k * Math.PI) / 4);
  const circle = angles.map((angle) => [1.8 * Math.cos(angle), 1.8 * Math.sin(angle)]);
  const forward: Denoiser["network"]["forward"] = (_, { x, timesteps }) =>
    tf.tidy(() => {
      const t = timesteps[0] as number;
      const [a, b] = [signals[t] as number, noises[t] as number];
      const variance = a * a * 0.15 ** 2 + b * b;
      const xT = tf.reshape(x, [-1, 2]);
      // As all centers are as far from the middle, the exponents differ in the product of point and center alone.
      const products = tf.matMul(xT, tf.tensor2d(circle), false, true);
      const center = tf.matMul(tf.softmax(tf.mul(products, a / variance)), tf.tensor2d(circle));
      const ofPoint = (a * 0.15 ** 2) / variance;
      const x0 = tf.add(tf.mul(center, 1 - a * ofPoint), tf.mul(xT, ofPoint));
      return tf.reshape(x0, x.shape);
    });
  return { ...denoiser, network: { ...denoiser.network, forward } };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number) / numbers.length;
}

async function all<T>(work: AsyncGenerator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

describe("the meter of points", () => {
  const meter = new PointMeter(CONFIG, 400);

  it("finds fresh points about as near as fresh points are to each other", () => {
    const fresh = freshPoints({ ...CONFIG, seed: 9 }, 400).images as Float32Array;
    const { wasserstein, chamfer } = meter.measure(fresh);
    expect(wasserstein).toBeGreaterThan(0.2);
    expect(wasserstein).toBeLessThan(4);
    expect(chamfer).toBeCloseTo(1, 0);
  });

  it("compares with the mean over six sets, relative to that over all pairs of them", () => {
    const count = 320;
    const fresh = freshPoints(CONFIG, 6 * count).images as Float32Array;
    const sets = [0, 1, 2, 3, 4, 5].map((i) =>
      fresh.subarray(2 * count * i, 2 * count * (i + 1)),
    ) as Float32Array[];
    const points = freshPoints({ ...CONFIG, seed: 9 }, count).images as Float32Array;
    const ratio = (distance: (a: Float32Array, b: Float32Array) => number) => {
      const ofPairs = sets.flatMap((a, i) => sets.slice(i + 1).map((b) => distance(a, b)));
      expect(ofPairs).toHaveLength(15);
      return mean(sets.map((set) => distance(points, set))) / mean(ofPairs);
    };
    // The Chamfer distance is of 300 points alone.
    const few = (set: Float32Array) => set.subarray(0, 2 * 300);
    const measured = new PointMeter(CONFIG, count).measure(points);
    expect(measured.wasserstein).toBeCloseTo(ratio(slicedWasserstein), 10);
    expect(measured.chamfer).toBeCloseTo(
      ratio((a, b) => chamferDistance(few(a), few(b))),
      10,
    );
  });

  it("compares with points that are in neither part of the data", () => {
    const { train, validation } = pointData(CONFIG);
    const seen = new Set([...train.images, ...validation.images]);
    const fresh = [...freshPoints(CONFIG, 1000).images];
    // Of coordinates in float32 a few are the same by chance.
    expect(fresh.filter((coordinate) => seen.has(coordinate)).length).toBeLessThan(20);
  });

  it("finds points of another kind far away", () => {
    const moons = freshPoints({ ...CONFIG, points: "moons" }, 400).images as Float32Array;
    expect(meter.measure(moons).wasserstein).toBeGreaterThan(5);
  });
});

describe("what a network of points has learned", () => {
  it("is measured at each noise level against the exact answer, and by sampler", async () => {
    // No sampler takes more steps than there are timesteps: with few there is less to wait for.
    const config = { ...CONFIG, timesteps: 12 };
    const denoiser = exactDenoiser(config);
    const { fieldErrors, samplers } = await all(measurePlane(denoiser, config));
    expect(fieldErrors.map(({ t }) => t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const [least, most] = [fieldErrors[0], fieldErrors.at(-1)];
    // Hardly any noise hides where a point was, and much hides it in all of eight places, 1.8 from the middle.
    expect(least?.unavoidable).toBeLessThan(0.03);
    expect(most?.unavoidable).toBeGreaterThan(2);
    // All Gaussians and the 500 points of them that the exact answer is of differ by little.
    for (const { error } of fieldErrors) expect(error).toBeLessThan(0.02);
    const compared = samplers.map(({ sampler, numPasses }) => ({ sampler, numPasses }));
    expect(compared).toEqual(comparedSamplers(12, "x0"));
    // An exact field leads to points that are as good as fresh ones, by whatever sampler, if its steps are not too few.
    const manySteps = samplers.filter(({ numPasses }) => numPasses >= 8);
    expect(manySteps.length).toBeGreaterThan(15);
    for (const { wasserstein } of manySteps) {
      expect(wasserstein).toBeGreaterThan(0.2);
      expect(wasserstein).toBeLessThan(4);
    }
    denoiser.values.dispose();
  });
});

describe("the error of the field", () => {
  it("is 0 for a network that answers exactly, and the squared distance of one that is off by so much", async () => {
    const denoiser = denoiserOf(CONFIG, null);
    const data = pointData(CONFIG).train.images as Float32Array;
    const { signals, noises } = denoiser.schedule;
    const offBy = (away: number): Denoiser["network"]["forward"] => {
      return (_, { x, timesteps }) => {
        const t = timesteps[0] as number;
        const level = { signal: signals[t] as number, noise: noises[t] as number };
        const exact = posteriorMeans(data, x.dataSync<"float32">(), level);
        return tf.tensor4d(
          exact.map((value) => value + away),
          x.shape,
        );
      };
    };
    const meter = new FieldMeter(CONFIG, { numLevels: 3, numPoints: 50 });
    const measured = (away: number) => {
      const network = { ...denoiser.network, forward: offBy(away) };
      return all(meter.measure({ ...denoiser, network }));
    };
    const exact = await measured(0);
    expect(exact.map(({ t }) => t)).toEqual([17, 50, 83]);
    expect(exact.map(({ noise }) => noise)).toEqual([17, 50, 83].map((t) => noises[t]));
    for (const { error } of exact) expect(error).toBeCloseTo(0, 10);
    const off = await measured(0.1);
    for (const { error } of off) expect(error).toBeCloseTo(0.02, 5);
    // What cannot be known does not depend on the network.
    const unavoidable = exact.map((at) => at.unavoidable);
    expect(off.map((at) => at.unavoidable)).toEqual(unavoidable);
    expect(unavoidable).toEqual(unavoidable.toSorted((a, b) => a - b));
    denoiser.values.dispose();
  });
});

describe("Langevin dynamics at one level", () => {
  it("come to rest at the variance of noised data there, and free what they hold", async () => {
    const denoiser = gaussianDenoiser(0.25);
    const t = 50;
    const { signals, noises } = denoiser.schedule;
    const { numTensors } = tf.memory();
    const options = { denoiser, seed: 1, count: 4000, stepSize: 0.05 };
    const frames = await all(langevinWalk({ ...options, times: Array(80).fill(t) }));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(frames).toHaveLength(81);
    const last = frames.at(-1) as Float32Array;
    const variance = last.reduce((sum, x) => sum + x * x, 0) / last.length;
    const exact = 0.25 * (signals[t] as number) ** 2 + (noises[t] as number) ** 2;
    // Steps of finite size rest at 1 / (1 - e / (2 exact)) times it, with e = 0.05 noise².
    const rest = exact / (1 - (0.05 * (noises[t] as number) ** 2) / (2 * exact));
    expect(Math.abs(variance / rest - 1)).toBeLessThan(0.06);
    denoiser.values.dispose();
  });

  it("predictions are clipped to the plane", async () => {
    const denoiser = gaussianDenoiser(1e6);
    const points = Float32Array.of(300, -300);
    const starts = await predictedStarts({ denoiser, points, t: 20, condition: null });
    expect([...starts]).toEqual([4, -4]);
    denoiser.values.dispose();
  });
});

describe("reflow", () => {
  it("pairs noise with where the flow leads it: of one point it is that point, in any number of steps", () => {
    const schedule = createSchedule({ ...CONFIG, objective: "flow" });
    const eps = tf.tensor4d([1, 2, -1, 0.5], [2, 1, 2, 1]);
    // The flow to a point c is (x - c) / sigma, and sigma = (t + 1) / T.
    const c = tf.tensor4d([0.5, -1], [1, 1, 2, 1]);
    for (const numSteps of [1, 7, 100]) {
      const flowed = flowedFrom({
        model: (x, timesteps) => {
          const sigma = ((timesteps[0] as number) + 1) / 100;
          return tf.div(tf.sub(x, c), sigma) as tf.Tensor4D;
        },
        schedule,
        eps,
        numSteps,
      });
      const values = [...flowed.dataSync()];
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(i % 2 ? -1 : 0.5, 4);
    }
  });

  it("leads each noise to its own point: halfway to the middle, where the flow is x / (1 + sigma)", () => {
    const schedule = createSchedule({ ...CONFIG, objective: "flow" });
    const noise = [1, 2, -1, 0.5];
    for (const numSteps of [1, 7, 100]) {
      const flowed = flowedFrom({
        model: (x, timesteps) => tf.div(x, 1 + ((timesteps[0] as number) + 1) / 100) as tf.Tensor4D,
        schedule,
        eps: tf.tensor4d(noise, [2, 1, 2, 1]),
        numSteps,
      });
      for (const [i, value] of flowed.dataSync().entries()) {
        expect(value).toBeCloseTo((noise[i] as number) / 2, 4);
      }
    }
  });
});
