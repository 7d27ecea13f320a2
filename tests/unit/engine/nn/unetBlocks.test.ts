import { describe, expect, it } from "vitest";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import { blockMultiplyAdds } from "../../../../src/engine/nn/multiplyAdds.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { inOrder, type UnetConfig, unetBlocks } from "../../../../src/engine/nn/unetBlocks.ts";

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
const ODD: UnetConfig = {
  dim: 6,
  dimMults: [3, 1, 7],
  attnHeads: 3,
  attnDimHead: 5,
  selfCondition: true,
  classes: 3,
};
const CONFIGS: UnetConfig[] = [
  ...PRESET_NAMES.map(presetConfig),
  ODD,
  { ...ODD, dimMults: [2] },
  { ...ODD, dimMults: [1, 1], selfCondition: false, classes: 0 },
];

const totalOf = (config: UnetConfig) =>
  inOrder(unetBlocks(config)).reduce((sum, { specs }) => sum + totalElements(specs), 0);

describe("the blocks of the network", () => {
  it.each<[PresetName, number]>([
    ["assignment", 3_434_017],
    ["quick", 157_937],
    ["tiny", 49_417],
  ])("have together the parameters of the preset %s: %i", (preset, total) => {
    expect(totalOf(presetConfig(preset))).toBe(total);
  });

  it.each(CONFIGS)("hold the parameters of the network that is run, in its order: %j", (config) => {
    const { parameters } = createUnet(config);
    expect(inOrder(unetBlocks(config)).flatMap(({ specs }) => specs)).toEqual(parameters);
    expect(totalOf(config)).toBe(totalElements(parameters));
  });

  it.each(CONFIGS)("give their name to their parameters: %j", (config) => {
    for (const { name, specs } of inOrder(unetBlocks(config))) {
      expect(specs.length).toBeGreaterThan(0);
      expect(specs.filter((spec) => !spec.name.startsWith(`${name}.`))).toEqual([]);
    }
  });

  it.each(CONFIGS)("fit one to the next, with the skip connections on the way up: %j", (config) => {
    const { initConv, downs, midBlock1, midAttention, midBlock2, ups, finalBlock, finalConv } =
      unetBlocks(config);
    let { numOut: width, levelOut: level } = initConv;
    const skips: { width: number; level: number }[] = [];
    const pass = (block: { numIn: number; numOut: number; levelIn: number; levelOut: number }) => {
      expect([block.numIn, block.levelIn]).toEqual([width, level]);
      [width, level] = [block.numOut, block.levelOut];
    };
    const join = () => {
      const skip = skips.pop();
      expect(skip?.level).toBe(level);
      width += skip?.width ?? Number.NaN;
    };
    for (const { block1, block2, attend, resize } of downs) {
      pass(block1);
      skips.push({ width, level });
      pass(block2);
      pass(attend);
      skips.push({ width, level });
      pass(resize);
    }
    for (const block of [midBlock1, midAttention, midBlock2]) pass(block);
    for (const { block1, block2, attend, resize } of ups) {
      join();
      pass(block1);
      join();
      pass(block2);
      pass(attend);
      pass(resize);
    }
    width += initConv.numOut;
    pass(finalBlock);
    pass(finalConv);
    expect([width, level, skips]).toEqual([1, 0, []]);
  });

  it("attend fully only where the images are smallest", () => {
    const full = inOrder(unetBlocks(presetConfig("assignment"))).filter(
      ({ kind }) => kind === "fullAttention",
    );
    expect(full.map(({ name }) => name)).toEqual(["downs.2.2", "mid_attn", "ups.0.2"]);
  });
});

describe("the multiply-adds of a block", () => {
  const products = (name: string) => {
    const config = presetConfig("assignment");
    const block = inOrder(unetBlocks(config)).find((b) => b.name === name);
    return block && blockMultiplyAdds(block, config, 28);
  };

  it("are, of a convolution, its weights at every pixel that goes out", () => {
    expect(products("init_conv")).toBe(28 * 28 * 7 * 7 * 32);
    expect(products("downs.0.3")).toBe(14 * 14 * 4 * 32 * 32);
    expect(products("ups.0.3")).toBe(14 * 14 * 3 * 3 * 160 * 64);
  });

  it("are, of the time embedding, its weights once", () => {
    expect(products("time_mlp")).toBe(32 * 128 + 128 * 128);
  });

  it("grow with the square of the pixels only where attention is full", () => {
    const projections = (channels: number) => 4 * channels * 128;
    expect(products("mid_attn")).toBe(49 * projections(160) + 2 * 4 * 49 * (49 + 4) * 32);
    expect(products("downs.0.2")).toBe(784 * projections(32) + 4 * (784 + 788) * 32 * 32);
  });
});
