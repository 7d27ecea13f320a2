import { describe, expect, it } from "vitest";
import { EXAMPLE_DIGIT, noisyDigits } from "../../../../../src/app/shared/explain/NoisyDigits.tsx";
import { defaultConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { createSchedule } from "../../../../../src/engine/diffusion/schedule.ts";

const { timesteps, pixels } = noisyDigits(
  createSchedule({ ...defaultConfig(), betaSchedule: "sigmoid" }),
);
const digit = (index: number) => pixels.subarray(784 * index, 784 * (index + 1));

describe("the digit that drowns in noise", () => {
  it("is drawn at five t from the first to the last", () => {
    expect(timesteps).toEqual([0, 250, 500, 749, 999]);
    expect(pixels).toHaveLength(5 * 784);
  });

  it("is itself at first: bright where its strokes are", () => {
    const strokes = Array.from(EXAMPLE_DIGIT.keys()).filter((i) => (EXAMPLE_DIGIT[i] ?? 0) > 0.8);
    expect(strokes.length).toBeGreaterThan(30);
    for (const i of strokes) expect(digit(0)[i]).toBeGreaterThan(200);
  });

  it("loses its likeness step by step", () => {
    const likeness = timesteps.map((_, index) => correlation(digit(index)));
    for (const [i, value] of likeness.slice(1).entries())
      expect(value).toBeLessThan(likeness[i] ?? 0);
    expect(likeness[0]).toBeGreaterThan(0.98);
    expect(Math.abs(likeness[4] ?? 1)).toBeLessThan(0.15);
  });
});

/** With the clean digit. */
function correlation(values: Uint8Array): number {
  const mean = (list: ArrayLike<number>) =>
    Array.from(list).reduce((sum, v) => sum + v, 0) / list.length;
  const [meanA, meanB] = [mean(values), mean(EXAMPLE_DIGIT)];
  let [ab, aa, bb] = [0, 0, 0];
  values.forEach((value, i) => {
    const [a, b] = [value - meanA, (EXAMPLE_DIGIT[i] ?? 0) - meanB];
    ab += a * b;
    aa += a * a;
    bb += b * b;
  });
  return ab / Math.sqrt(aa * bb);
}
