import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultConfig, type RunConfig } from "../../../src/config/hyperparameters.ts";
import { newRun, type Run } from "../../../src/store/run.ts";
import { ASSIGNMENT_VALIDATION_LOSS } from "../../../src/ui/assignmentLoss.ts";
import { isAssignment, lossRows, lossWords } from "../../../src/ui/lossRows.ts";

const STEPS_PER_EPOCH = 10;
const size = {
  numParameters: 1,
  stepsPerEpoch: STEPS_PER_EPOCH,
  totalSteps: 1e6,
  microBatchSize: 8,
  startedFrom: null,
};

function runOf(changes: Partial<RunConfig> = {}, datasetName = "MNIST"): Run {
  return newRun({
    runId: "run-1",
    name: "Run",
    datasetName,
    config: { ...defaultConfig(), ...changes },
  });
}

function runOfLosses(losses: number[], changes: Partial<Run> = {}): Run {
  const steps = losses.map((loss, i) => {
    return { step: i + 1, loss, gradNorm: 1, learningRate: 1e-3, stepMs: 20, wallTimeMs: 0 };
  });
  return { ...runOf(), size, steps, ...changes };
}

describe("the assignment's curve", () => {
  it("is the one among the reference numbers", () => {
    const url = new URL("../../fixtures/reference/assignment-loss.json", import.meta.url);
    const { validation } = JSON.parse(readFileSync(url, "utf8"));
    expect(ASSIGNMENT_VALIDATION_LOSS).toEqual(validation);
  });

  it("is shown whatever changes only the length, the noise or the samples", () => {
    expect(isAssignment(runOf())).toBe(true);
    const changes = { epochs: 1, seed: 7, emaDecay: 0.99, samplingTimesteps: 5, previewEvery: 0 };
    expect(isAssignment(runOf(changes))).toBe(true);
  });

  it.each<Partial<RunConfig>>([
    { dim: 16 },
    { dimMults: [1, 2, 4] },
    { attnHeads: 1 },
    { attnDimHead: 16, selfCondition: false },
    { timesteps: 500 },
    { batchSize: 64 },
    { learningRate: 1e-3 },
    { warmupSteps: 30 },
    { beta1: 0.8 },
    { beta2: 0.99 },
    { adamEps: 1e-6 },
    { weightDecay: 0 },
    { maxGradNorm: 1 },
  ])("is not shown beside a run with %o", (changes) => {
    expect(isAssignment(runOf(changes))).toBe(false);
  });

  it("is not shown beside a run on other images", () => {
    expect(isAssignment(runOf({}, "Your files"))).toBe(false);
  });
});

describe("lossRows", () => {
  it("are the assignment's curve by epoch before the first step", () => {
    const { rows, xName } = lossRows(runOf());
    expect(xName).toBe("epoch");
    expect(rows.map((row) => row.reference)).toEqual(ASSIGNMENT_VALIDATION_LOSS);
  });

  it("set the run's losses and the assignment's at their steps, one epoch ahead", () => {
    const epochs = [
      { epoch: 1, step: 10, trainLoss: 0.5, validationLoss: 0.4, bucketLosses: [], wallTimeMs: 0 },
    ];
    const { rows, xName } = lossRows(runOfLosses(new Array(12).fill(1), { epochs }));
    expect(xName).toBe("step");
    expect(rows.map((row) => row.x)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20]);
    expect(rows[9]).toMatchObject({ loss: 1, train: 0.5, validation: 0.4, reference: 0.055 });
    expect(rows.at(-1)).toEqual({ x: 20, reference: 0.0474 });
  });

  it("stay few in a long run", () => {
    const losses = Array.from({ length: 20_000 }, (_, i) => 1 / (i + 1));
    expect(lossRows(runOfLosses(losses)).rows.length).toBeLessThan(300);
  });

  it("have no validation where there are no images for it", () => {
    const epochs = [
      {
        epoch: 1,
        step: 1,
        trainLoss: 0.5,
        validationLoss: Number.NaN,
        bucketLosses: [],
        wallTimeMs: 0,
      },
    ];
    expect(lossRows(runOfLosses([1], { epochs })).rows[0]).not.toHaveProperty("validation");
  });
});

describe("lossWords", () => {
  it("tell the newest loss", () => {
    expect(lossWords(runOfLosses([1, 0.05]))).toBe("Loss curve, 0.0500 at step 2");
  });

  it("say whose curve it is before there is one", () => {
    expect(lossWords(null)).toBe("Loss curve of the assignment");
    expect(lossWords(runOf())).toBe("Loss curve of the assignment");
  });
});
