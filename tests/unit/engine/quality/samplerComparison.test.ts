import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import type { QualityMeter } from "../../../../src/engine/quality/qualityMeter.ts";
import {
  comparedSamplers,
  compareSamplers,
  type SamplerPoint,
} from "../../../../src/engine/quality/samplerComparison.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the samplers that are compared", () => {
  const stepsOf = (kind: string, numTimesteps = 1000) =>
    comparedSamplers(numTimesteps, "v")
      .filter(({ sampler }) => sampler.kind === kind && sampler.spacing === "logSnr")
      .map(({ sampler, numPasses }) => [sampler.timesteps, numPasses]);

  it("take as many steps as there are passes, Heun half as many, and no more passes", () => {
    const alike = [5, 8, 10, 15, 20, 50].map((passes) => [passes, passes]);
    expect(stepsOf("ddim")).toEqual(alike);
    expect(stepsOf("dpmpp2m")).toEqual(alike);
    expect(stepsOf("heun")).toEqual([
      [3, 4],
      [5, 8],
      [6, 10],
      [8, 14],
      [11, 20],
      [26, 50],
    ]);
    expect(stepsOf("ancestral")).toEqual([]);
  });

  it("take no more steps than there are timesteps", () => {
    expect(stepsOf("dpmpp2m", 10)).toEqual([
      [5, 5],
      [8, 8],
      [10, 10],
    ]);
    expect(stepsOf("heun", 10).at(-1)).toEqual([8, 14]);
  });
});

describe("a comparison", () => {
  const denoiser = () => denoiserOf(smallConfig({ timesteps: 5 }), null);
  /** Measures the mean of all pixels. */
  const measured: Uint8Array[] = [];
  const meter = {
    async figures(samples: Uint8Array) {
      measured.push(samples);
      return { meanConfidence: 0.5, shareConfident: 0.25, frechetDistance: measured.length };
    },
  } as unknown as QualityMeter;
  const drawing = { count: 1, seed: 3, chunkSize: 1, condition: null };

  it("measures each from the same noise, and tells how much of all passes is done", async () => {
    const of = denoiser();
    const points: SamplerPoint[] = [];
    const fractions: number[] = [];
    for await (const reported of compareSamplers({ ...drawing, denoiser: of, meter })) {
      if ("doing" in reported) fractions.push(reported.fraction);
      else points.push(reported);
    }
    const all = comparedSamplers(5, "v");
    expect(points.map(({ sampler }) => sampler)).toEqual(all.map(({ sampler }) => sampler));
    expect(points.map(({ figures }) => figures.frechetDistance)).toEqual(all.map((_, i) => i + 1));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const last = all.length - 1;
    const { sampler } = all[last] as (typeof all)[number];
    const work = drawSamples({ ...drawing, denoiser: of, sampler });
    let step = await work.next();
    while (!step.done) step = await work.next();
    expect(measured[last]).toEqual(step.value);
    of.values.dispose();
  });

  it("leaves nothing behind when it is ended in the middle", async () => {
    const of = denoiser();
    const numTensors = tf.memory().numTensors;
    const work = compareSamplers({ ...drawing, denoiser: of, meter });
    for (let i = 0; i < 4; i++) await work.next();
    await work.return();
    expect(tf.memory().numTensors).toBe(numTensors);
    of.values.dispose();
  });
});
