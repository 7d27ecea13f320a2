import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { mixingAt, qSample } from "../../../../src/engine/diffusion/forward.ts";
import type { Model, StepOptions } from "../../../../src/engine/diffusion/model.ts";
import { OBJECTIVE_FORMULAS } from "../../../../src/engine/diffusion/objectiveFormulas.ts";
import { ddimStep } from "../../../../src/engine/diffusion/samplers/ddim.ts";
import { createNoiseSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { evenTimesteps } from "../../../../src/engine/diffusion/spacings.ts";
import { relativeError } from "../../../relativeError.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const SHAPE: [number, number, number, number] = [2, 4, 4, 1];
const schedule = sigmoidSchedule(1000);
const { alphaBars, posteriorVariances } = createNoiseSchedule("sigmoid", 1000);

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the timesteps of DDIM", () => {
  it("are 999, 995 … 3, -1 for 250 of 1000", () => {
    const times = Array.from({ length: 251 }, (_, i) => 999 - 4 * i);
    expect(evenTimesteps(1000, 250)).toEqual(times);
  });

  it("are the last and the finished image for one step", () => {
    expect(evenTimesteps(1000, 1)).toEqual([999, -1]);
  });

  it("are all of them for T steps", () => {
    expect(evenTimesteps(50, 50)).toEqual(Array.from({ length: 51 }, (_, i) => 49 - i));
  });

  it("are the integer parts where T does not divide: torch.linspace(-1, 9, 5).int()", () => {
    expect(evenTimesteps(10, 4)).toEqual([9, 6, 4, 1, -1]);
  });

  it.each([
    [26, 13, 498],
    [30, 15, 499],
    [52, 26, 498],
  ])("round in the middle as PyTorch does: %i steps of 1000", (numSteps, index, t) => {
    expect(evenTimesteps(1000, numSteps)[index]).toBe(t);
  });

  it("fall from T - 1 to -1 without repeating, whatever the numbers", () => {
    const numbers = fc
      .integer({ min: 1, max: 4000 })
      .chain((T) => fc.tuple(fc.constant(T), fc.integer({ min: 1, max: T })));
    fc.assert(
      fc.property(numbers, ([numTimesteps, numSteps]) => {
        const times = evenTimesteps(numTimesteps, numSteps);
        expect(times).toHaveLength(numSteps + 1);
        expect(times[0]).toBe(numTimesteps - 1);
        expect(times.at(-1)).toBe(-1);
        expect(times.every((t, i) => i === 0 || t < (times[i - 1] as number))).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("a step of DDIM", () => {
  const x0 = () => tf.randomUniform<tf.Rank.R4>(SHAPE, -1, 1, "float32", 1);
  const eps = () => tf.randomNormal<tf.Rank.R4>(SHAPE, 0, 1, "float32", 2);
  const noised = (t: number) => qSample(x0(), eps(), mixingAt(schedule, [t]));
  /** A model that knows image and noise. */
  const allKnowing: Model = (_, timesteps) =>
    OBJECTIVE_FORMULAS.v.target({ x0: x0(), eps: eps(), mixing: mixingAt(schedule, timesteps) });
  type Changes = Partial<StepOptions> & Pick<StepOptions, "x" | "t" | "tNext">;
  const step = (options: Changes) =>
    ddimStep({ model: allKnowing, schedule, before: null, eta: 0, noise: null, ...options });

  it("to the end gives the image, when the model knows it", async () => {
    const out = step({ x: noised(700), t: 700, tNext: -1 });
    expect(relativeError(await out.x.data(), await x0().data())).toBeLessThan(1e-5);
  });

  it("gives the same image with less of the same noise", async () => {
    const out = step({ x: noised(700), t: 700, tNext: 300 });
    expect(relativeError(await out.x.data(), await noised(300).data())).toBeLessThan(1e-5);
  });

  it("after step from the last timestep still arrives at the image", async () => {
    const times = evenTimesteps(1000, 7);
    let x = noised(999);
    times.slice(1).forEach((tNext, i) => {
      x = step({ x, t: times[i] as number, tNext }).x;
    });
    expect(relativeError(await x.data(), await x0().data())).toBeLessThan(1e-4);
  });

  it("clips the image the model sees to [-1, 1], and takes the rest for noise", async () => {
    const { signal, noise } = mixingAt(schedule, [500]);
    const [s, n] = [...(await signal.data()), ...(await noise.data())] as [number, number];
    // x_0 = s x - n v = 3 everywhere.
    const x = tf.fill<tf.Rank.R4>(SHAPE, 2);
    const tooBright: Model = () => tf.fill<tf.Rank.R4>(SHAPE, (2 * s - 3) / n);
    const end = await step({ model: tooBright, x, t: 500, tNext: -1 }).x.data();
    expect(end.every((value) => value === 1)).toBe(true);

    const alphaBar = alphaBars[200] as number;
    const expected = Math.sqrt(alphaBar) * 1 + Math.sqrt(1 - alphaBar) * ((2 - s) / n);
    const between = await step({ model: tooBright, x, t: 500, tNext: 200 }).x.data();
    for (const value of between) expect(value).toBeCloseTo(expected, 4);
  });

  it("to the first timestep is not yet the image", async () => {
    const out = step({ x: noised(10), t: 10, tNext: 0 });
    expect(relativeError(await out.x.data(), await noised(0).data())).toBeLessThan(1e-5);
    expect(relativeError(await out.x.data(), await x0().data())).toBeGreaterThan(1e-3);
  });

  it("with fresh noise takes as much less of the noise that was there", async () => {
    const noise = tf.randomNormal<tf.Rank.R4>(SHAPE, 0, 1, "float32", 3);
    const [before, after] = [700, 300].map((t) => alphaBars[t]) as [number, number];
    const sigma = 0.5 * Math.sqrt(((1 - before / after) * (1 - after)) / (1 - before));
    const kept = Math.sqrt(1 - after - sigma ** 2);
    const mixed = tf.add(tf.mul(x0(), Math.sqrt(after)), tf.mul(eps(), kept));
    const out = step({ x: noised(700), t: 700, tNext: 300, eta: 0.5, noise });
    const expected = await tf.add(mixed, tf.mul(noise, sigma)).data();
    expect(relativeError(await out.x.data(), expected)).toBeLessThan(1e-5);
  });

  it("tells the model the timestep of every image", () => {
    const told: Int32Array[] = [];
    const model: Model = (x, timesteps) => {
      told.push(timesteps);
      return tf.zerosLike(x);
    };
    step({ model: model, x: noised(42), t: 42, tNext: 10 });
    expect(told).toEqual([Int32Array.of(42, 42)]);
  });

  it("leaves two tensors behind, the next images and the predicted ones", () => {
    const x = noised(700);
    const before = tf.memory().numTensors;
    step({ x, t: 700, tNext: 300 });
    expect(tf.memory().numTensors - before).toBe(2);
  });

  it("with eta 1 mixes as much fresh noise as the posterior has", async () => {
    const noise = tf.randomNormal<tf.Rank.R4>(SHAPE, 0, 1, "float32", 3);
    const [alphaBar, next] = [500, 499].map((t) => alphaBars[t]) as [number, number];
    const at = { x: noised(500), t: 500, tNext: 499, eta: 1 };
    const difference = tf.sub(
      step({ ...at, noise }).x,
      step({ ...at, noise: tf.zerosLike(noise) }).x,
    );
    const sigma = Math.sqrt(posteriorVariances[500] as number);
    expect(sigma).toBeCloseTo(Math.sqrt(((1 - next) / (1 - alphaBar)) * (1 - alphaBar / next)), 10);
    expect(relativeError(await difference.data(), await tf.mul(noise, sigma).data())).toBeLessThan(
      1e-4,
    );
    expect(() => step({ ...at, noise: null })).toThrow("needs fresh noise");
  });
});
