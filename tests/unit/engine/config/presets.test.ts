import { describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { withNetwork } from "../../../../src/engine/config/network.ts";
import {
  nearestPreset,
  nextRunConfig,
  PRESETS,
  type PresetName,
  presetConfig,
} from "../../../../src/engine/config/presets.ts";

const NAMES = Object.keys(PRESETS) as PresetName[];

describe("the nearest preset", () => {
  it.each(NAMES)("of %s's own settings is %s", (name) => {
    expect(nearestPreset(presetConfig(name))).toBe(name);
  });

  it.each(NAMES)("is still %s after a few settings have changed", (name) => {
    const changes: Partial<RunConfig> = { epochs: 7, learningRate: 3e-5, seed: 9, ddimEta: 0.5 };
    expect(nearestPreset({ ...presetConfig(name), ...changes })).toBe(name);
  });

  it("is of the same network, where there is one", () => {
    const quickNetwork = withNetwork(presetConfig("assignment"), presetConfig("quick"));
    expect(nearestPreset(quickNetwork)).toBe("quick");
    const trained = withNetwork(presetConfig("laptop"), presetConfig("assignment"));
    expect(nearestPreset(trained)).toBe("assignment");
  });

  it("is One level for this task alone, also with the network of another", () => {
    const quickWithoutLabels = { ...presetConfig("quick"), classes: 0 };
    expect(nearestPreset(quickWithoutLabels)).toBe("quick");
    const objective = "oneLevel";
    expect(nearestPreset({ ...presetConfig("medium"), objective })).toBe("oneLevel");
  });

  it("goes by all settings where no preset has its network", () => {
    expect(nearestPreset({ ...presetConfig("assignment"), dim: 40 })).toBe("assignment");
  });
});

describe("the next run of a file's settings", () => {
  it("lasts, is measured and previewed as the nearest preset, also of a student, which has no previews", () => {
    const student = { ...presetConfig("quick"), epochs: 5, distilFrom: 32, previewEvery: 0 };
    expect(nextRunConfig({ config: student, hasSettings: true })).toEqual(presetConfig("quick"));
    expect(nextRunConfig({ config: student, hasSettings: false })).toBe(student);
  });
});

describe("the preset Assignment", () => {
  it("has a constant rate without warm-up, as the assignment", () => {
    expect(presetConfig("assignment")).toMatchObject({ lrDecay: "constant", warmupSteps: 0 });
  });
});
