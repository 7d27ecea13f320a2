import { expect, it, vi } from "vitest";
import type { EpochReport } from "../../../../../src/engine/train/reports.ts";
import { StatusLine } from "../../../../../src/hosts/cli/parts/statusLine.ts";
import { TrainingProgress } from "../../../../../src/hosts/cli/parts/trainingProgress.ts";

it("the line of an epoch has each number that it reports, also one that no table names", () => {
  const line = new StatusLine();
  const print = vi.spyOn(line, "print").mockImplementation(() => {});
  const sizes = { stepsPerEpoch: 2, numEpochs: 3, numTrainImages: 4, numValidationImages: 2 };
  const progress = new TrainingProgress({ line, ...sizes, endMs: 0 });
  const losses = { trainLoss: 0.25, validationLoss: 0.125, bucketLosses: [] };
  const epoch = { epoch: 1, step: 2, wallTimeMs: 5, ...losses, perplexity: 7.5 } as EpochReport;
  progress.take({ type: "epoch", runId: "a", epoch });
  const [text] = print.mock.calls[0] as [string];
  expect(text).toMatch(/^epoch 1 of 3: /);
  expect(text.match(/\d+\.\d{4}/g)).toEqual(["0.2500", "0.1250", "7.5000"]);
  expect(text).toContain("perplexity 7.5000");
});
