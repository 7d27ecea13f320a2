import { describe, expect, it } from "vitest";
import {
  figures,
  formatEpoch,
  formatOrigin,
  runState,
  standing,
} from "../../../../../src/app/shared/runs/runFacts.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { recordAt } from "../storedRecord.ts";

const config = { ...presetConfig("tiny"), epochs: 3 };

describe("the figures of a stored run", () => {
  it("are its step, epoch, losses and size", () => {
    const run = recordAt(25, { config, lastValidationLoss: 0.25, bestValidationLoss: 0.125 });
    expect(figures(run).map(({ name, value }) => `${name} ${value}`)).toEqual([
      "Step 25 of 30",
      "Epoch 3 of 3",
      "Validation 0.2500",
      "Best 0.1250",
      "Size 1.6 MB",
    ]);
  });

  it("have a dash for a loss that there is not", () => {
    const values = figures(recordAt(5)).map(({ value }) => value);
    expect(values.slice(2, 4)).toEqual(["–", "–"]);
  });
});

describe("where a run stands", () => {
  const run = {
    ...newRun({ runId: "a", name: "A", dataset: { id: "mnist", name: "MNIST" }, config }),
  };
  const step = { step: 17, loss: 1, gradNorm: 1, learningRate: 1, stepMs: 1, wallTimeMs: 1 };

  it("is further than it was saved while it is the one on the page", () => {
    const saved = recordAt(0, { runId: "a", config });
    expect(standing(saved, { ...run, steps: [step] })).toMatchObject({ step: 17, numEpochs: 1 });
    expect(standing(saved, run).step).toBe(0);
  });

  it("is as it was saved where another tab has trained it on since it was opened", () => {
    const saved = recordAt(25, { runId: "a", config, lastValidationLoss: 0.25 });
    expect(standing(saved, { ...run, steps: [step] })).toBe(saved);
  });

  it("is as it was saved of all others", () => {
    const saved = recordAt(5, { runId: "b", config });
    expect(standing(saved, { ...run, steps: [step] })).toBe(saved);
    expect(standing(saved, null)).toBe(saved);
  });
});

describe("the epoch of a stored run", () => {
  it.each([
    [0, "1 of 3"],
    [9, "1 of 3"],
    [10, "1 of 3"],
    [11, "2 of 3"],
    [30, "3 of 3"],
  ])("at step %d is %s", (step, words) => {
    expect(formatEpoch(recordAt(step, { config }))).toBe(words);
  });
});

describe("where a run comes from", () => {
  it("is its preset, and other images than MNIST", () => {
    const dataset = { ...recordAt(5).dataset, id: "files", name: "Your files", numTrain: 1200 };
    expect(formatOrigin(recordAt(5))).toBe("Tiny");
    expect(formatOrigin(recordAt(5, { dataset }))).toBe("Tiny, on “Your files”, 1,200 images");
    const points = { ...dataset, id: "points" as const, name: "two moons" };
    expect(formatOrigin(recordAt(5, { dataset: points }))).toBe(
      "Tiny, on “two moons”, 1,200 points",
    );
  });

  it("is a preset's plain name where this version does not know it", () => {
    expect(formatOrigin(recordAt(5, { preset: "toString" }))).toBe("toString");
  });
});

describe("what a run is", () => {
  const run = recordAt(5);
  it.each([
    [run, null, "Unfinished"],
    [run, "paused", "Paused"],
    [run, "preparing", "Training now"],
    [run, "validating", "Training now"],
    [{ ...run, isFinished: true }, null, "Finished"],
    [{ ...run, isFinished: true, hasStoppedEarly: true }, null, "Stopped early"],
  ] as const)("is said in words: %#", (record, status, words) => {
    expect(runState(record, status).words).toBe(words);
  });
});
