import { describe, expect, it } from "vitest";
import { figuresWords } from "../../../../../src/app/features/model/BlockTables.tsx";
import {
  formatRatio,
  formatShort,
  sizeWords,
} from "../../../../../src/app/features/model/blockWords.ts";
import { networkFigures } from "../../../../../src/app/features/model/networkFigures.ts";
import { blockLabel } from "../../../../../src/app/features/model/UnetDrawing.tsx";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const { figures } = networkFigures(presetConfig("assignment"));
const find = (name: string) => {
  const found = figures.find(({ block }) => block.name === name);
  if (!found) throw new Error(`No block ${name}`);
  return found;
};

describe("a block in words", () => {
  it("tells name, kind, images, channels and parameters", () => {
    expect(blockLabel(find("downs.0.3"))).toBe(
      "downs.0.3: Downsample, images 28×28 → 14×14, channels 32 → 32, 4,128 parameters",
    );
    expect(blockLabel(find("init_conv"))).toBe(
      "init_conv: Conv 7×7, images 28×28, channels 1 → 32, 1,600 parameters",
    );
  });

  it("has no images where it is of the timestep", () => {
    expect(sizeWords(find("time_mlp"))).toBe("–");
    expect(blockLabel(find("time_mlp"))).not.toContain("images");
  });

  it("tells its cost, and of no images where it is of the label", () => {
    expect(figuresWords(find("downs.0.3"))).toMatch(
      /^Images 28×28 → 14×14, channels 32 → 32\. 4,128 parameters, [\d.]+ k multiply-adds an image\.$/,
    );
    const ofLabels = networkFigures({ ...presetConfig("assignment"), classes: 10 });
    const label = ofLabels.figures.find(({ block }) => block.kind === "label");
    expect(label && figuresWords(label)).toMatch(/^Channels /);
  });
});

describe("numbers in short", () => {
  it.each([
    [0, "0"],
    [929, "929"],
    [999.6, "1.00 k"],
    [37_100, "37.1 k"],
    [999_700, "1.00 M"],
    [3_434_017, "3.43 M"],
    [2.5e9, "2.50 G"],
  ])("%f is %s", (count, text) => {
    expect(formatShort(count)).toBe(text);
  });

  it("are compared with two digits after the point, above ten with one", () => {
    expect(formatRatio(396, 100)).toBe("×3.96");
    expect(formatRatio(1234, 100)).toBe("×12.3");
  });
});
