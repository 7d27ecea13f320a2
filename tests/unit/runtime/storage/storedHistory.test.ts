import { describe, expect, it } from "vitest";
import { historyGaps } from "../../../../src/runtime/storage/storedHistory.ts";
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
    ["all", [], [], 7, 2, "7 of 7 steps and 2 of 2 epochs are missing from the history."],
    ["the only step", [], [], 1, 0, "1 of 1 step is missing from the history."],
    ["its beginning and its end", [3, 4], [1], 7, 1, "5 of 7 steps are missing from the history."],
    ["an epoch", [1, 2, 3], [2], 3, 2, "1 of 2 epochs is missing from the history."],
  ] satisfies [string, number[], number[], number, number, string | null][])(
    "is told of %s",
    (_, steps, epochs, step, numEpochs, words) => {
      expect(gapsOf(steps, epochs, step, numEpochs)).toBe(words);
    },
  );
});
