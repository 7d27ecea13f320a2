import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PRESETS, presetConfig } from "../../../../../src/engine/config/presets.ts";
import { CommandError } from "../../../../../src/hosts/cli/options.ts";
import { newRun, resumedRun } from "../../../../../src/hosts/cli/parts/runStart.ts";
import { readNetwork, readStartWeights } from "../../../../../src/hosts/cli/parts/savedNetwork.ts";
import type { ImportedWeights } from "../../../../../src/runtime/files/importedWeights.ts";
import { smallDataset } from "../../../engine/train/smallRun.ts";

const LAB_RUN = new URL("../../../../fixtures/lab-run.safetensors", import.meta.url);
const dataset = { ...smallDataset(), id: "files", name: "small" };
const begin = (preset: string, ...changes: string[]) =>
  newRun({ preset, changes, weights: null, images: dataset });

/** Of a run that lasted longer than its preset says. */
const trained = { ...presetConfig("quick"), epochs: 40, objective: "noise" } as const;
const weights = (): ImportedWeights => ({
  fileName: "digits.safetensors",
  config: trained,
  hasSettings: true,
  network: trained,
  facts: { trainedSteps: 900, isAverage: true, dataset: "MNIST" },
  values: new Float32Array([1, 2, 3]),
  ema: null,
});
const beginWith = (weights: ImportedWeights, ...changes: string[]) =>
  newRun({ preset: undefined, changes, weights, images: dataset });

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
      learningRate: 1e-4,
      dimMults: [1, 2],
      lrDecay: "cosine",
    });
    expect(identity).toMatchObject({ preset: "quick", name: "Quick", startedFrom: null });
    expect(start).toEqual({ from: "weights", values: null });
  });

  it.each([
    [
      "an unknown preset",
      ["large"],
      `Expected --preset ${Object.keys(PRESETS).join(", ")}, got large.`,
    ],
    ["a name that every object has", ["toString"], "got toString."],
    ["an unknown setting", ["tiny", "rate=1"], "got rate=1."],
    ["a setting without a value", ["tiny", "epochs"], "got epochs."],
    ["a value out of range", ["tiny", "epochs=0"], "epochs: A whole number, 1 to 10,000, not 0."],
    ["a value that is none", ["tiny", "batchSize=many"], "batchSize: A whole number, 1 to 1,024."],
    ["labels without a class", ["tiny", "classes=9"], "classes: At least 10 "],
    ["values that do not fit", ["tiny", "dim=7"], "dim: An even number, not 7"],
  ])("is refused with %s, in words", (_, [preset = "", ...changes], message) => {
    expect(() => begin(preset, ...changes)).toThrow(CommandError);
    expect(() => begin(preset, ...changes)).toThrow(message);
  });

  it("begins with the weights of a file and its settings, for as many epochs as the preset has", () => {
    const { identity, start } = beginWith(weights(), "seed=7");
    expect(identity).toMatchObject({
      config: { ...trained, epochs: presetConfig("quick").epochs, seed: 7 },
      preset: "quick",
      name: "Quick",
      startedFrom: { fileName: "digits.safetensors", trainedSteps: 900 },
    });
    expect(start).toEqual({ from: "weights", values: weights().values });
    expect(beginWith(weights(), "epochs=5").identity.config.epochs).toBe(5);
  });

  it("has the settings as they are where the file says nothing of them", () => {
    const { config } = beginWith({ ...weights(), hasSettings: false }).identity;
    expect(config).toEqual(trained);
  });

  it("distils those of a network with the same objective, schedule and T alone", () => {
    const phases = ["distilFrom=4", "epochs=2"];
    const both = { ...weights(), ema: new Float32Array([4, 5, 6]) };
    const { start, identity } = beginWith(both, ...phases);
    expect(identity.config).toMatchObject({ distilFrom: 4, epochs: 2 });
    // The average teaches, since it is what is sampled.
    expect(start).toEqual({ from: "weights", values: both.ema });
    expect(() => beginWith(both, ...phases, "objective=v")).toThrow("set it to noise");
    expect(() => beginWith(both, ...phases, "timesteps=500")).toThrow("set it to 1000");
    expect(() => beginWith(both, "distilFrom=4", "epochs=3")).toThrow("epochs: At most 2, not 3");
  });

  it("is refused with another network than that of the weights", () => {
    expect(() => beginWith(weights(), "dim=16")).toThrow(CommandError);
    expect(() => beginWith(weights(), "dim=16")).toThrow(
      "Expected the network of digits.safetensors as it is: leave architecture, dim, dimMults, attnHeads, attnDimHead, selfCondition, classes out.",
    );
  });

  it("is not resumed from a file that is not there", () => {
    expect(() => resumedRun("/nowhere/run.safetensors", [], dataset)).toThrow(
      "Expected --resume FILE, but at /nowhere/run.safetensors there is no file.",
    );
  });

  it.each([
    ["is a text", (_: Buffer) => Buffer.from("Some notes."), "a text file"],
    ["is cut off", (whole: Buffer) => whole.subarray(0, 5000), "truncated"],
  ])("begins with no file that %s, and the message names it", async (_, made, message) => {
    const folder = mkdtempSync(join(tmpdir(), "run-"));
    const path = join(folder, "run.safetensors");
    writeFileSync(path, made(readFileSync(LAB_RUN)));
    try {
      const refusals = await Promise.allSettled([
        Promise.resolve().then(() => resumedRun(path, [], dataset)),
        readNetwork(path),
        readStartWeights(path),
      ]);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: "rejected", reason: { name: "CommandError" } });
        const words = String((refusal as PromiseRejectedResult).reason.message);
        expect(words.startsWith(`${path}: `)).toBe(true);
        expect(words).toContain(message);
        expect(words).not.toMatch(/this page/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
