import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../src/engine/config/hyperparameters.ts";
import {
  formatDuration,
  formatEpochPlace,
  formatLoss,
  formatPercent,
  formatRate,
  formatRoughly,
} from "../../../src/runtime/format.ts";

describe("formatDuration", () => {
  it.each([
    [0, "0.0 s"],
    [840, "0.8 s"],
    [9940, "9.9 s"],
    [9960, "10 s"],
    [59_600, "1 min"],
    [200_000, "3 min 20 s"],
    [2_006_000, "33 min"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("writes %d ms as %s", (durationMs, words) => {
    expect(formatDuration(durationMs)).toBe(words);
  });

  it("writes a dash for what is no duration", () => {
    expect(formatDuration(Number.NaN)).toBe("–");
    expect(formatDuration(Number.POSITIVE_INFINITY)).toBe("–");
    expect(formatDuration(-1)).toBe("–");
  });
});

describe("the other figures", () => {
  it("have as many digits as one reads", () => {
    expect(formatRate(0.05123)).toBe("0.0512");
    expect(formatRate(8.4321)).toBe("8.43");
    expect(formatRate(16_624.3)).toBe("16,624");
    expect(formatLoss(0.05)).toBe("0.0500");
    expect(formatLoss(Number.NaN)).toBe("NaN");
  });

  it("never say 100 % before the end", () => {
    expect(formatPercent(0)).toBe("0.0 %");
    expect(formatPercent(0.0251)).toBe("2.5 %");
    expect(formatPercent(0.999)).toBe("99 %");
    expect(formatPercent(1)).toBe("100 %");
  });
});

describe("formatRoughly", () => {
  it.each([
    [400, "1 s"],
    [7400, "7 s"],
    [9600, "10 s"],
    [47_000, "50 s"],
    [59_900, "1 min"],
    [222_000, "4 min"],
    [1_080_000, "20 min"],
    [2_200_000, "35 min"],
    [7_650_000, "2 h 10 min"],
    [17_500_000, "5 h"],
    [3_150_000_000, "36 d"],
  ])("has one or two figures: %s ms", (ms, words) => {
    expect(formatRoughly(ms)).toBe(words);
  });
});

describe("the place of an epoch", () => {
  it("is its number, and of a phase the steps of teacher and student", () => {
    const config = { ...defaultConfig(), epochs: 5 };
    expect(formatEpochPlace(config, 2)).toBe("epoch 2 of 5");
    const phases = [1, 5].map((phase) => formatEpochPlace({ ...config, distilFrom: 32 }, phase));
    expect(phases).toEqual(["phase 1 of 5: 32 → 16 steps", "phase 5 of 5: 2 → 1 step"]);
  });
});
