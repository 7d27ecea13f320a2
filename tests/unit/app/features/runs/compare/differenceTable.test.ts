import { describe, expect, it } from "vitest";
import { snapshotSteps } from "../../../../../../src/app/features/runs/compare/CompareCharts.tsx";
import type { ComparedRun } from "../../../../../../src/app/features/runs/compare/comparedRuns.ts";
import {
  differingSettings,
  results,
} from "../../../../../../src/app/features/runs/compare/DifferenceTable.tsx";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { qualityFigures } from "../../../../engine/train/exampleHistory.ts";

function run(changes: Partial<ComparedRun>): ComparedRun {
  return {
    runId: "a",
    place: 0,
    name: "A",
    config: presetConfig("tiny"),
    dataset: { id: "mnist", name: "MNIST" },
    startedFrom: null,
    numParameters: 1234,
    stepsPerEpoch: 10,
    steps: [],
    epochs: [],
    snapshots: [],
    ...changes,
  };
}

function snapshot(step: number): ComparedRun["snapshots"][number] {
  return { step, wallTimeMs: 0, count: 1, numFrames: 1, pixels: new Uint8Array(784) };
}

function epoch(validationLoss: number): ComparedRun["epochs"][number] {
  return { epoch: 1, step: 10, trainLoss: 0.3, validationLoss, bucketLosses: [], wallTimeMs: 0 };
}

describe("the settings in which runs differ", () => {
  it("are none where all are the same", () => {
    expect(differingSettings([run({}), run({ runId: "b" })])).toEqual([]);
  });

  it("are named as in the form, with the value of each run", () => {
    const config = { ...presetConfig("tiny"), dimMults: [1, 2, 4], selfCondition: true, epochs: 7 };
    expect(differingSettings([run({}), run({ config })])).toEqual([
      { label: "Width multipliers", values: ["1, 2", "1, 2, 4"] },
      { label: "Self-conditioning", values: ["off", "on"] },
      { label: "Epochs", values: ["1", "7"] },
    ]);
  });

  it("are also other images and other starting weights", () => {
    const other = run({
      dataset: { id: "files", name: "Your files" },
      startedFrom: { fileName: "w.safetensors" },
    });
    expect(differingSettings([run({}), other])).toEqual([
      { label: "Images", values: ["MNIST", "Your files"] },
      { label: "Started from", values: ["new weights", "w.safetensors"] },
    ]);
  });

  it("are not told apart where only one of three runs differs from two equal ones", () => {
    const config = { ...presetConfig("tiny"), seed: 5 };
    expect(differingSettings([run({}), run({ config }), run({})])).toEqual([
      { label: "Seed", values: ["0", "5", "0"] },
    ]);
  });
});

describe("the results of a run", () => {
  const valueIn = (of: ComparedRun, label: string) =>
    results([of]).find((row) => row.label === label)?.values[0];

  it("have the last and the lowest validation loss", () => {
    const of = run({ epochs: [epoch(0.2), epoch(0.1), epoch(0.15)] });
    expect(valueIn(of, "Validation loss, last")).toBe("0.1500");
    expect(valueIn(of, "Validation loss, lowest")).toBe("0.1000");
    expect(valueIn(of, "Epochs completed")).toBe("3");
  });

  it("have what was measured where any of the runs was, and else not", () => {
    const quality = qualityFigures({ frechetDistance: 7 });
    const measured = run({ epochs: [{ ...epoch(0.2), quality }, epoch(0.1)] });
    const rows = results([measured, run({})]).filter(({ label }) => label.includes("Fréchet"));
    expect(rows.map(({ values }) => values)).toEqual([
      ["7.00", "–"],
      ["7.00", "–"],
    ]);
    expect(results([run({})])).toHaveLength(6);
  });

  it("say that there is none where nothing was validated", () => {
    const of = run({ epochs: [epoch(Number.NaN)] });
    expect(valueIn(of, "Validation loss, last")).toBe("–");
    expect(valueIn(of, "Validation loss, lowest")).toBe("–");
  });

  it("have the time by the clock, with pauses, and the steps", () => {
    const step = { loss: 1, gradNorm: 1, learningRate: 1e-3 };
    const steps = [
      { ...step, step: 1, stepMs: 1500, wallTimeMs: 1500 },
      { ...step, step: 2, stepMs: 2500, wallTimeMs: 9000 },
    ];
    expect(valueIn(run({ steps }), "Wall time, with pauses")).toBe("9.0 s");
    expect(valueIn(run({ steps }), "Steps")).toBe("2");
  });
});

describe("the steps at which runs have pictures", () => {
  it("are those of all, each once, ascending", () => {
    const runs = [
      run({ snapshots: [snapshot(0), snapshot(50), snapshot(400)] }),
      run({ snapshots: [snapshot(0), snapshot(40), snapshot(50)] }),
    ];
    expect(snapshotSteps(runs)).toEqual([0, 40, 50, 400]);
  });
});
