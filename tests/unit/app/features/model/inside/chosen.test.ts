import { describe, expect, it } from "vitest";
import {
  addressedDraw,
  type SideSettings,
  withDraw,
} from "../../../../../../src/app/features/draw/state/drawSettings.ts";
import { chosenAtFirst, lookOf } from "../../../../../../src/app/features/model/inside/chosen.ts";
import { drawnWords } from "../../../../../../src/app/features/model/inside/Inside.tsx";
import { readParams } from "../../../../../../src/app/state/address.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";

const NOTHING = new URLSearchParams();
const config = { ...presetConfig("tiny"), classes: 10, guidance: 1.5 };
const how = { config, sampling: {}, numReal: 0, runGoesOn: false };

describe("the digits that are looked at first", () => {
  it.each([
    ["as it is at first", {}, { index: 0, seed: 0, label: 0 }],
    ["another image and seed", { digit: 12, seed: "34" }, { index: 12, seed: 34, label: 0 }],
    ["a class", { ask: "class", label: "3" }, { label: 3 }],
    ["its usual class", { ask: "class" }, { label: 7 }],
    ["a text", { ask: "text", text: "526", label: "3" }, { label: 5 }],
    ["classes in rows", { ask: "rows" }, { label: 0 }],
    ["from one class to another", { ask: "between", label: "3", to: "8" }, { label: 3 }],
    ["none", { ask: "none" }, { label: null }],
    ["what is no number", { ask: "class", seed: "x", label: "y" }, { seed: 0, label: null }],
  ] as const)("are those of Denoise: %s", (_, changes, expected) => {
    const settings = { ...addressedDraw(NOTHING), ...changes };
    const query = withDraw(NOTHING, settings);
    expect(chosenAtFirst(query, 10)).toMatchObject(expected);
    expect(chosenAtFirst(query, 0).label).toBeNull();
  });

  it("are asked of the worker, the real one among those that there are", () => {
    const chosen = { ...chosenAtFirst(NOTHING, 10), index: 12, seed: 34, label: 3 };
    const real = lookOf(chosen, { ...how, numReal: 10 });
    expect(real.look.digit).toMatchObject({ kind: "real", index: 2 });
    const { look } = lookOf({ ...chosen, kind: "drawn" }, how);
    expect(look.digit).toMatchObject({ kind: "drawn", seed: 34, condition: { labels: [3] } });
  });
});

describe("a digit is drawn as Denoise draws it", () => {
  const chosen = { ...chosenAtFirst(NOTHING, 10), kind: "drawn", noise: 0 } as const;
  const lookWith = (side: Partial<SideSettings>, changes: Partial<typeof how> = {}) => {
    const settings = addressedDraw(NOTHING);
    const query = withDraw(NOTHING, { ...settings, a: { ...settings.a, ...side } });
    return lookOf(chosen, { ...how, sampling: readParams("drawA", query), ...changes });
  };
  const FIFTY = { sampler: "ddim", steps: "50", eta: "0.5", spacing: "even" } as const;

  it.each([
    ["as it is at first", {}, { kind: "dpmpp2m", timesteps: 10, spacing: "logSnr" }, 10],
    ["another sampler", FIFTY, { kind: "ddim", timesteps: 50, spacing: "even", eta: 0.5 }, 50],
    ["all steps", { sampler: "ancestral" }, { kind: "ancestral" }, 1000],
    ["wrong steps", { ...FIFTY, steps: "0" }, { kind: "dpmpp2m", timesteps: 10 }, 10],
    ["a wrong eta", { ...FIFTY, eta: "x" }, { kind: "dpmpp2m", timesteps: 10 }, 10],
  ] as const)("%s", (_, side, sampler, steps) => {
    const { look, at, last } = lookWith(side);
    expect(look.digit).toMatchObject({ sampler, step: steps - 1 });
    expect([at, last]).toEqual([steps - 1, steps - 1]);
  });

  it.each([
    ["ancestral sampling", { sampler: "ancestral" }, { kind: "ddim", timesteps: 20, eta: 1 }],
    ["many steps", FIFTY, { kind: "ddim", timesteps: 20, spacing: "even", eta: 0.5 }],
    ["few", { ...FIFTY, steps: "5" }, { kind: "ddim", timesteps: 5 }],
  ] as const)("while a run trains in 20 steps at most: %s", (_, side, sampler) => {
    const { look, last } = lookWith(side, { runGoesOn: true });
    expect(look.digit).toMatchObject({ sampler });
    expect(last).toBe(sampler.timesteps - 1);
  });

  it("with its weights and guidance, or the network's where that is wrong", () => {
    const { look } = lookWith({ weights: "raw", guidance: "2.5" });
    expect(look).toMatchObject({ weights: "raw", digit: { condition: { guidance: 2.5 } } });
    expect(lookWith({ guidance: "x" }).look.digit).toMatchObject({ condition: { guidance: 1.5 } });
  });

  const AS_CHOSEN = "Drawn as chosen in Draw:";
  it.each([
    [FIFTY, 3, false, `${AS_CHOSEN} DDIM, 50 steps, η = 0.5, guidance 1.5.`],
    [
      { sampler: "heun", guidance: "2" },
      ...[3, false],
      `${AS_CHOSEN} Heun, 10 steps even in log-SNR, 18 predictions, guidance 2.`,
    ],
    [{ sampler: "ancestral" }, null, false, `${AS_CHOSEN} ancestral, 1,000 steps.`],
    [
      { sampler: "ancestral" },
      ...[null, true],
      "While a run trains, 20 steps at most: DDIM, 20 steps even in log-SNR, η = 1.",
    ],
    [
      { steps: "x" },
      null,
      false,
      "Drawn in the usual way: DPM-Solver++(2M), 10 steps even in log-SNR.",
    ],
  ] as [Partial<SideSettings>, number | null, boolean, string][])(
    "which the page says, and what is not so",
    (side, label, runGoesOn, words) => {
      const settings = addressedDraw(NOTHING);
      const query = withDraw(NOTHING, { ...settings, a: { ...settings.a, ...side } });
      const looked = { ...how, sampling: readParams("drawA", query), runGoesOn };
      const { digit } = lookOf({ ...chosen, label }, looked).look;
      expect(digit.kind === "drawn" && drawnWords(digit, looked)).toBe(words);
    },
  );
});

it.each([0, 0.5, 1])("at noise %d a digit drawn in one step is before that step", (noise) => {
  const chosen = { ...chosenAtFirst(NOTHING, 10), kind: "drawn", noise } as const;
  const ofOneStep = { ...how, config: { ...config, samplingTimesteps: 1 } };
  const { look, at, last } = lookOf(chosen, ofOneStep);
  expect([at, last]).toEqual([0, 0]);
  expect(look.digit).toMatchObject({ step: 0 });
});
