import { describe, expect, it } from "vitest";
import { IMAGE_SIZE } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { totalMultiplyAdds } from "../../../../src/engine/nn/multiplyAdds.ts";

describe("the products of a forward pass", () => {
  it("are 0.73 GFLOP an image for the assignment's network, with their additions", () => {
    const products = totalMultiplyAdds(presetConfig("assignment"), IMAGE_SIZE);
    expect((2 * products) / 1e9).toBeCloseTo(0.73, 2);
  });
});
