import { describe, expect, it } from "vitest";
import { torchShape } from "../../../../src/engine/nn/layout.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { type FixtureName, fixtureWeights } from "./fixtureWeights.ts";

describe("the assignment's network", () => {
  const { parameters } = createUnet({
    dim: 32,
    dimMults: [1, 2, 5],
    attnHeads: 4,
    attnDimHead: 32,
    selfCondition: false,
    classes: 0,
  });
  const torchShapes = new Map(
    parameters.map(({ name, layout, shape }) => [name, torchShape(layout, shape)]),
  );

  it("has 3,434,017 parameters in 193 tensors", () => {
    expect(totalElements(parameters)).toBe(3_434_017);
    expect(parameters).toHaveLength(193);
  });

  it("gives every tensor a name of its own", () => {
    expect(torchShapes.size).toBe(parameters.length);
  });

  // From the state_dict of denoising_diffusion_pytorch.
  it.each<[string, number[]]>([
    ["init_conv.weight", [32, 1, 7, 7]],
    ["init_conv.bias", [32]],
    ["time_mlp.1.weight", [128, 32]],
    ["time_mlp.3.weight", [128, 128]],
    ["downs.0.0.mlp.1.weight", [64, 128]],
    ["downs.0.0.block1.proj.weight", [32, 32, 3, 3]],
    ["downs.0.0.block2.norm.g", [1, 32, 1, 1]],
    ["downs.0.2.mem_kv", [2, 4, 32, 4]],
    ["downs.0.2.norm.g", [1, 32, 1, 1]],
    ["downs.0.2.to_qkv.weight", [384, 32, 1, 1]],
    ["downs.0.2.to_out.0.weight", [32, 128, 1, 1]],
    ["downs.0.2.to_out.1.g", [1, 32, 1, 1]],
    ["downs.0.3.1.weight", [32, 128, 1, 1]],
    ["downs.1.3.1.weight", [64, 128, 1, 1]],
    ["downs.2.2.mem_kv", [2, 4, 4, 32]],
    ["downs.2.2.to_out.weight", [64, 128, 1, 1]],
    ["downs.2.3.weight", [160, 64, 3, 3]],
    ["mid_block1.block1.proj.weight", [160, 160, 3, 3]],
    ["mid_attn.mem_kv", [2, 4, 4, 32]],
    ["mid_attn.to_out.bias", [160]],
    ["ups.0.0.block1.proj.weight", [160, 224, 3, 3]],
    ["ups.0.0.res_conv.weight", [160, 224, 1, 1]],
    ["ups.0.2.mem_kv", [2, 4, 4, 32]],
    ["ups.0.3.1.weight", [64, 160, 3, 3]],
    ["ups.2.1.res_conv.bias", [32]],
    ["ups.2.2.mem_kv", [2, 4, 32, 4]],
    ["ups.2.3.weight", [32, 32, 3, 3]],
    ["final_res_block.block1.proj.weight", [32, 64, 3, 3]],
    ["final_res_block.res_conv.weight", [32, 64, 1, 1]],
    ["final_conv.weight", [1, 32, 1, 1]],
    ["final_conv.bias", [1]],
  ])("has %s in the library's shape %j", (name, shape) => {
    expect(torchShapes.get(name)).toEqual(shape);
  });

  it("has a residual convolution only where the width changes", () => {
    expect(torchShapes.has("downs.1.0.res_conv.weight")).toBe(false);
    expect(torchShapes.has("mid_block1.res_conv.weight")).toBe(false);
  });
});

describe("a network of one level", () => {
  it("attends fully and changes no size", () => {
    const { parameters } = createUnet({
      dim: 8,
      dimMults: [2],
      attnHeads: 1,
      attnDimHead: 4,
      selfCondition: false,
      classes: 0,
    });
    const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
    expect(shapes.get("downs.0.3.weight")).toEqual([3, 3, 8, 16]);
    expect(shapes.get("ups.0.3.weight")).toEqual([3, 3, 16, 8]);
    expect(shapes.has("downs.0.2.to_out.weight")).toBe(true);
  });
});

describe("the names and shapes of the parameters", () => {
  it.each<FixtureName>(["unet-tiny", "unet-three-level", "self-condition"])(
    "are all those of the library's state_dict: %s",
    (name) => {
      const { weights, config } = fixtureWeights(name);
      const { parameters } = createUnet(config);
      const ours = parameters.map((spec) => [spec.name, torchShape(spec.layout, spec.shape)]);
      const theirs = Array.from(weights, ([key, { shape }]) => [key, shape]);
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
      expect(ours).toHaveLength(theirs.length);
    },
  );

  it("with self-conditioning are the same but for a first convolution of two images", () => {
    const { weights, config } = fixtureWeights("self-condition");
    const without = createUnet({ ...config, selfCondition: false }).parameters;
    const others = without.filter(
      ({ name, layout, shape }) =>
        String(torchShape(layout, shape)) !== String(weights.get(name)?.shape),
    );
    expect(others.map(({ name, shape }) => [name, shape])).toEqual([
      ["init_conv.weight", [7, 7, 1, 4]],
    ]);
    expect(weights.get("init_conv.weight")?.shape).toEqual([4, 2, 7, 7]);
  });
});
