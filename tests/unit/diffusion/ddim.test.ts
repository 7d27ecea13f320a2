import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ddimStep, ddimTimesteps, type Model } from "../../../src/diffusion/ddim.ts";
import { mixingAt, qSample } from "../../../src/diffusion/forward.ts";
import { targetV } from "../../../src/diffusion/objective.ts";
import { sigmoidSchedule } from "../../../src/diffusion/schedule.ts";
import { relativeError } from "../../relativeError.ts";

const SHAPE: [number, number, number, number] = [2, 4, 4, 1];
const schedule = sigmoidSchedule(1000);

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the timesteps of DDIM", () => {
  it("are 999, 995 … 3, -1 for 250 of 1000", () => {
    const times = Array.from({ length: 251 }, (_, i) => 999 - 4 * i);
    expect(ddimTimesteps(1000, 250)).toEqual(times);
  });

  it("are the last and the finished image for one step", () => {
    expect(ddimTimesteps(1000, 1)).toEqual([999, -1]);
  });

  it("are all of them for T steps", () => {
    expect(ddimTimesteps(50, 50)).toEqual(Array.from({ length: 51 }, (_, i) => 49 - i));
  });

  it("are the integer parts where T does not divide: torch.linspace(-1, 9, 5).int()", () => {
    expect(ddimTimesteps(10, 4)).toEqual([9, 6, 4, 1, -1]);
  });

  it.each([
    [26, 13, 498],
    [30, 15, 499],
    [52, 26, 498],
  ])("round in the middle as PyTorch does: %i steps of 1000", (numSteps, index, t) => {
    expect(ddimTimesteps(1000, numSteps)[index]).toBe(t);
  });

  it("fall from T - 1 to -1 without repeating, whatever the numbers", () => {
    const numbers = fc
      .integer({ min: 1, max: 4000 })
      .chain((T) => fc.tuple(fc.constant(T), fc.integer({ min: 1, max: T })));
    fc.assert(
      fc.property(numbers, ([numTimesteps, numSteps]) => {
        const times = ddimTimesteps(numTimesteps, numSteps);
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
  const allKnowing: Model = (_, timesteps) => targetV(x0(), eps(), mixingAt(schedule, timesteps));

  it("to the end gives the image, when the model knows it", async () => {
    const out = ddimStep(allKnowing, schedule, noised(700), { t: 700, tNext: -1 });
    expect(relativeError(await out.data(), await x0().data())).toBeLessThan(1e-5);
  });

  it("gives the same image with less of the same noise", async () => {
    const out = ddimStep(allKnowing, schedule, noised(700), { t: 700, tNext: 300 });
    expect(relativeError(await out.data(), await noised(300).data())).toBeLessThan(1e-5);
  });

  it("after step from the last timestep still arrives at the image", async () => {
    const times = ddimTimesteps(1000, 7);
    let x = noised(999);
    times.slice(1).forEach((tNext, i) => {
      x = ddimStep(allKnowing, schedule, x, { t: times[i] as number, tNext });
    });
    expect(relativeError(await x.data(), await x0().data())).toBeLessThan(1e-4);
  });

  it("clips the image the model sees to [-1, 1], and takes the rest for noise", async () => {
    const { signal, noise } = mixingAt(schedule, [500]);
    const [s, n] = [...(await signal.data()), ...(await noise.data())] as [number, number];
    // x_0 = s x - n v = 3 everywhere.
    const x = tf.fill<tf.Rank.R4>(SHAPE, 2);
    const tooBright: Model = () => tf.fill<tf.Rank.R4>(SHAPE, (2 * s - 3) / n);
    const end = await ddimStep(tooBright, schedule, x, { t: 500, tNext: -1 }).data();
    expect(end.every((value) => value === 1)).toBe(true);

    const alphaBar = schedule.alphaBars[200] as number;
    const expected = Math.sqrt(alphaBar) * 1 + Math.sqrt(1 - alphaBar) * ((2 - s) / n);
    const between = await ddimStep(tooBright, schedule, x, { t: 500, tNext: 200 }).data();
    for (const value of between) expect(value).toBeCloseTo(expected, 4);
  });

  it("tells the model the timestep of every image", () => {
    const told: Int32Array[] = [];
    const model: Model = (x, timesteps) => {
      told.push(timesteps);
      return tf.zerosLike(x);
    };
    ddimStep(model, schedule, noised(42), { t: 42, tNext: 10 });
    expect(told).toEqual([Int32Array.of(42, 42)]);
  });

  it("leaves one tensor behind, the next images", () => {
    const x = noised(700);
    const before = tf.memory().numTensors;
    ddimStep(allKnowing, schedule, x, { t: 700, tNext: 300 });
    expect(tf.memory().numTensors - before).toBe(1);
  });
});
