import { describe, expect, it } from "vitest";
import { sigmoidSchedule } from "../../sigmoidSchedule.ts";

describe.each([10, 50, 1000, 4000])("the sigmoid schedule with T = %i", (numTimesteps) => {
  const { betas, alphaBars, lossWeights } = sigmoidSchedule(numTimesteps);

  it("has T values in every table", () => {
    for (const table of [betas, alphaBars, lossWeights]) expect(table).toHaveLength(numTimesteps);
  });

  it("follows the sigmoid from -3 to 3, scaled to end at 0", () => {
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    // The last beta is cut to 0.999, so the last alphaBar is not 0.
    alphaBars.slice(0, -1).forEach((alphaBar, t) => {
      const progress = (t + 1) / numTimesteps;
      const expected = (sigmoid(3) - sigmoid(6 * progress - 3)) / (sigmoid(3) - sigmoid(-3));
      expect(alphaBar).toBeCloseTo(expected, 6);
    });
    expect(alphaBars[numTimesteps / 2 - 1]).toBeCloseTo(0.5, 6);
  });

  it("adds noise at every step, at most 0.999 of it", () => {
    expect(betas.every((beta) => beta > 0 && beta <= 0.999)).toBe(true);
    expect(betas.at(-1)).toBe(0.999);
    expect(alphaBars.at(-1)).toBeGreaterThan(0);
    expect(alphaBars.at(-1)).toBeLessThan(1e-3);
  });

  it("weights losses by snr / (snr + 1)", () => {
    alphaBars.forEach((alphaBar, t) => {
      const snr = alphaBar / (1 - alphaBar);
      expect(lossWeights[t]).toBeCloseTo(snr / (snr + 1), 12);
    });
  });
});
