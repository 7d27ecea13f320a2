import { describe, expect, it } from "vitest";
import { newRun, type Run, runPart } from "../../../../src/app/state/slices/run.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";

function runWith(changes: Partial<Run>): Run {
  const config = presetConfig("tiny");
  return {
    ...newRun({ runId: "run-1", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
    ...changes,
  };
}

describe("runPart", () => {
  it("is the programs while they are compiled", () => {
    const run = runWith({ status: "preparing", compiling: { numCompiled: 3, numPrograms: 12 } });
    expect(runPart(run)).toEqual({ name: "Programs", numDone: 3, total: 12, fraction: 0.25 });
  });

  it("is the validation while it goes on", () => {
    const validation = { numImages: 25, totalImages: 100, elapsedMs: 1 };
    const run = runWith({ status: "validating", validation });
    expect(runPart(run)).toEqual({
      name: "Validation",
      numDone: 25,
      total: 100,
      fraction: 0.25,
    });
  });

  it("is the measurement while it goes on, also where its validation is still known", () => {
    const validation = { numImages: 100, totalImages: 100, elapsedMs: 1 };
    const measurement = { doing: "drawing", fraction: 0.5, elapsedMs: 1 } as const;
    expect(runPart(runWith({ status: "measuring", validation, measurement }))).toEqual({
      name: "Measuring quality",
      doing: "drawing",
      fraction: 0.5,
    });
  });

  it("is nothing while steps are done, and before anything is known", () => {
    const compiling = { numCompiled: 12, numPrograms: 12 };
    expect(runPart(runWith({ status: "training", compiling }))).toBeNull();
    expect(runPart(runWith({ status: "preparing" }))).toBeNull();
    expect(runPart(runWith({ status: "validating" }))).toBeNull();
  });
});
