import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { totalMultiplyAdds } from "../../../../src/engine/nn/multiplyAdds.ts";

describe("the products of a forward pass", () => {
  it("are 0.73 GFLOP an image for the assignment's network, with their additions", () => {
    const products = totalMultiplyAdds(presetConfig("assignment"));
    expect((2 * products) / 1e9).toBeCloseTo(0.73, 2);
  });
});
