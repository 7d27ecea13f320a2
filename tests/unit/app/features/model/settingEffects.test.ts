import { describe, expect, it } from "vitest";
import { networkFigures } from "../../../../../src/app/features/model/networkFigures.ts";
import {
  effectWords,
  type ModelSetting,
  settingChoices,
  settingEffects,
  shortEffect,
} from "../../../../../src/app/features/model/settingEffects.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../../src/engine/nn/unet.ts";
import { formatSetting } from "../../../../../src/runtime/format.ts";

const CONFIG = presetConfig("assignment");
const NETWORK = networkFigures(CONFIG);
const EFFECTS = settingEffects(CONFIG, NETWORK);

function effectOf(setting: ModelSetting, value: string) {
  const effect = EFFECTS.find((e) => e.setting === setting && e.value === value);
  if (!effect) throw new Error(`No effect of ${setting} ${value}`);
  return effect;
}

describe("the effects of the settings", () => {
  it("have the parameters of the network that would be run", () => {
    expect(EFFECTS.length).toBeGreaterThan(8);
    for (const { config, parameters } of EFFECTS) {
      expect(parameters).toBe(totalElements(createUnet(config).parameters));
    }
  });

  it("are of networks that can be built: of no fourth level and no half head", () => {
    expect(EFFECTS.filter((e) => e.setting === "dimMults").map((e) => e.value)).toEqual([
      ...["1", "1, 2", "1, 2, 2", "1, 2, 4"],
    ]);
    const small = { ...CONFIG, dim: 4, attnHeads: 1, attnDimHead: 4 };
    expect(settingEffects(small, networkFigures(small)).map((e) => e.value)).not.toContain("0");
  });

  it("are of values that stay to choose from when one of them is taken", () => {
    const odd = { ...CONFIG, dim: 12 };
    const before = settingChoices("dim", [odd]);
    expect(before).toEqual([8, 12, 16, 32, 64]);
    expect(settingChoices("dim", [{ ...odd, dim: 64 }, odd])).toEqual(before);
    const mults = settingChoices("dimMults", [{ ...CONFIG, dimMults: [1, 1] }]);
    expect(mults.map(formatSetting)).toEqual([
      ...["1", "1, 1", "1, 2", "1, 2, 2", "1, 2, 4", "1, 2, 5"],
    ]);
  });

  it("of heads touch the attention layers only", () => {
    const names = [...effectOf("attnHeads", "8").touched];
    expect(names).toEqual([
      ...["downs.0.2", "downs.1.2", "downs.2.2", "mid_attn", "ups.0.2", "ups.1.2", "ups.2.2"],
    ]);
  });

  it("of self-conditioning touch the first convolution only, by one more image", () => {
    const effect = effectOf("selfCondition", "on");
    expect([...effect.touched]).toEqual(["init_conv"]);
    expect(effect.parameters - NETWORK.parameters).toBe(7 * 7 * 32);
    expect(shortEffect(effect, NETWORK)).toBe("+1.57 k");
  });

  it("of the base width touch every block", () => {
    expect(effectOf("dim", "64").touched.size).toBe(NETWORK.figures.length);
  });

  it("of dropout touch the ResNet blocks and cost nothing", () => {
    const effect = effectOf("dropout", "0.1");
    const kinds = NETWORK.figures.filter((f) => effect.touched.has(f.block.name));
    expect(new Set(kinds.map(({ block }) => block.kind))).toEqual(new Set(["resnet"]));
    expect(effectWords(effect, NETWORK)).toMatch(/as many parameters and multiply-adds/);
    expect(shortEffect(effect, NETWORK)).toBe("±0");
  });

  it("say how small the images get with another level", () => {
    const tiny = presetConfig("tiny");
    const words = settingEffects(tiny, networkFigures(tiny)).map((e) => e.words);
    expect(words).toContain(
      "Width multipliers 1, 2, 2 instead of 1, 2, one level more, down to 7×7",
    );
  });

  it("say differences with their sign and ratio", () => {
    expect(effectWords(effectOf("attnHeads", "8"), NETWORK)).toBe(
      "Attention heads 8 instead of 4: 7 of 31 blocks change; +285,696 parameters, 3.72 M in all (×1.08); 428 M multiply-adds (×1.17).",
    );
    expect(effectWords(effectOf("dim", "16"), NETWORK)).toMatch(/−2,\d+,\d+ parameters/);
  });
});
