import { describe, expect, it } from "vitest";
import { imageTimestep, pairTimestep } from "../../../src/config/noiseLevel.ts";

describe("the timestep that images are noised to", () => {
  it("is the share of T, from 0 to T - 1", () => {
    expect([0, 0.5, 1].map((share) => imageTimestep(share, 1000))).toEqual([0, 500, 999]);
  });

  it("is at least 1 of two that are mixed: they are denoised from the step before", () => {
    expect([0, 0.5, 1].map((share) => pairTimestep(share, 1000))).toEqual([1, 500, 999]);
  });
});
