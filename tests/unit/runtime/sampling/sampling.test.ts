import { describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { DATASETS } from "../../../../src/engine/data/datasets.ts";
import { ASK_DEFAULTS } from "../../../../src/runtime/sampling/ask.ts";
import {
  AS_THE_NETWORK,
  chosenSampler,
  readDrawing,
  readSampling,
  SAMPLING,
  type SamplingName,
  type SamplingText,
  STEP_SAMPLING,
  shownText,
} from "../../../../src/runtime/sampling/sampling.ts";

const config: RunConfig = {
  ...presetConfig("tiny"),
  classes: 10,
  timesteps: 1000,
  samplingTimesteps: 50,
  samplerKind: "ddim",
  stepSpacing: "even",
  ddimEta: 0.5,
  guidance: 1.5,
};

const read = (text: Partial<SamplingText>, changes: Partial<RunConfig> = {}) =>
  readSampling(text, { config: { ...config, ...changes } });

describe("how digits are drawn", () => {
  it("is as the network's settings say where nothing is chosen", () => {
    const values = {
      count: 36,
      seed: 0,
      weights: "ema",
      sampler: { kind: "ddim", timesteps: 50, spacing: "even", eta: 0.5 },
      guidance: 1.5,
    };
    expect(read(AS_THE_NETWORK)).toEqual({ values, errors: {} });
    expect(read({})).toEqual({ values, errors: {} });
  });

  it("is what is chosen and typed, with a point or a comma", () => {
    const typed = { count: "4", seed: "7", weights: "raw", steps: " 10 ", eta: "0,25" } as const;
    expect(read({ ...typed, spacing: "logSnr", guidance: "2,5" }).values).toEqual({
      count: 4,
      seed: 7,
      weights: "raw",
      sampler: { kind: "ddim", timesteps: 10, spacing: "logSnr", eta: 0.25 },
      guidance: 2.5,
    });
    expect(read({ sampler: "ancestral" }).values?.sampler).toEqual({ kind: "ancestral" });
  });

  it("takes no more steps than the network has, unless they are typed", () => {
    const { values } = read({}, { timesteps: 20 });
    expect(values?.sampler).toMatchObject({ timesteps: 20 });
    expect(read({ steps: "21" }, { timesteps: 20 }).errors).toEqual({ steps: "1 to 20, not 21" });
  });

  it("is DDIM in all steps, and ancestral sampling where that is not offered by itself", () => {
    const all = { steps: "1000" };
    expect(read(all).values?.sampler).toMatchObject({ kind: "ddim", timesteps: 1000 });
    const { values } = readSampling(all, { config, table: STEP_SAMPLING });
    expect(values?.sampler).toEqual({ kind: "ancestral" });
  });

  it.each<[SamplingName, string, string]>([
    ["count", "101", "1 to 100, not 101"],
    ["count", "1.5", "1 to 100, not 1.5"],
    ["seed", "x", "0 to 4,294,967,295, not x"],
    ["steps", "", "1 to 1,000, not empty"],
    ["steps", "1001", "1 to 1,000, not 1001"],
    ["eta", "1.1", "0 to 1, not 1.1"],
    ["guidance", "9", "0 to 8, not 9"],
  ])("is told as wrong at %s of “%s”", (name, text, error) => {
    expect(read({ [name]: text })).toEqual({ values: null, errors: { [name]: error } });
  });

  it("passes over what is wrong but has no effect", () => {
    expect(read({ eta: "x", sampler: "heun" }).errors).toEqual({});
    expect(read({ guidance: "x" }, { classes: 0 }).errors).toEqual({});
    expect(read({ steps: "x", sampler: "ancestral" }).errors).toEqual({});
  });

  it("gives way to the network's settings where the network does not have the choice", () => {
    const straight = { config: { ...config, objective: "flow" as const } };
    const text = { sampler: "ancestral", eta: "1" };
    expect(readSampling(text, straight).values?.sampler).toMatchObject({ kind: "ddim" });
    expect(shownText("sampler", text, straight)).toBe("ddim");
    expect(shownText("sampler", { sampler: "toString" }, { config })).toBe("ddim");
    expect(chosenSampler(text, straight).label).toBe("Euler (DDIM)");
  });

  it("has defaults that are right for each preset", () => {
    for (const preset of ["tiny", "quick", "laptop", "medium", "assignment"] as const) {
      const { errors } = readSampling({}, { config: presetConfig(preset) });
      expect(errors).toEqual({});
    }
    expect(Object.keys(AS_THE_NETWORK)).toEqual(Object.keys(SAMPLING));
  });
});

describe("what a form is set to", () => {
  const network = { config, naming: DATASETS.mnist.naming };
  const wrong = { count: "x", guidance: "x" };

  it("has no use for a number of digits that follows, or for guidance toward nothing", () => {
    const text = readDrawing({ count: "x" }, { ...ASK_DEFAULTS, ask: "text" }, network);
    expect(text).toMatchObject({ errors: {}, asked: { count: 4, labels: [2, 0, 2, 6] } });
    const none = readDrawing({ guidance: "x" }, { ...ASK_DEFAULTS, ask: "none" }, network);
    expect(none).toMatchObject({ errors: {}, asked: { count: 36 } });
  });

  it("tells at each field what is wrong", () => {
    const { asked, values, errors, askErrors } = readDrawing(
      wrong,
      { ...ASK_DEFAULTS, ask: "class", label: "12" },
      network,
    );
    expect([asked, values]).toEqual([null, null]);
    expect(Object.keys(errors)).toEqual(["count", "guidance"]);
    expect(askErrors).toEqual({ label: "0 to 9, not 12" });
  });
});
