import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ASSIGNMENT_VALIDATION_LOSS,
  formatAssignmentLoss,
  isAssignment,
} from "../../../../../../src/app/shared/charts/series/assignmentRun.ts";
import type { RunConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import { emptyRun, runOfLosses } from "../exampleRun.ts";

describe("the assignment's curve", () => {
  it("is the one among the reference numbers", () => {
    const url = new URL("../../../../../fixtures/reference/assignment-loss.json", import.meta.url);
    const { validation } = JSON.parse(readFileSync(url, "utf8"));
    expect(ASSIGNMENT_VALIDATION_LOSS).toEqual(validation);
  });

  it("is shown whatever changes only the length, the noise or the samples", () => {
    expect(isAssignment(emptyRun())).toBe(true);
    const changes = { epochs: 1, seed: 7, emaDecay: 0.99, samplingTimesteps: 5, previewEvery: 0 };
    expect(isAssignment(emptyRun(changes))).toBe(true);
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
    expect(isAssignment(emptyRun(changes))).toBe(false);
  });

  it("is not shown beside a run on other images", () => {
    expect(isAssignment(emptyRun({}, "files"))).toBe(false);
  });
});

describe("formatAssignmentLoss", () => {
  it("tell the newest loss", () => {
    expect(formatAssignmentLoss(runOfLosses([1, 0.05]))).toBe("Loss curve, 0.0500 at step 2");
  });

  it("say whose curve it is before there is one", () => {
    expect(formatAssignmentLoss(null)).toBe("Loss curve of the assignment");
    expect(formatAssignmentLoss(emptyRun())).toBe("Loss curve of the assignment");
  });
});
