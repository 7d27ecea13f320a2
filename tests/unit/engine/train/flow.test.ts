import * as tf from "@tensorflow/tfjs-core";
import { DATASETS } from "../../../../src/engine/data/datasets.ts";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  DRAW_DEFAULTS,
  drawRequests,
} from "../../../../src/app/features/draw/state/drawSettings.ts";
import { samplerHelp } from "../../../../src/app/features/results/quality/QualityView.tsx";
import { entryWith, HYPERPARAMETERS } from "../../../../src/engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import type { Model, StepOptions } from "../../../../src/engine/diffusion/model.ts";
import { ancestralStep } from "../../../../src/engine/diffusion/samplers/ancestral.ts";
import { ddimStep } from "../../../../src/engine/diffusion/samplers/ddim.ts";
import { heunStep } from "../../../../src/engine/diffusion/samplers/heun.ts";
import {
  type SamplerId,
  samplersOf,
  stepSamplers,
} from "../../../../src/engine/diffusion/samplers.ts";
import { createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { evenTimesteps, SPACINGS } from "../../../../src/engine/diffusion/spacings.ts";
import { comparedSamplers } from "../../../../src/engine/quality/samplerComparison.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import { samplingOptions } from "../../../../src/hosts/cli/options.ts";
import { relativeError } from "../../../relativeError.ts";
import { smallConfig, smallSession, takeSteps } from "./smallRun.ts";

const config = smallConfig({ objective: "flow", ddimEta: 1 });
const schedule = createSchedule(config);
const SHAPE: [number, number, number, number] = [2, 4, 4, 1];

/** A flow that leads far out of the range of images. */
const velocityAt = (x: number, t: number) => t / 50 - 3 * x;
const model: Model = (x, [t]) => tf.sub((t as number) / 50, tf.mul(x, 3));
const start = () => tf.randomNormal<tf.Rank.R4>(SHAPE, 0, 1, "float32", 1);
const options = (changes: Partial<StepOptions>): StepOptions => ({
  model,
  schedule,
  x: start(),
  before: null,
  t: 99,
  tNext: 49,
  eta: 0,
  noise: null,
  ...changes,
});

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("sampling along the flow", () => {
  it("takes Euler's steps, from pure noise to an image that is not clipped", async () => {
    const times = evenTimesteps(100, 5);
    let x = start();
    let expected = Float64Array.from(await x.data());
    times.slice(1).forEach((tNext, i) => {
      const t = times[i] as number;
      x = ddimStep(options({ x, t, tNext })).x;
      expected = expected.map((value) => value + ((tNext - t) / 100) * velocityAt(value, t));
    });
    expect(relativeError(await x.data(), expected)).toBeLessThan(1e-5);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1);
  });

  it("takes Heun's steps: the mean of the flow here and where Euler leads, but for the last", async () => {
    const times = evenTimesteps(100, 5);
    let x = start();
    let expected = Float64Array.from(await x.data());
    times.slice(1).forEach((tNext, i) => {
      const t = times[i] as number;
      const step = (tNext - t) / 100;
      x = heunStep(options({ x, t, tNext })).x;
      expected = expected.map((value) => {
        const first = velocityAt(value, t);
        const second = tNext < 0 ? first : velocityAt(value + step * first, tNext);
        return value + (step * (first + second)) / 2;
      });
    });
    expect(relativeError(await x.data(), expected)).toBeLessThan(1e-5);
  });

  it("has no fresh noise, and refuses it", () => {
    const noise = start();
    for (const step of [ancestralStep, ddimStep]) {
      expect(() => step(options({ eta: 1, noise }))).toThrow(/needs a noise schedule/);
    }
    expect(samplerOf(100, config)).toEqual({ kind: "ddim", timesteps: 100, spacing: "even" });
    const ddim = { sampler: "ddim", steps: "10" };
    expect(samplingOptions(ddim, config).sampler).toEqual({
      kind: "ddim",
      timesteps: 10,
      spacing: "even",
    });
    expect(() => samplingOptions({ ...ddim, sampler: "ancestral" }, config)).toThrow(
      /--sampler ddim, dpmpp2m, heun, got ancestral/,
    );
  });
});

describe("where samplers are chosen", () => {
  const asked = (sampler: SamplerId) => {
    const a = { ...DRAW_DEFAULTS.a, sampler, spacing: "logSnr", eta: "1", steps: "10" } as const;
    const configs = { a: config, b: null };
    const given = {
      images: new Map(),
      drawing: null,
      labels: null,
      own: null,
      marks: [],
      configs,
      naming: DATASETS.mnist.naming,
    };
    return drawRequests({ ...DRAW_DEFAULTS, a }, given).asked.a?.request.sampler;
  };

  it("those with fresh noise are not offered, nor asked for", () => {
    const offered = { ...samplersOf("flow") };
    expect(Object.keys(offered)).toEqual(["ddim", "dpmpp2m", "heun"]);
    for (const { settings } of Object.values(offered)) expect(settings).not.toContain("eta");
    const given = { timesteps: 10, spacing: "logSnr" };
    expect(asked("heun")).toEqual({ kind: "heun", ...given });
    // That of the settings.
    expect(asked("ancestral")).toEqual({ kind: "ddim", ...given });
    expect(stepSamplers(config.objective).ddim.label).toBe("Euler (DDIM)");
    expect(samplerHelp({ steps: "5" }, config)).toMatch(/^Euler.s method/);
    const { help, ...setting } = entryWith("samplerKind", { objective: "flow", distilFrom: 0 });
    expect(setting).toMatchObject({ options: { ddim: { label: "Euler (DDIM)" } } });
    expect(help).toContain("Euler's method");
    expect(help).not.toContain("eta");
    expect(HYPERPARAMETERS.samplingTimesteps.help).not.toContain("DDIM");
    const compared = (objective: "flow" | "v") =>
      comparedSamplers(100, objective).map(({ sampler: { kind, spacing } }) => [kind, spacing]);
    // The others of v add fresh noise.
    const withoutNoise = compared("v").filter(([kind]) => kind && kind in offered);
    expect(compared("flow")).toEqual(withoutNoise);
  });

  it("steps even in log-SNR begin with pure noise as well, where there is no signal", () => {
    const times = SPACINGS.logSnr.timesteps(schedule, 5, null);
    expect([times[0], times.at(-1), times.length]).toEqual([99, -1, 6]);
    expect(times.every((t, i) => i === 0 || t < (times[i - 1] as number))).toBe(true);
  });
});

describe("logit-normal timesteps", () => {
  it("are spread as the sigmoid of a normal number", () => {
    const numImages = 4000;
    const { timesteps } = drawsOfStep(
      smallConfig({ timesteps: 1000, timestepSampling: "logitNormal" }),
      ...([0, numImages] as const),
    );
    const shareBelow = (z: number) =>
      timesteps.filter((t) => t < 1000 / (1 + Math.exp(-z))).length / numImages;
    // The normal distribution's.
    const expected = [0.0228, 0.1587, 0.5, 0.8413, 0.9772];
    [-2, -1, 0, 1, 2].forEach((z, i) => {
      expect(Math.abs(shareBelow(z) - (expected[i] as number))).toBeLessThan(0.03);
    });
  });
});

describe("a network that learns the flow", () => {
  it("trains, draws digits, and goes on from a checkpoint to the same bits", async () => {
    const changes = { objective: "flow", timestepSampling: "logitNormal", epochs: 2 } as const;
    const session = smallSession(changes);
    const steps = await takeSteps(session.run(), 3);
    for (const { loss } of steps) expect(loss).toBeGreaterThan(0);
    const end = await session.checkpoint();
    const digits = new Set<string>();
    for (const kind of ["ddim", "heun", "dpmpp2m"] as const) {
      const sampler = new DigitSampler({
        denoiser: session.rawSampler,
        count: 2,
        sampler: { kind, timesteps: 4 },
        seed: 0,
        chunkSize: 2,
        start: { from: "noise" },
      });
      let last = "";
      while (!sampler.isDone) last = String((await sampler.nextFrame()).pixels);
      digits.add(last);
      sampler.dispose();
    }
    expect(digits.size).toBe(3);
    session.dispose();
    const first = smallSession(changes);
    await takeSteps(first.run(), 1);
    const checkpoint = await first.checkpoint();
    first.dispose();
    const resumed = smallSession(changes, {
      start: { from: "checkpoint", checkpoint, epochs: [], best: null },
    });
    await takeSteps(resumed.run(), 2);
    expect(await resumed.checkpoint()).toEqual(end);
    resumed.dispose();
  });
});
