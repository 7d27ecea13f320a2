import { describe, expect, it } from "vitest";
import { networkFigures } from "../../../../../src/app/features/model/networkFigures.ts";
import {
  type SettingChoice,
  settingChoices,
} from "../../../../../src/app/features/model/settingChoices.ts";
import type { RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../../src/engine/nn/unet.ts";

type Setting = SettingChoice["setting"];

const CONFIG = presetConfig("assignment");
const NETWORK = networkFigures(CONFIG);
const CHOICES = settingChoices(CONFIG, NETWORK);

function choiceOf(setting: Setting, value: string) {
  const choice = CHOICES.find((c) => c.setting === setting && c.value === value);
  if (!choice) throw new Error(`No choice of ${setting} ${value}`);
  return choice;
}

function valuesOf(setting: Setting, config: RunConfig, first = config) {
  const choices = settingChoices(config, networkFigures(config), first);
  return choices.filter((choice) => choice.setting === setting).map(({ value }) => value);
}

describe("the choices of a setting", () => {
  it("are networks that can be built: of no fourth level and no half head", () => {
    expect(CHOICES.length).toBeGreaterThan(14);
    for (const { config } of CHOICES) {
      const built = totalElements(createUnet(config).parameters);
      expect(networkFigures(config).parameters).toBe(built);
    }
    expect(valuesOf("dimMults", CONFIG)).toEqual(["1", "1, 2", "1, 2, 2", "1, 2, 4", "1, 2, 5"]);
    // As while a letter is typed.
    expect(valuesOf("dropout", { ...CONFIG, dropout: Number.NaN })).toEqual(["0", "0.1", "0.2"]);
  });

  it("have the current value among them, which changes nothing", () => {
    const current = CHOICES.filter(({ isCurrent }) => isCurrent);
    const { dim, dimMults, attnHeads, attnDimHead } = CONFIG;
    expect(current.map(({ value }) => value)).toEqual([
      ...[String(dim), dimMults.join(", "), String(attnHeads), String(attnDimHead)],
      ...["off", "0", "0"],
    ]);
    expect(current.map(({ config }) => config)).toEqual(current.map(() => CONFIG));
  });

  it("stay when one of them is taken, the smallest first", () => {
    const odd = { ...CONFIG, dim: 12, dropout: 0.15 };
    expect(valuesOf("dim", odd)).toEqual(["8", "12", "16", "32", "64"]);
    expect(valuesOf("dim", { ...odd, dim: 64 }, odd)).toEqual(["8", "12", "16", "32", "64"]);
    expect(valuesOf("dropout", odd)).toEqual(["0", "0.1", "0.15", "0.2"]);
    expect(valuesOf("dimMults", { ...CONFIG, dimMults: [1, 1] })).toEqual([
      ...["1", "1, 1", "1, 2", "1, 2, 2", "1, 2, 4", "1, 2, 5"],
    ]);
  });

  it("of heads touch the attention layers only", () => {
    const names = [...choiceOf("attnHeads", "8").touched];
    expect(names).toEqual([
      ...["downs.0.2", "downs.1.2", "downs.2.2", "mid_attn", "ups.0.2", "ups.1.2", "ups.2.2"],
    ]);
  });

  it("of self-conditioning touch the first convolution only, by one more image", () => {
    const { touched, words, ratio } = choiceOf("selfCondition", "on");
    expect([...touched]).toEqual(["init_conv"]);
    expect(words).toContain(`+${(7 * 7 * 32).toLocaleString("en")} parameters`);
    expect(ratio).toBe("+1.57 k");
  });

  it("of classes add the label embedding, and touch no other block", () => {
    const { touched, words, ratio } = choiceOf("classes", "10");
    expect([...touched]).toEqual([]);
    expect(words).toContain(`one block more; +${(11 * 4 * 32).toLocaleString("en")} parameters`);
    expect(ratio).toBe("+1.41 k");
    const config = { ...CONFIG, classes: 10 };
    const none = settingChoices(config, networkFigures(config)).find(
      ({ setting, value }) => setting === "classes" && value === "0",
    );
    expect([...(none?.touched ?? [])]).toEqual(["label_emb"]);
  });

  it("of the base width touch every block", () => {
    expect(choiceOf("dim", "64").touched.size).toBe(NETWORK.figures.length);
  });

  it("of dropout touch the ResNet blocks and cost nothing", () => {
    const { touched, words, ratio } = choiceOf("dropout", "0.1");
    const kinds = NETWORK.figures.filter((f) => touched.has(f.block.name));
    expect(new Set(kinds.map(({ block }) => block.kind))).toEqual(new Set(["resnet"]));
    expect(words).toMatch(/the same number of parameters/);
    expect(ratio).toBe("±0");
  });

  it("say how small the images get with another level", () => {
    const tiny = presetConfig("tiny");
    const words = settingChoices(tiny, networkFigures(tiny)).map((choice) => choice.words);
    expect(words.join("\n")).toContain(
      "Width multipliers 1, 2, 2 instead of 1, 2, one level more, smallest images 7×7: ",
    );
  });

  it("say differences with their sign and ratio", () => {
    expect(choiceOf("attnHeads", "8").words).toBe(
      "Attention heads 8 instead of 4: 7 of 31 blocks change; +285,696 parameters, 3.72 M in all (×1.08); 428 M multiply-adds (×1.17).",
    );
    expect(choiceOf("dim", "16").words).toMatch(/−2,\d+,\d+ parameters/);
  });
});
