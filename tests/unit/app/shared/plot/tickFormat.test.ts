import { describe, expect, it } from "vitest";
import { tickFormat } from "../../../../../src/app/shared/plot/tickFormat.ts";
import type { Scale } from "../../../../../src/app/state/slices/chartOptions.ts";

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
