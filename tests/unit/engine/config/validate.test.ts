import { describe, expect, it } from "vitest";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../../src/engine/config/hyperparameters.ts";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import {
  correctedConfig,
  validateConfig,
  validateNewRun,
  valueError,
} from "../../../../src/engine/config/validate.ts";

const NAMES = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
const NUMBERS = NAMES.filter((name) => ["integer", "real"].includes(HYPERPARAMETERS[name].kind));

function errorsWith(changes: Partial<RunConfig>) {
  return validateConfig({ ...defaultConfig(), ...changes });
}

/** The defaults with one value that the type may not allow. */
function errorWith(name: HyperparameterName, value: unknown): string | undefined {
  return validateConfig({ ...defaultConfig(), [name]: value })[name];
}

describe("a configuration", () => {
  it.each(Object.keys(PRESETS) as PresetName[])("of the preset %s is valid", (name) => {
    expect(validateConfig(presetConfig(name))).toEqual({});
  });

  it.each(NUMBERS)("needs %s within its limits", (name) => {
    const { min, max, kind } = HYPERPARAMETERS[name] as { min: number; max: number; kind: string };
    const words = (limit: number) => (limit < 1 ? `${limit}` : limit.toLocaleString("en"));
    const limits = `number, ${words(min)} to ${words(max)}`;
    for (const bad of [min - 1, max * 2 + 1, Number.POSITIVE_INFINITY, "8", undefined]) {
      expect(errorWith(name, bad), String(bad)).toContain(limits);
    }
    expect(errorWith(name, Number.NaN)).toMatch(new RegExp(`${limits}$`));
    for (const limit of [min, max]) expect(valueError(name, limit), `${limit}`).toBeNull();
    if (kind === "integer") expect(errorWith(name, min + 0.5)).toContain("whole number");
    else expect(errorWith(name, (min + max) / 2)).toBeUndefined();
  });

  it("needs one of the options where there is a choice", () => {
    expect(errorWith("objective", "noise")).toBeUndefined();
    expect(errorWith("objective", "eps")).toMatch(/^One of v, noise, x0.*, not eps$/);
  });

  it("needs true or false for a switch", () => {
    expect(errorWith("selfCondition", true)).toBeUndefined();
    expect(errorWith("selfCondition", "yes")).toBe("true or false, not yes");
  });

  it.each([[[{ toString: null }]], [{ toString: null }], [null], [[null]], [[[]]]])(
    "is told what is wrong with %j at every field, though it has no text",
    (value) => {
      for (const name of NAMES)
        expect(errorWith(name, value), name).toMatch(/^(A|One|true|Whole|Numbers|At most)\b/);
    },
  );

  it("is told what came in place of a value", () => {
    expect(errorWith("objective", { toString: null })).toMatch(/, not an object$/);
    expect(errorWith("epochs", [3])).toMatch(/, not a list$/);
  });

  it("needs an even base width", () => {
    expect(errorsWith({ dim: 33 })).toEqual({ dim: expect.stringContaining("even") });
    expect(errorsWith({ dim: 6 })).toEqual({});
  });

  it.each([[[1]], [[1, 2]], [[4, 2, 1]]])("may have the levels %j", (dimMults) => {
    expect(errorsWith({ dimMults })).toEqual({});
  });

  it("may not halve 28 pixels three times", () => {
    expect(errorsWith({ dimMults: [1, 2, 4, 8] }).dimMults).toContain("At most 3 levels");
  });

  it.each<[unknown, string]>([
    [[], "Numbers separated by commas"],
    [7, "Numbers separated by commas"],
    [[1, 1.5], "not 1.5"],
    [[0, 1], "not 0"],
    [[1, 17], "not 17"],
    [[1, Number.NaN], "Whole numbers, 1 to 16"],
    [[1, 1, 1, 1, 1], "At most 3"],
    [[1, 1, 1, 1, 1, 1], "At most 5"],
  ])("may not have the levels %j", (dimMults, message) => {
    expect(errorWith("dimMults", dimMults)).toContain(message);
  });

  it("may not sample in more steps than there are timesteps", () => {
    const errors = errorsWith({ timesteps: 100, samplingTimesteps: 101, previewTimesteps: 100 });
    expect(errors).toEqual({ samplingTimesteps: expect.stringContaining("100 diffusion steps") });
    expect(errorsWith({ timesteps: 10, samplingTimesteps: 10, previewTimesteps: 11 })).toEqual({
      previewTimesteps: expect.stringContaining("10 diffusion steps"),
    });
  });

  it("of a new run may not have previews without number, which are all kept", () => {
    const errorsOf = (previewEvery: number) => validateNewRun({ ...defaultConfig(), previewEvery });
    for (const previewEvery of [0, 20, 100]) expect(errorsOf(previewEvery)).toEqual({});
    expect(errorsOf(1).previewEvery).toMatch(/at least 20 steps, not 1: /);
    expect(errorsOf(-1).previewEvery).toMatch(/0 to 100,000, not -1/);
    // One that is stored can still be read, and goes on as it began.
    expect(errorsWith({ previewEvery: 1 })).toEqual({});
  });

  it("of a new run must have a class for each label of the images, or none", () => {
    const errorsOf = (classes: number, numClasses: number) =>
      validateNewRun({ ...defaultConfig(), classes }, { numClasses });
    for (const classes of [0, 47, 62]) expect(errorsOf(classes, 47)).toEqual({});
    expect(errorsOf(10, 47)).toEqual({ classes: expect.stringMatching(/At least 47 .* not 10$/) });
    expect(errorsOf(-1, 47).classes).toMatch(/0 to 256/);
    expect(validateNewRun({ ...defaultConfig(), classes: 10 }, null)).toEqual({});
  });

  it("halves powers of two up to T, at most to one step", () => {
    const namesOf = (distilFrom: number, epochs = 1, timesteps = 1000) =>
      Object.keys(validateNewRun({ ...defaultConfig(), distilFrom, epochs, timesteps }));
    expect([2, 32, 512].map((from) => namesOf(from))).toEqual([[], [], []]);
    expect([1, 6, 100].map((from) => namesOf(from))).toEqual(Array(3).fill(["distilFrom"]));
    expect(namesOf(256, 1, 200)).toContain("distilFrom");
    expect(namesOf(32, 5)).toEqual([]);
    expect(namesOf(32, 6)).toEqual(["epochs"]);
    // Any number of epochs without a distillation.
    expect(namesOf(0, 6)).toEqual([]);
  });

  it("of a new run may not have a network of which an exported run is too large to be read again", () => {
    const errorsOf = (dim: number, dimMults: number[]) =>
      validateNewRun({ ...defaultConfig(), dim, dimMults });
    expect(errorsOf(96, [1, 2, 5])).toEqual({});
    expect(errorsOf(128, [1, 2, 3])).toEqual({});
    expect(errorsOf(4, [16, 16, 16])).toEqual({});
    expect(errorsOf(128, [16, 16, 16])).toEqual({
      dimMults: expect.stringMatching(/At most 30 million parameters, not 1271 million/),
    });
    expect(Object.keys(errorsOf(128, [1, 2, 4]))).toEqual(["dimMults"]);
    // Of what is no network there is nothing to count.
    expect(Object.keys(errorsOf(Number.NaN, [16, 16, 16]))).toEqual(["dim"]);
    expect(errorsWith({ dim: 128, dimMults: [16, 16, 16] })).toEqual({});
  });

  it.each([...[Number.NaN, -1, 0, 1, 0.5, 33, 1e9, "x", [Number.NaN], [1, 2, 4, 8]]])(
    "can be corrected where one value or all are %j, and keeps the others",
    (wrong) => {
      const base = presetConfig("tiny");
      const all = Object.fromEntries(NAMES.map((name) => [name, wrong]));
      expect(validateConfig(correctedConfig({ ...base, ...all } as RunConfig))).toEqual({});
      for (const name of NAMES) {
        const config = { ...base, [name]: wrong };
        const corrected = correctedConfig(config);
        expect(validateConfig(corrected), name).toEqual({});
        const wrongs = Object.keys(validateConfig(config));
        expect(corrected).toMatchObject({
          ...config,
          ...Object.fromEntries(wrongs.map((key) => [key, corrected[key as HyperparameterName]])),
        });
      }
    },
  );

  it("is told all that is wrong with it at once, each at its own field", () => {
    const errors = errorsWith({ dim: Number.NaN, timesteps: 0, learningRate: -1 });
    expect(Object.keys(errors).sort()).toEqual(["dim", "learningRate", "timesteps"]);
  });
});

describe("the defaults", () => {
  it("are the assignment's values, each within its limits", () => {
    expect(defaultConfig()).toMatchObject({
      dim: 32,
      dimMults: [1, 2, 5],
      timesteps: 1000,
      samplingTimesteps: 250,
      batchSize: 128,
      epochs: 100,
      learningRate: 4e-4,
    });
    expect(validateConfig(defaultConfig())).toEqual({});
  });
});
