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
 * Answers exactly, for an objective x0, where the data are eight Gaussians of standard deviation s = 0.15 on a circle: the mean of
 * the answers m + a s² / (a² s² + b²) (x - a m) of the places m, each weighted by how likely x_t comes from it.
 */
function exactDenoiser(): Denoiser {
  const denoiser = denoiserOf(CONFIG, null);
  const { signals, noises } = denoiser.schedule;
  const places = Array.from({ length: 8 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 8;
    return [1.8 * Math.cos(angle), 1.8 * Math.sin(angle)] as const;
  });
  const forward: Denoiser["network"]["forward"] = (_, { x, timesteps }) => {
    const xT = x.dataSync<"float32">();
    const [a, b] = [signals[timesteps[0] as number], noises[timesteps[0] as number]] as [
      number,
      number,
    ];
    const variance = a * a * 0.15 ** 2 + b * b;
    const x0 = new Float32Array(xT.length);
    for (let i = 0; i < xT.length; i += 2) {
      const away = places.map((place) => place.map((m, axis) => (xT[i + axis] as number) - a * m));
      const weights = away.map(([dx, dy]) =>
        Math.exp(-((dx as number) ** 2 + (dy as number) ** 2) / (2 * variance)),
      );
      const total = weights.reduce((sum, weight) => sum + weight);
      for (const axis of [0, 1] as const) {
        const answers = places.map(
          (place, k) => place[axis] + ((a * 0.15 ** 2) / variance) * (away[k]?.[axis] as number),
        );
        x0[i + axis] = answers.reduce((sum, m, k) => sum + (m * (weights[k] as number)) / total, 0);
      }
    }
    return tf.tensor4d(x0, x.shape);
  };
  return { ...denoiser, network: { ...denoiser.network, forward } };
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

  it("finds points of another kind far away", () => {
    const moons = freshPoints({ ...CONFIG, points: "moons" }, 400).images as Float32Array;
    expect(meter.measure(moons).wasserstein).toBeGreaterThan(5);
  });
});

describe("what a network of points has learned", () => {
  it("is measured at each noise level against the exact answer, and by sampler", async () => {
    const denoiser = exactDenoiser();
    const { fieldErrors, samplers } = await all(measurePlane(denoiser, CONFIG));
    expect(fieldErrors).toHaveLength(12);
    console.log(fieldErrors, samplers.map(({sampler, numPasses, wasserstein}) => [sampler.kind, sampler.spacing, numPasses, wasserstein].join(" ")));
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
});
