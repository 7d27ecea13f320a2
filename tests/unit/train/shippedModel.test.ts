import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { readClassifier } from "../../../src/commands/classifierFromFile.ts";
import { readNetwork } from "../../../src/commands/savedNetwork.ts";
import { isSameNetwork } from "../../../src/config/network.ts";
import { presetConfig } from "../../../src/config/presets.ts";
import { samplerOf } from "../../../src/config/sampler.ts";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import { readSafetensorsHeader } from "../../../src/formats/safetensorsBlob.ts";
import { registerWasmKernels } from "../../../src/ops/wasm/register.ts";
import { drawSamples } from "../../../src/quality/drawSamples.ts";
import { classFigures } from "../../../src/quality/figures.ts";
import { PRETRAINED_FILE } from "../../../src/store/pretrained.ts";
import { importWeights } from "../../../src/train/importedWeights.ts";

const file = (name: string) => new URL(`../../../public/models/${name}`, import.meta.url);
const bytes = readFileSync(file(PRETRAINED_FILE));
const card = readFileSync(file("pretrained-quick.md"), "utf8");
const asFile = () => Object.assign(new Blob([bytes]), { name: PRETRAINED_FILE });

beforeAll(async () => {
  await tf.setBackend("wasm");
  await registerWasmKernels();
});

describe("the model that the page ships", () => {
  it("is a file below 8 MB that the page loads, with the network and the settings of Quick, trained for more epochs", async () => {
    expect(bytes.length).toBeLessThan(8e6);
    const { unet, hasSettings, config, facts } = await importWeights(
      asFile(),
      presetConfig("tiny"),
    );
    expect(isSameNetwork(unet, presetConfig("quick"))).toBe(true);
    expect(hasSettings).toBe(true);
    expect(config).toEqual({ ...presetConfig("quick"), epochs: 40 });
    expect(facts).toMatchObject({ isAverage: true, dataset: "MNIST" });
  });

  it("is of float16, and its card tells steps and losses as the file does", async () => {
    const { entries } = await readSafetensorsHeader(asFile());
    expect(new Set(entries.map(({ dtype }) => dtype))).toEqual(new Set(["F16"]));
    const { trainedSteps, lastEpoch } = JSON.parse(
      decodeSafetensors(bytes).metadata.training as string,
    );
    for (const told of [
      `${trainedSteps.toLocaleString("en")} steps`,
      `Loss of the last epoch ${lastEpoch.trainLoss.toFixed(4)}, validation loss ${lastEpoch.validationLoss.toFixed(4)}`,
    ]) {
      expect(card).toContain(told);
    }
  });

  it("draws digits that the classifier is about as sure of as the card says", async () => {
    const network = await readNetwork(fileURLToPath(file(PRETRAINED_FILE)));
    const denoiser = network.denoiser("ema");
    const drawing = drawSamples({
      ...{ denoiser, sampler: samplerOf(50, network.config) },
      ...{ seed: 0, count: 100, chunkSize: 50 },
    });
    let step = await drawing.next();
    while (!step.done) step = await drawing.next();
    denoiser.values.dispose();
    const classifier = readClassifier();
    const { meanConfidence } = classFigures((await classifier.classify(step.value)).probabilities);
    classifier.dispose();
    const told = Number(/mean confidence +\| +(0\.\d+) /.exec(card)?.[1]);
    // Of 2,000; 100 of them differ from it by 0.013 by chance.
    expect(Math.abs(meanConfidence - told)).toBeLessThan(0.04);
  }, 120_000);
});
