import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  imageTimestep,
  pairShares,
  pairTimestep,
  samplerOf,
} from "../../../../src/engine/config/sampling.ts";
import { OBJECTIVES, type ObjectiveId } from "../../../../src/engine/diffusion/objectives.ts";
import {
  type StepSamplerId,
  samplersOf,
  stepSamplers,
} from "../../../../src/engine/diffusion/samplers.ts";

describe("the timestep that images are noised to", () => {
  it("is the share of T, from 0 to T - 1", () => {
    expect([0, 0.5, 1].map((share) => imageTimestep(share, 1000))).toEqual([0, 500, 999]);
  });

  it("is at least 1 of two that are mixed: they are denoised from the step before", () => {
    expect([0, 0.5, 1].map((share) => pairTimestep(share, 1000))).toEqual([1, 500, 999]);
  });
});

describe("the share of the second of two images", () => {
  it("goes evenly from none to all, and is half for one alone", () => {
    expect(pairShares(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(pairShares(1)).toEqual([0.5]);
  });
});

describe("the sampler of the settings", () => {
  it.each(Object.keys(OBJECTIVES) as ObjectiveId[])(
    "is one that the objective has, whatever the settings name: %s",
    (objective) => {
      for (const samplerKind of Object.keys(stepSamplers()) as StepSamplerId[]) {
        const { kind } = samplerOf(10, { ...defaultConfig(), objective, samplerKind });
        const own = samplersOf(objective);
        expect(own[kind], samplerKind).toBeDefined();
        expect(kind).toBe(samplerKind in own ? samplerKind : "ddim");
      }
    },
  );

  const config = { ...defaultConfig(), ddimEta: 0.5 };

  it("is DDIM, and ancestral sampling with all T steps, as runs had it that knew no other", () => {
    expect(samplerOf(50, config)).toEqual({
      kind: "ddim",
      timesteps: 50,
      eta: 0.5,
      spacing: "even",
    });
    expect(samplerOf(1000, config)).toEqual({ kind: "ancestral" });
    expect(samplerOf(1000, { ...config, stepSpacing: "logSnr" })).toEqual({ kind: "ancestral" });
  });

  it("is the chosen one with its own settings, also with all T steps", () => {
    const heun = { ...config, samplerKind: "heun", stepSpacing: "logSnr" } as const;
    expect(samplerOf(10, heun)).toEqual({ kind: "heun", timesteps: 10, spacing: "logSnr" });
    expect(samplerOf(1000, { ...config, samplerKind: "dpmpp2m" })).toEqual({
      kind: "dpmpp2m",
      timesteps: 1000,
      spacing: "even",
    });
  });
});
