import { describe, expect, it } from "vitest";
import { IMAGE_SIZE } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { convShapes, totalMultiplyAdds } from "../../../../src/engine/nn/multiplyAdds.ts";

describe("the products of a forward pass", () => {
  it("are 0.73 GFLOP an image for the assignment's network, with their additions", () => {
    const products = totalMultiplyAdds(presetConfig("assignment"), IMAGE_SIZE);
    expect((2 * products) / 1e9).toBeCloseTo(0.73, 2);
  });
});

describe("the shapes of a network's convolutions", () => {
  it("come each once, those first whose layers take most", () => {
    const shapes = convShapes(presetConfig("assignment"), IMAGE_SIZE);
    expect(shapes.slice(0, 2)).toEqual([
      { kernelSize: 3, width: 7, numIn: 160, numOut: 160 },
      { kernelSize: 3, width: 28, numIn: 32, numOut: 32 },
    ]);
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(shapes.length);
  });
});
