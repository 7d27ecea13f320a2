import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { TRAINED_MODELS } from "../../../../src/app/state/trainedModels.ts";
import { mixedCondition } from "../../../../src/engine/config/condition.ts";
import { distillationConfig } from "../../../../src/engine/config/distillation.ts";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { isSameNetwork } from "../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { readSafetensorsHeader } from "../../../../src/engine/formats/safetensors/safetensorsBlob.ts";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import { classFigures } from "../../../../src/engine/quality/figures.ts";
import { readClassifier } from "../../../../src/hosts/cli/parts/bundledFiles.ts";
import { readNetwork } from "../../../../src/hosts/cli/parts/savedNetwork.ts";
import { importWeights } from "../../../../src/runtime/files/importedWeights.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const file = (name: string) => new URL(`../../../../public/models/${name}`, import.meta.url);
const quick = presetConfig("quick");
const distilled = { from: 32, to: 1, phaseSteps: 700, learningRate: 1e-3, guidance: 1.5 };
const STUDENT = distillationConfig(quick, distilled);
const MEDIUM: RunConfig = { ...presetConfig("medium"), validateEvery: 24 };
/** The assignment's network with fewer images a step, and sampled as the other presets are. */
const ASSIGNMENT: RunConfig = {
  ...presetConfig("assignment"),
  batchSize: 16,
  learningRate: 6e-4,
  warmupSteps: 200,
  lrDecay: "cosine",
  epochs: 2,
  emaDecay: 0.999,
  emaUpdateAfter: 0,
  emaUpdateEvery: 1,
  maxGradNorm: 1,
  samplerKind: "dpmpp2m",
  stepSpacing: "logSnr",
  samplingTimesteps: 10,
  previewTimesteps: 10,
};
/** Distilled from the student of eight steps. */
const LATER = distillationConfig(quick, { ...distilled, from: 8, to: 4, guidance: 1 });
const MEDIUM_DISTILLED = { from: 32, to: 4, phaseSteps: 1400, learningRate: 1e-3, guidance: 1.3 };

/** With their settings, and how sure the classifier was of 50 digits when they were first drawn. */
const MODELS: Record<keyof typeof TRAINED_MODELS, { config: RunConfig; confidence: number }> = {
  "pretrained-quick.safetensors": { config: quick, confidence: 0.9996 },
  "pretrained-quick-4-steps.safetensors": {
    config: { ...LATER, samplingTimesteps: 4, previewTimesteps: 4 },
    confidence: 0.9995,
  },
  "pretrained-quick-1-step.safetensors": {
    config: { ...STUDENT, samplingTimesteps: 1, previewTimesteps: 1 },
    confidence: 0.9991,
  },
  "pretrained-medium.safetensors": { config: MEDIUM, confidence: 0.993 },
  "pretrained-medium-4-steps.safetensors": {
    config: {
      ...distillationConfig(MEDIUM, MEDIUM_DISTILLED),
      samplingTimesteps: 4,
      previewTimesteps: 4,
    },
    confidence: 0.9906,
  },
  "pretrained-medium-1-step.safetensors": {
    config: {
      ...distillationConfig(MEDIUM, { ...MEDIUM_DISTILLED, from: 2, to: 1, guidance: 1 }),
      samplingTimesteps: 1,
      previewTimesteps: 1,
    },
    confidence: 0.9932,
  },
  "pretrained-assignment.safetensors": { config: ASSIGNMENT, confidence: 0.916 },
};

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe.each(Object.entries(MODELS))(
  "%s, which the page ships",
  (name, { config, confidence }) => {
    const bytes = readFileSync(file(name));
    const baseName = name.replace(".safetensors", "");
    const card = readFileSync(file(`${baseName}.md`), "utf8");
    /** What `npm run evaluate -- --json` wrote of it. */
    const evaluated = JSON.parse(
      readFileSync(new URL(`../../../fixtures/${baseName}-quality.json`, import.meta.url), "utf8"),
    );
    const asFile = () => Object.assign(new Blob([bytes]), { name });

    it("is a file below 8 MB that the page loads, with its network and settings of its own", async () => {
      expect(bytes.length).toBeLessThan(8e6);
      const imported = await importWeights(asFile(), presetConfig("tiny"));
      expect(isSameNetwork(imported.unet, config)).toBe(true);
      expect(imported.hasSettings).toBe(true);
      expect(imported.config).toEqual(config);
      expect(imported.facts).toMatchObject({ isAverage: true, dataset: "MNIST" });
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

    it("has the figures that its card tells: those that the evaluation of the file wrote", () => {
      const { figures, frechetFloor, trainedSteps } = evaluated;
      expect(JSON.parse(decodeSafetensors(bytes).metadata.training as string)).toMatchObject({
        trainedSteps,
      });
      const rows: [string, string][] = [
        ...(figures.readAsAsked === undefined
          ? []
          : ([["read as asked", percent(figures.readAsAsked)]] as [string, string][])),
        ["mean confidence", figures.meanConfidence.toFixed(3)],
        ["share above 0.9", percent(figures.shareConfident)],
        ["Fréchet distance on classifier features", figures.frechetDistance.toFixed(3)],
        ["entropy of the digits, at most 3.32 bits", figures.classEntropy.toFixed(2)],
        [
          "median distance to the nearest training image",
          figures.nearest.medianDistance.toFixed(3),
        ],
      ];
      for (const [name, value] of rows) {
        expect(card).toMatch(new RegExp(`^\\| ${name} +\\| +${value} \\|`, "m"));
      }
      expect(card).toContain(` ${frechetFloor.distance.toFixed(3)}\\* |`);
      expect({
        readAsAsked: undefined,
        ...TRAINED_MODELS[name as keyof typeof TRAINED_MODELS],
      }).toMatchObject({
        megabytes: (bytes.length / 1e6).toFixed(1),
        readAsAsked: figures.readAsAsked && (100 * figures.readAsAsked).toFixed(1),
        confidence: figures.meanConfidence.toFixed(3),
        distance: figures.frechetDistance.toFixed(3),
      });
      expect(figures.nearest.numCopies).toBe(0);
    });

    it("draws the digits asked for, of which the classifier is as sure as when they were first drawn", async () => {
      const network = await readNetwork(fileURLToPath(file(name)));
      const denoiser = network.denoiser("ema");
      const condition = mixedCondition(network.config, 50);
      const drawing = drawSamples({
        denoiser,
        sampler: samplerOf(config.samplingTimesteps, network.config),
        condition,
        seed: 0,
        count: 50,
        chunkSize: 25,
      });
      let step = await drawing.next();
      while (!step.done) step = await drawing.next();
      denoiser.values.dispose();
      const classifier = readClassifier();
      const { probabilities } = await classifier.classify(step.value);
      const figures = classFigures(probabilities, condition?.labels as number[] | undefined);
      classifier.dispose();
      // Only rounding differs from machine to machine.
      expect(Math.abs(figures.meanConfidence - confidence)).toBeLessThan(0.005);
      expect(figures.readAsAsked).toBe(config.classes > 0 ? 1 : undefined);
    }, 120_000);
  },
);
