import { describe, expect, it } from "vitest";
import { historyGaps } from "../../../src/storage/historyGaps.ts";
import { epochReport, stepReport } from "./storedRun.ts";

const gapsOf = (steps: number[], epochs: number[], step: number, numEpochs: number) =>
  historyGaps(
    { steps: steps.map(stepReport), epochs: epochs.map((e) => epochReport(e, 3 * e, 0.5)) },
    { step, numEpochs },
  );

describe("what a history lacks", () => {
  it.each([
    ["nothing", [1, 2, 3, 4], [1], 4, 1, null],
    ["nothing before the first step", [], [], 0, 0, null],
    ["all", [], [], 7, 2, "steps 1–7 of 7; epochs 1–2 of 2"],
    ["the only step", [], [], 1, 0, "step 1 of 1"],
    ["its beginning and its end", [3, 4], [1], 7, 1, "steps 1–2 and 5–7 of 7"],
    ["an epoch", [1, 2, 3, 4, 5, 6], [2], 6, 2, "epoch 1 of 2"],
    ["every other", [2, 4, 6, 8, 10], [], 11, 0, "steps 1, 3, 5 and 3 more gaps of 11"],
  ] satisfies [string, number[], number[], number, number, string | null][])(
    "is told of %s",
    (_, steps, epochs, step, numEpochs, words) => {
      expect(gapsOf(steps, epochs, step, numEpochs)).toBe(words);
    },
  );
});
