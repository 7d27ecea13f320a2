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
    ["all", [], [], 7, 2, "Steps 1–7 of 7 and epochs 1–2 of 2 are missing from the history."],
    ["the only step", [], [], 1, 0, "Step 1 of 1 is missing from the history."],
    [
      "its beginning and its end",
      [3, 4],
      [1],
      7,
      1,
      "Steps 1–2 and 5–7 of 7 are missing from the history.",
    ],
    ["an epoch", [1, 2, 3, 4, 5, 6], [2], 6, 2, "Epoch 1 of 2 is missing from the history."],
    [
      "every other",
      [2, 4, 6, 8, 10],
      [],
      11,
      0,
      "Steps 1, 3, 5 and 3 more gaps of 11 are missing from the history.",
    ],
  ] satisfies [string, number[], number[], number, number, string | null][])(
    "is told of %s",
    (_, steps, epochs, step, numEpochs, words) => {
      expect(gapsOf(steps, epochs, step, numEpochs)).toBe(words);
    },
  );
});
