import { expect, it, vi } from "vitest";
import { defaultConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import type { EpochReport, StepReport } from "../../../../../src/engine/train/reports.ts";
import { StatusLine } from "../../../../../src/hosts/cli/parts/statusLine.ts";
import { TrainingProgress } from "../../../../../src/hosts/cli/parts/trainingProgress.ts";

it("the line of an epoch has each number that it reports, also one that no table names", () => {
  const line = new StatusLine();
  const print = vi.spyOn(line, "print").mockImplementation(() => {});
  const config = { ...defaultConfig(), epochs: 3 };
  const sizes = { config, stepsPerEpoch: 2, numTrainImages: 4, numValidationImages: 2 };
  const progress = new TrainingProgress({ line, ...sizes, endMs: 0 });
  const losses = { trainLoss: 0.25, validationLoss: 0.125, bucketLosses: [] };
  const epoch = { epoch: 1, step: 2, wallTimeMs: 5, ...losses, perplexity: 7.5 } as EpochReport;
  progress.take({ type: "epoch", runId: "a", epoch });
  const [text] = print.mock.calls[0] as [string];
  expect(text).toMatch(/^epoch 1 of 3: /);
  expect(text.match(/\d+\.\d{4}/g)).toEqual(["0.2500", "0.1250", "7.5000"]);
  expect(text).toContain("perplexity 7.5000");
});

it("the epochs of a distillation are phases, with the steps of teacher and student", () => {
  const line = new StatusLine();
  const tell = vi.spyOn(line, "tell").mockImplementation(() => {});
  const config = { ...defaultConfig(), distilFrom: 8, epochs: 3, phaseSteps: 2 };
  const sizes = { config, stepsPerEpoch: 2, numTrainImages: 4, numValidationImages: 2 };
  const progress = new TrainingProgress({ line, ...sizes, endMs: 0 });
  const step = { step: 5, loss: 0.5, learningRate: 1, stepMs: 1, wallTimeMs: 1 };
  progress.take({ type: "steps", runId: "a", steps: [step as StepReport] });
  expect(tell).toHaveBeenCalledWith(expect.stringMatching(/^phase 3 of 3: 2 → 1 step {2}step 5/));
});

it("a run of a sweep goes to the end of its budget, not to its last epoch", () => {
  const line = new StatusLine();
  const tell = vi.spyOn(line, "tell").mockImplementation(() => {});
  const config = { ...defaultConfig(), epochs: 3 };
  const sizes = { config, stepsPerEpoch: 100, numTrainImages: 4, numValidationImages: 2 };
  const ends = { endMs: Number.POSITIVE_INFINITY, budget: { steps: 20 } };
  const progress = new TrainingProgress({ line, ...sizes, ...ends });
  const step = { step: 5, loss: 0.5, learningRate: 1, stepMs: 1000, wallTimeMs: 1 };
  progress.take({ type: "steps", runId: "a", steps: [step as StepReport] });
  expect(tell).toHaveBeenCalledWith(expect.stringMatching(/step 5 of 20 .*15 s left$/));
});
