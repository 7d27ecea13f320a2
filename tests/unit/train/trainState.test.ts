import { describe, expect, it } from "vitest";
import { learningRateAt } from "../../../src/train/trainState.ts";

describe("the learning rate", () => {
  it("rises linearly over the warm-up and then stays", () => {
    const config = { learningRate: 0.1, warmupSteps: 4 };
    const rates = [1, 2, 3, 4, 5, 1000].map((step) => learningRateAt(step, config));
    [0.025, 0.05, 0.075, 0.1, 0.1, 0.1].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 12);
    });
  });

  it("is constant without a warm-up", () => {
    expect(learningRateAt(1, { learningRate: 0.1, warmupSteps: 0 })).toBe(0.1);
  });
});
