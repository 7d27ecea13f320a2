import { describe, expect, it } from "vitest";
import { isMeasured, numMeasuredAfter } from "../../../../src/engine/config/epochSamples.ts";

describe("the epochs after which samples are measured", () => {
  it.each([
    [{ evaluateEvery: 0, epochs: 5 }, []],
    [{ evaluateEvery: 1, epochs: 3 }, [1, 2, 3]],
    [{ evaluateEvery: 2, epochs: 5 }, [2, 4, 5]],
    [{ evaluateEvery: 2, epochs: 4 }, [2, 4]],
    [{ evaluateEvery: 9, epochs: 4 }, [4]],
  ])("%o: %j, and as many are counted as are left", (settings, expected) => {
    const all = Array.from({ length: settings.epochs }, (_, i) => i + 1);
    expect(all.filter((epoch) => isMeasured(epoch, settings))).toEqual(expected);
    for (const numEpochs of [0, ...all]) {
      const left = expected.filter((epoch) => epoch > numEpochs).length;
      expect(numMeasuredAfter(numEpochs, settings), `after ${numEpochs}`).toBe(left);
    }
  });
});
