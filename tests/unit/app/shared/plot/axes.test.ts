import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fewerLogTicks,
  formatPosition,
  linearTicks,
  logTicks,
  tickFormat,
  xLabel,
  xUnit,
} from "../../../../../src/app/shared/plot/axes.ts";
import type { Scale } from "../../../../../src/app/state/slices/chartOptions.ts";

describe("linearTicks", () => {
  it("are round and cover the values, wherever they begin", () => {
    expect(linearTicks(0, 1.05, 4)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]);
    expect(linearTicks(0, 457, 6)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(linearTicks(0.031, 0.049, 4)).toEqual([0.03, 0.035, 0.04, 0.045, 0.05]);
    expect(linearTicks(120, 480, 4)).toEqual([100, 200, 300, 400, 500]);
  });

  it("exist without values", () => {
    expect(linearTicks(0, Number.NEGATIVE_INFINITY, 5)).toEqual([0, 1]);
  });

  it("begin at 0 for a single value, and for two that differ by rounding alone", () => {
    expect(linearTicks(5, 5, 5)).toEqual([0, 1, 2, 3, 4, 5]);
    const rounded = linearTicks(0.8984375, 0.8984375000000001, 4);
    expect(rounded).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  it("are never two of the same, whatever they span", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(value, fc.double({ min: 0, max: 1e-6, noNaN: true }), (min, share) => {
        const ticks = linearTicks(min, min + share * Math.abs(min), 5);
        expect(new Set(ticks).size).toBe(ticks.length);
      }),
    );
  });
});

describe("fewerLogTicks", () => {
  const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

  it("are all where there is room, else the powers of ten, else some of those", () => {
    expect(fewerLogTicks(ticks, 10)).toEqual(ticks);
    expect(fewerLogTicks(ticks, 5)).toEqual([1, 10, 100, 1000]);
    expect(fewerLogTicks(ticks, 2)).toEqual([1, 100]);
  });

  it("are not a single one", () => {
    expect(fewerLogTicks([2, 5, 10, 20, 50], 3)).toEqual([2, 10, 50]);
  });
});

describe("logTicks", () => {
  it("are 1, 2 and 5 of each power, from below to above the values", () => {
    expect(logTicks(0.024, 1.1)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(0.1, 1)).toEqual([0.1, 0.2, 0.5, 1]);
  });

  it("are two even for a single value", () => {
    expect(logTicks(0.5, 0.5)).toEqual([0.5, 1]);
  });

  it("exist where there is no logarithm", () => {
    expect(logTicks(0, 1)).toEqual([0.1, 1]);
  });
});

const words = (ticks: number[], scale: Scale) => ticks.map(tickFormat(ticks, scale));

describe("the numbers along an axis", () => {
  it("have the same decimals on a linear scale", () => {
    expect(words([0, 0.5, 1, 1.5], "linear")).toEqual(["0.0", "0.5", "1.0", "1.5"]);
    expect(words([0, 0.002, 0.004], "linear")).toEqual(["0.000", "0.002", "0.004"]);
    expect(words([0, 1000, 2000], "linear")).toEqual(["0", "1,000", "2,000"]);
  });

  it("have the same power of ten where decimals would be too many", () => {
    expect(words([0, 5e-6, 1e-5, 1.5e-5], "linear")).toEqual(["0", "0.5e-5", "1.0e-5", "1.5e-5"]);
    expect(words([0, 2e-7, 4e-7], "linear")).toEqual(["0", "2e-7", "4e-7"]);
  });

  it("are as short as they are on a log scale, or all powers", () => {
    expect(words([0.05, 0.1, 1, 1000], "log")).toEqual(["0.05", "0.1", "1", "1,000"]);
    expect(words([5e-5, 1e-4, 1], "log")).toEqual(["5e-5", "1e-4", "1e0"]);
  });

  it("are plain where a power of ten would be longer", () => {
    expect(words([0.8982, 0.89825, 0.8983], "log")).toEqual(["0.89820", "0.89825", "0.89830"]);
    expect(words([0.8982, 0.89825, 0.8983], "linear")).toEqual(["0.89820", "0.89825", "0.89830"]);
  });

  it("do not show what computing has added", () => {
    expect(words([0.1 + 0.2, 0.6], "linear")).toEqual(["0.3", "0.6"]);
  });
});

const to = (ms: number) => ({ from: 0, to: ms });

describe("the x axis in words", () => {
  it("has time in seconds, minutes or hours, by how much of it is shown", () => {
    expect(xLabel("time", to(90_000), "linear")).toBe("Wall time (s)");
    expect(xLabel("time", to(600_000), "linear")).toBe("Wall time (min)");
    expect(xLabel("time", to(10 * 3_600_000), "linear")).toBe("Wall time (h)");
    expect(xLabel("time", { from: 3_600_000, to: 3_660_000 }, "linear")).toBe("Wall time (s)");
    expect(xUnit("time", to(600_000), "linear")).toBe(60_000);
  });

  it("has time in seconds on a log scale that begins with them", () => {
    expect(xLabel("time", { from: 300, to: 600_000 }, "log")).toBe("Wall time (s)");
    expect(xLabel("time", { from: 180_000, to: 600_000 }, "log")).toBe("Wall time (min)");
  });

  it("has steps and epochs as they are", () => {
    expect(xLabel("step", to(20_000), "linear")).toBe("Training step");
    expect(xLabel("epoch", to(3), "log")).toBe("Epoch");
    expect(xUnit("step", to(20_000), "linear")).toBe(1);
  });

  it("says where the cursor is, by the step and by the axis", () => {
    expect(formatPosition(1234, 1234, "step")).toBe("Step 1,234");
    expect(formatPosition(1234, 2.6321, "epoch")).toBe("Step 1,234, epoch 2.63");
    expect(formatPosition(1234, 125_000, "time")).toBe("Step 1,234, 2 min 5 s");
    expect(formatPosition(1234, Number.NaN, "time")).toBe("Step 1,234");
  });
});

it("the epochs of a distillation are phases", () => {
  expect(xLabel("epoch", { from: 0, to: 3 }, "linear", "phase")).toBe("Phase");
  expect(formatPosition(1234, 2.6321, "epoch", "phase")).toBe("Step 1,234, phase 2.63");
});
