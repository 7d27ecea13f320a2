import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Model, SamplerStep, StepOptions } from "../../../../src/engine/diffusion/model.ts";
import { ddimStep } from "../../../../src/engine/diffusion/samplers/ddim.ts";
import { dpmpp2mStep } from "../../../../src/engine/diffusion/samplers/dpmpp2m.ts";
import { heunStep } from "../../../../src/engine/diffusion/samplers/heun.ts";
import { evenTimesteps } from "../../../../src/engine/diffusion/spacings.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const schedule = sigmoidSchedule(1000, "x0");
const STEPS = { dpmpp2m: dpmpp2mStep, heun: heunStep, ddim: ddimStep };

/** A model of one pixel that predicts x_0 = tanh(x + t / 1000), in [-1, 1]. */
const model: Model = (x, [t]) => tf.tanh(tf.add(x, (t as number) / 1000));
const x0Of = (x: number, t: number) => Math.tanh(x + t / 1000);

beforeAll(async () => {
  await tf.setBackend("wasm");
});

type Changes = Partial<Pick<StepOptions, "model" | "schedule">>;

/** The pixel after each step, and how often the model was asked. */
async function sampled(
  kind: keyof typeof STEPS,
  start: number,
  numSteps: number,
  changes: Changes = {},
) {
  const asked: number[] = [];
  const counting: Model = (x, timesteps, before) => {
    asked.push(timesteps[0] as number);
    return (changes.model ?? model)(x, timesteps, before);
  };
  const times = evenTimesteps(1000, numSteps);
  let x = tf.tensor4d([start], [1, 1, 1, 1]);
  let before: StepOptions["before"] = null;
  const values: number[] = [];
  for (const [i, tNext] of times.slice(1).entries()) {
    const t = times[i] as number;
    const options = { schedule, ...changes, model: counting, eta: 0, noise: null };
    const next: SamplerStep = STEPS[kind]({ ...options, x, before, t, tNext });
    x = next.x;
    before = { t, x0: next.x0 };
    values.push((await x.data())[0] as number);
  }
  return { values, asked, times };
}

/** alpha, and sigma in the variables of Karras et al. */
function levelOf(t: number) {
  const [alpha, sigma] =
    t < 0 ? [1, 0] : [schedule.signals[t] as number, schedule.noises[t] as number];
  return { alpha, ratio: sigma / alpha };
}

describe("a step to the first timestep", () => {
  it.each(["ddim", "dpmpp2m", "heun"] as const)("of %s is not yet the image", async (kind) => {
    const [t, tNext] = [10, 0];
    const x = tf.tensor4d([0.7], [1, 1, 1, 1]);
    const options = { schedule, model, x, before: null, eta: 0, noise: null };
    const { x: next, x0 } = STEPS[kind]({ ...options, t, tNext });
    const [now, there] = [levelOf(t), levelOf(tNext)];
    const image = x0Of(0.7, t);
    const slope = (at: number, of: number, { alpha, ratio }: typeof now) =>
      (at / alpha - of) / ratio;
    const euler = 0.7 / now.alpha + (there.ratio - now.ratio) * slope(0.7, image, now);
    const again = slope(euler * there.alpha, x0Of(euler * there.alpha, tNext), there);
    const heun = euler + ((there.ratio - now.ratio) * (again - slope(0.7, image, now))) / 2;
    // A first step of DPM-Solver++ is DDIM's.
    const expected = (kind === "heun" ? heun : euler) * there.alpha;
    expect((await next.data())[0]).toBeCloseTo(expected, 5);
    expect((await x0.data())[0]).toBeCloseTo(image, 5);
    expect(Math.abs(expected - image)).toBeGreaterThan(1e-3);
  });
});

describe("DPM-Solver++(2M)", () => {
  it("is k-diffusion's sample_dpmpp_2m in x / alpha and sigma / alpha", async () => {
    const { values, times, asked } = await sampled("dpmpp2m", 0.7, 6);
    let y = 0.7 / levelOf(999).alpha;
    let old: { x0: number; lambda: number } | null = null;
    times.slice(1).forEach((tNext, i) => {
      const [now, next] = [levelOf(times[i] as number), levelOf(tNext)];
      const [lambda, lambdaNext] = [-Math.log(now.ratio), -Math.log(next.ratio)];
      const h = lambdaNext - lambda;
      const x0 = x0Of(y * now.alpha, times[i] as number);
      const r = old ? (lambda - old.lambda) / h : 0;
      const estimate = old && tNext >= 0 ? (1 + 1 / (2 * r)) * x0 - old.x0 / (2 * r) : x0;
      y = (next.ratio / now.ratio) * y - Math.expm1(-h) * estimate;
      old = { x0, lambda };
      expect(values[i]).toBeCloseTo(y * next.alpha, 5);
    });
    expect(asked).toEqual(times.slice(0, -1));
  });

  it("begins with pure noise as DDIM does, where alpha is 0", async () => {
    const noises = Float64Array.from({ length: 1000 }, (_, t) => (t + 1) / 1000);
    const straight = { ...schedule, noises, signals: noises.map((noise) => 1 - noise) };
    const { values } = await sampled("dpmpp2m", 0.7, 5, { schedule: straight });
    const { values: ddim } = await sampled("ddim", 0.7, 5, { schedule: straight });
    expect(values[0]).toBeCloseTo(ddim[0] as number, 6);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("Heun's method", () => {
  it("is k-diffusion's sample_heun in x / alpha and sigma / alpha", async () => {
    const { values, times, asked } = await sampled("heun", 0.7, 6);
    let y = 0.7 / levelOf(999).alpha;
    times.slice(1).forEach((tNext, i) => {
      const [now, next] = [levelOf(times[i] as number), levelOf(tNext)];
      const slope = (at: number, { alpha, ratio }: typeof now, t: number) =>
        (at - x0Of(at * alpha, t)) / ratio;
      const step = next.ratio - now.ratio;
      const first = slope(y, now, times[i] as number);
      const second = tNext < 0 ? first : slope(y + step * first, next, tNext);
      y += ((first + second) / 2) * step;
      expect(values[i]).toBeCloseTo(y * next.alpha, 5);
    });
    expect(asked).toHaveLength(2 * 6 - 1);
    expect(asked.slice(0, 3)).toEqual([times[0], times[1], times[1]]);
  });

  it("gives the second question the x_0 of the first, for a network that takes one", async () => {
    const given: (number | null)[] = [];
    const remembering: Model = (x, timesteps, before) => {
      given.push(before && (before.dataSync()[0] as number));
      return model(x, timesteps, before);
    };
    await sampled("heun", 0.7, 2, { model: remembering });
    const first = Math.fround(x0Of(0.7, 999));
    expect(given[0]).toBeNull();
    expect(given[1]).toBeCloseTo(first, 5);
    expect(given[2]).toBe(given[1]);
  });
});
