import { describe, expect, it } from "vitest";
import { forwardFlops } from "../../../src/bench/flops.ts";
import { presetConfig } from "../../../src/config/presets.ts";

describe("the operations of a forward pass", () => {
  it("are 0.73 GFLOP an image for the assignment's network", () => {
    expect(forwardFlops(presetConfig("assignment")) / 1e9).toBeCloseTo(0.73, 2);
  });
});
