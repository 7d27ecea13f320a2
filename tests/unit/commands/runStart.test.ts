import { describe, expect, it } from "vitest";
import { CommandError } from "../../../src/commands/commandError.ts";
import { newRun, resumedRun } from "../../../src/commands/runStart.ts";
import { presetConfig } from "../../../src/config/presets.ts";
import { smallDataset } from "../train/smallRun.ts";

const dataset = { ...smallDataset(), name: "small" };
const begin = (preset: string, ...changes: string[]) =>
  newRun({ preset, changes, weights: null, dataset });

describe("a run of the command line", () => {
  it("has the preset's settings, with those changed that are named", () => {
    const { identity, start } = begin(
      "quick",
      "learningRate=1e-4",
      "dimMults=1,2",
      "lrDecay=cosine",
    );
    expect(identity.config).toEqual({
      ...presetConfig("quick"),
      ...{ learningRate: 1e-4, dimMults: [1, 2], lrDecay: "cosine" },
    });
    expect(identity).toMatchObject({ preset: "quick", name: "Quick", startedFrom: null });
    expect(start).toEqual({ from: "weights", values: null });
  });

  it.each([
    [
      "an unknown preset",
      ["large"],
      "Expected --preset quick, laptop, assignment, tiny, got large.",
    ],
    ["a name that every object has", ["toString"], "got toString."],
    ["an unknown setting", ["tiny", "rate=1"], "got rate=1."],
    ["a setting without a value", ["tiny", "epochs"], "got epochs."],
    ["a value out of range", ["tiny", "epochs=0"], "epochs: A whole number, 1 to 10000, not 0."],
    ["a value that is none", ["tiny", "batchSize=many"], "batchSize: A whole number, 1 to 1024."],
    ["values that do not fit", ["tiny", "dim=7"], "dim: An even number, not 7"],
  ])("is refused with %s, in words", (_, [preset = "", ...changes], message) => {
    expect(() => begin(preset, ...changes)).toThrow(CommandError);
    expect(() => begin(preset, ...changes)).toThrow(message);
  });

  it("is not resumed from a file that is not there", () => {
    expect(() => resumedRun("/nowhere/run.safetensors", [], dataset)).toThrow(
      "Expected a run to resume at /nowhere/run.safetensors, but there is no file.",
    );
  });
});
