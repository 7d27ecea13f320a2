import { describe, expect, it } from "vitest";
import {
  denoiseFromQuery,
  withDenoise,
} from "../../../../../../src/app/features/denoise/state/denoiseAddress.ts";
import { chosenAtFirst, lookOf } from "../../../../../../src/app/features/model/inside/chosen.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";

const NOTHING = new URLSearchParams();
const config = { ...presetConfig("tiny"), classes: 10 };

describe("the digits that are looked at first", () => {
  it.each([
    ["as it is at first", {}, { index: 0, seed: 0, label: null }],
    ["another image and seed", { digit: 12, seed: "34" }, { index: 12, seed: 34, label: null }],
    ["a class", { ask: "class", label: "3" }, { label: 3 }],
    ["its usual class", { ask: "class" }, { label: 7 }],
    ["a text", { ask: "text", label: "3" }, { label: null }],
    ["what is no number", { ask: "class", seed: "x", label: "y" }, { seed: 0, label: null }],
  ] as const)("are those of Denoise: %s", (_, changes, expected) => {
    const settings = { ...denoiseFromQuery(NOTHING), ...changes };
    expect(chosenAtFirst(withDenoise(NOTHING, settings))).toMatchObject(expected);
  });

  it("are asked of the worker, the real one among those that there are", () => {
    const chosen = { ...chosenAtFirst(NOTHING), index: 12, seed: 34, label: 3 };
    expect(lookOf(chosen, config, 10).look.digit).toMatchObject({ kind: "real", index: 2 });
    const { look } = lookOf({ ...chosen, kind: "drawn" }, config, 10);
    expect(look.digit).toMatchObject({ kind: "drawn", seed: 34, condition: { labels: [3] } });
  });
});

it.each([0, 0.5, 1])("at noise %d a digit drawn in one step is before that step", (noise) => {
  const chosen = { ...chosenAtFirst(NOTHING), kind: "drawn", noise } as const;
  const { look, at, last } = lookOf(chosen, { ...config, samplingTimesteps: 1 }, 0);
  expect([at, last]).toEqual([0, 0]);
  expect(look.digit).toMatchObject({ step: 0 });
});
