import { describe, expect, it } from "vitest";
import { imageTimestep, pairShares, pairTimestep } from "../../../../src/engine/config/sampling.ts";

describe("the timestep that images are noised to", () => {
  it("is the share of T, from 0 to T - 1", () => {
    expect([0, 0.5, 1].map((share) => imageTimestep(share, 1000))).toEqual([0, 500, 999]);
  });

  it("is at least 1 of two that are mixed: they are denoised from the step before", () => {
    expect([0, 0.5, 1].map((share) => pairTimestep(share, 1000))).toEqual([1, 500, 999]);
  });
});

describe("the share of the second of two images", () => {
  it("goes evenly from none to all, and is half for one alone", () => {
    expect(pairShares(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(pairShares(1)).toEqual([0.5]);
  });
});
