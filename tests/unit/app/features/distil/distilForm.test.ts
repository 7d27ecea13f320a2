import { describe, expect, it } from "vitest";
import {
  distilled,
  firstForm,
  halvings,
  toChoices,
  trainedSettings,
} from "../../../../../src/app/features/distil/distilForm.ts";
import type { Teacher } from "../../../../../src/app/state/slices/weights.ts";
import { stepsToDistilFrom } from "../../../../../src/engine/config/distillation.ts";
import type { RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const quick = presetConfig("quick");

function teacher(changes: Partial<RunConfig> = {}, runId: string | null = null): Teacher {
  const config = { ...quick, ...changes };
  const known = { hasSettings: true, hasAverage: false, trainedSteps: 9, dataset: "MNIST" };
  return { runId, weights: { fileName: "mine", config, numParameters: 1, ...known } };
}

function formOf(of: Teacher) {
  const trained = trainedSettings(of, quick);
  return { trained, form: firstForm(of, trained), from: stepsToDistilFrom(of.weights, trained) };
}

describe("the form of a distillation", () => {
  it("begins with 32 steps to one, and the network's guidance", () => {
    const { form, trained } = formOf(teacher({ guidance: 3 }, "run"));
    expect(form).toMatchObject({ from: 32, to: 1, distilGuidance: "3" });
    expect(halvings(form)).toBe("32 → 16 → 8 → 4 → 2 → 1");
    expect(distilled(form, trained)).toMatchObject({
      config: { distilFrom: 32, epochs: 5, distilGuidance: 3, guidance: 1 },
      errors: {},
    });
  });

  it("offers powers of two: at most T, and to one step at least", () => {
    const { from, form } = formOf(teacher({ timesteps: 20 }, "run"));
    expect(from).toEqual([2, 4, 8, 16]);
    expect(form.from).toBe(16);
    expect(toChoices(8)).toEqual([1, 2, 4]);
    expect(toChoices(2)).toEqual([1]);
  });

  it("distils a student from the steps that it was made for", () => {
    const { from, form } = formOf(teacher({ distilFrom: 32, samplingTimesteps: 4 }, "run"));
    expect(from).toEqual([4]);
    expect(form).toMatchObject({ from: 4, to: 1 });
  });

  it("takes of loaded weights what they need, and the rest of the page's form", () => {
    const of = teacher({ timesteps: 200, seed: 3 });
    const page = { ...quick, timesteps: 1000, dim: 16, seed: 7 };
    expect(trainedSettings(of, page)).toMatchObject({ timesteps: 200, dim: quick.dim, seed: 7 });
    const unknown = { ...of, weights: { ...of.weights, hasSettings: false } };
    expect(trainedSettings(unknown, page)).toMatchObject({ timesteps: 1000, dim: quick.dim });
  });

  it("takes all settings of a stored run, without its length", () => {
    const of = teacher({ seed: 3, epochs: 99 }, "run");
    expect(trainedSettings(of, { ...quick, seed: 7 })).toMatchObject({ seed: 3, epochs: 3 });
  });

  it.each([
    ["phaseSteps", { phaseSteps: "" }],
    ["phaseSteps", { phaseSteps: "0" }],
    ["learningRate", { learningRate: "fast" }],
    ["distilGuidance", { distilGuidance: "9" }],
  ])("says what is wrong with %s: %j", (name, typed) => {
    const { form, trained } = formOf(teacher({}, "run"));
    expect(Object.keys(distilled({ ...form, ...typed }, trained).errors)).toEqual([name]);
  });
});
