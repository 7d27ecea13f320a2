import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isSameNetwork } from "../../../src/config/network.ts";
import { presetConfig } from "../../../src/config/presets.ts";
import { PRETRAINED_FILE } from "../../../src/store/pretrained.ts";
import { importWeights } from "../../../src/train/importedWeights.ts";

const file = (name: string) => new URL(`../../../public/models/${name}`, import.meta.url);
const bytes = readFileSync(file(PRETRAINED_FILE));
const card = readFileSync(file("pretrained-quick.md"), "utf8");

describe("the model that the page ships", () => {
  it("is a file below 8 MB that the page loads, with the network and the settings of Quick, trained for more epochs", async () => {
    expect(bytes.length).toBeLessThan(8e6);
    const blob = Object.assign(new Blob([bytes]), { name: PRETRAINED_FILE });
    const { unet, hasSettings, config, facts } = await importWeights(blob, presetConfig("tiny"));
    expect(isSameNetwork(unet, presetConfig("quick"))).toBe(true);
    expect(hasSettings).toBe(true);
    expect(config).toEqual({ ...presetConfig("quick"), epochs: 10 });
    expect(facts).toMatchObject({ isAverage: true, dataset: "MNIST" });
    expect(card).toContain(`${facts.trainedSteps?.toLocaleString("en")} steps`);
  });
});
