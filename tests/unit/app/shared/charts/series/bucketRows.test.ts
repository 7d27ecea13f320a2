import { describe, expect, it } from "vitest";
import {
  bucketRows,
  epochsUpTo,
  formatBucket,
  formatChange,
  formatTimestepRange,
  timestepCsv,
  timestepParts,
} from "../../../../../../src/app/shared/charts/series/bucketRows.ts";
import {
  hasBuckets,
  liveBefore,
  newRun,
  type Run,
} from "../../../../../../src/app/state/slices/run.ts";
import { defaultConfig } from "../../../../../../src/engine/config/hyperparameters.ts";

const { NaN: NONE } = Number;

function epochsOf(...bucketLosses: number[][]): Run["epochs"] {
  return bucketLosses.map((losses, i) => {
    const epoch = i + 1;
    const figures = { trainLoss: 1, validationLoss: 1, bucketLosses: losses };
    return { epoch, step: 10 * epoch, ...figures, wallTimeMs: 0 };
  });
}

function runOf(epochs: Run["epochs"]): Run {
  const run = newRun({
    runId: "run-1",
    name: "Run",
    dataset: { id: "mnist", name: "MNIST" },
    config: defaultConfig(),
  });
  return { ...run, epochs };
}

describe("the epochs up to a step", () => {
  const epochs = epochsOf([0.3], [0.2], [0.1]);
  const upTo = (step: number | null) => epochsUpTo(epochs, step).map(({ epoch }) => epoch);

  it("are those that have ended by then, without a step all", () => {
    expect(upTo(29)).toEqual([1, 2]);
    expect(upTo(30)).toEqual([1, 2, 3]);
    expect(upTo(null)).toEqual([1, 2, 3]);
  });

  it("are the first at least", () => {
    expect(upTo(3)).toEqual([1]);
  });
});

describe("losses by timestep", () => {
  it("are there from the first epoch on", () => {
    expect(hasBuckets(null)).toBe(false);
    expect(hasBuckets(runOf([]))).toBe(false);
    expect(hasBuckets(runOf(epochsOf([0.3, NONE])))).toBe(true);
  });

  it("are there live before that, of the newest step or one before", () => {
    const report = { loss: 1, gradNorm: 1, learningRate: 1, stepMs: 1, wallTimeMs: 0 };
    const steps = [1, 2, 3, 4, 5].map((step) => {
      return { ...report, step, ...(step % 2 === 0 ? { bucketLosses: [0.1 * step] } : {}) };
    });
    const run = { ...runOf([]), steps, config: { ...defaultConfig(), validateEvery: 2 } };
    expect(hasBuckets(run)).toBe(true);
    expect([null, 3, 1].map((step) => liveBefore(run, step)?.step)).toEqual([4, 2, 2]);
    expect(liveBefore({ ...run, epochs: epochsOf([0.3]) }, null)).toBeNull();
    expect(hasBuckets({ ...run, steps: steps.slice(0, 1) })).toBe(false);
  });

  it("are not there without images to validate on", () => {
    expect(hasBuckets(runOf(epochsOf([])))).toBe(false);
    expect(hasBuckets(runOf(epochsOf([NONE, NONE])))).toBe(false);
  });
});

describe("bucketRows", () => {
  it("are the newest epoch's losses, with those of the epoch before", () => {
    const rows = bucketRows(epochsOf([9, 9], [0.4, 0.2], [0.3, 0.1]), 1000);
    expect(rows.map((row) => row.timesteps)).toEqual(["0–499", "500–999"]);
    expect(rows.map((row) => row.loss)).toEqual([0.3, 0.1]);
    expect(rows.map((row) => row.before)).toEqual([0.4, 0.2]);
  });

  it("are as long as their loss, on a scale from 0 to the largest of both epochs", () => {
    const rows = bucketRows(epochsOf([0.4, 0.2], [0.3, 0.1]), 1000);
    expect(rows.map((row) => row.fraction)).toEqual([0.3 / 0.4, 0.1 / 0.4]);
    expect(rows.map((row) => row.beforeFraction)).toEqual([1, 0.5]);
  });

  it("have nothing to compare with after the first epoch", () => {
    const rows = bucketRows(epochsOf([0.4, 0.2]), 1000);
    expect(rows.map((row) => row.before)).toEqual([null, null]);
    expect(rows.map((row) => row.fraction)).toEqual([1, 0.5]);
  });

  it("have no loss where no image fell, and measure the others without it", () => {
    const [empty, full] = bucketRows(epochsOf([NONE, 0.2], [NONE, 0.1]), 1000);
    expect(empty).toMatchObject({ loss: null, before: null, fraction: 0, beforeFraction: 0 });
    expect(full).toMatchObject({ loss: 0.1, before: 0.2, fraction: 0.5, beforeFraction: 1 });
  });

  it("have no length when every loss is 0, or when there is none", () => {
    expect(bucketRows(epochsOf([0, 0]), 10).map((row) => row.fraction)).toEqual([0, 0]);
    expect(bucketRows(epochsOf([NONE]), 10).map((row) => row.fraction)).toEqual([0]);
    expect(bucketRows([], 10)).toEqual([]);
  });
});

describe("formatTimestepRange", () => {
  const ranges = (numTimesteps: number) =>
    Array.from({ length: 10 }, (_, bucket) =>
      formatTimestepRange({ bucket, numBuckets: 10, numTimesteps }),
    );

  it("cuts [0, T) into tenths", () => {
    expect(ranges(1000)[0]).toBe("0–99");
    expect(ranges(1000)[9]).toBe("900–999");
    expect(ranges(4000)[9]).toBe("3,600–3,999");
  });

  it("names a single timestep by itself", () => {
    expect(ranges(10)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it.each([10, 15, 37, 999, 1003])(
    "holds the timesteps that validation counts there, T = %d",
    (numTimesteps) => {
      // As `engine/train/validation.ts` deals them out.
      const buckets = Array.from({ length: 10 }, () => [] as number[]);
      for (let t = 0; t < numTimesteps; t++) buckets[Math.floor((t * 10) / numTimesteps)]?.push(t);
      const names = buckets.map((timesteps) => [...new Set([timesteps[0], timesteps.at(-1)])]);
      expect(ranges(numTimesteps).map((range) => range.replace(",", ""))).toEqual(
        names.map((ends) => ends.join("–")),
      );
    },
  );
});

describe("the losses by timestep of two epochs as CSV", () => {
  it("are a column each, with an empty field where no image fell, without buckets that no timestep is in", () => {
    const csvOf = (numTimesteps: number) => {
      const epochs = [
        [0.5, NONE],
        [0.25, 0.125],
      ].map((losses, i) => ({
        name: `epoch_${i + 2}`,
        parts: timestepParts(losses, numTimesteps),
      }));
      return timestepCsv(epochs).split("\r\n");
    };
    const columns = "first_timestep,last_timestep,epoch_2,epoch_3";
    expect(csvOf(1000)).toEqual([columns, "0,499,0.5,0.25", "500,999,,0.125", ""]);
    expect(csvOf(1)).toEqual([columns, "0,0,0.5,0.25", ""]);
  });
});

describe("formatChange", () => {
  it.each([
    [0.88, 1, "−12 %"],
    [0.997, 1, "−0.3 %"],
    [1.05, 1, "+5.0 %"],
    [30, 1, "+2,900 %"],
    [1.0001, 1, "0.0 %"],
    [0.9999, 1, "0.0 %"],
  ])("writes %d after %d as %s", (loss, before, words) => {
    expect(formatChange({ loss, before })).toBe(words);
  });

  it("writes a dash where there is nothing to compare", () => {
    expect(formatChange({ loss: 1, before: null })).toBe("–");
    expect(formatChange({ loss: null, before: 1 })).toBe("–");
    expect(formatChange({ loss: 1, before: 0 })).toBe("–");
  });
});

describe("formatBucket", () => {
  const words = (changes = {}) => formatBucket({ ...defaultConfig(), ...changes });

  it("say which end is noise", () => {
    expect(words()).toContain("At low t the images are nearly clean, at high t nearly pure noise.");
    expect(words({ architecture: "perceptron" })).toContain("At low t the points are nearly clean");
  });

  it("say what the network predicts, and how its error is weighted", () => {
    expect(words({ objective: "noise" })).toMatch(/predicting the noise\.$/);
    expect(words({ objective: "v" })).toMatch(/predicting v, weighted by t/);
    expect(words({ objective: "x0" })).toMatch(/predicting the image x₀, weighted by t/);
  });

  it("say when gamma caps the weights", () => {
    expect(words({ minSnrGamma: 5 })).toMatch(/v, weighted by t with Min-SNR gamma 5\.$/);
  });

  it("say nothing of weights where there are none", () => {
    expect(words({ lossWeight: "none", minSnrGamma: 5 })).toMatch(/predicting v\.$/);
    expect(words({ objective: "flow", minSnrGamma: 5 })).toMatch(/predicting the flow ε − x₀\.$/);
  });

  it("warn of chance when every epoch has noise of its own", () => {
    expect(words()).not.toMatch(/chance/);
    expect(words({ validationNoise: "fresh" })).toMatch(/small changes are chance/);
  });
});
