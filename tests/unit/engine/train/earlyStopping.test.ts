import { describe, expect, it } from "vitest";
import { bestEpochIndex, stopsEarly } from "../../../../src/engine/train/earlyStopping.ts";

const epochs = (...losses: number[]) => losses.map((validationLoss) => ({ validationLoss }));

describe("early stopping", () => {
  it.each([
    ["before the patience is over", [3, 2, 2.5], 2, 0, false],
    ["once the loss has not fallen for so many epochs", [3, 2, 2.5, 2.1], 2, 0, true],
    ["not while it falls", [3, 2, 1.9, 1.8, 1.7], 1, 0, false],
    ["an equal loss is no gain", [3, 3], 1, 0, true],
    ["gains below the minimum do not count", [3, 2.95, 2.91], 2, 0.1, true],
    ["gains below the minimum add up", [3, 2.95, 2.89, 2.84], 2, 0.1, false],
    ["a gain of exactly the minimum counts", [3, 2.5], 1, 0.5, false],
    ["patience 0 is off", [1, 2, 3, 4], 0, 0, false],
    ["never before the first epoch", [], 1, 0, false],
    ["never without images to validate on", [Number.NaN, Number.NaN], 1, 0, false],
  ])("%s", (_, losses, patience, minGain, expected) => {
    expect(stopsEarly(epochs(...losses), { patience, minGain, distilFrom: 0 })).toBe(expected);
  });

  it("never happens in a distillation, whose phases have losses of different kinds", () => {
    const settings = { patience: 1, minGain: 0, distilFrom: 8 };
    expect(stopsEarly(epochs(1, 2, 3), settings)).toBe(false);
  });
});

describe("the best epoch", () => {
  it.each([
    ["has the lowest loss", [3, 1, 2], 1],
    ["is the first of equals", [1, 1], 0],
    ["passes over what is no number", [Number.NaN, 2], 1],
    ["is none without epochs", [], -1],
  ])("%s", (_, losses, expected) => {
    expect(bestEpochIndex(epochs(...losses))).toBe(expected);
  });
});
