import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { drawingPixels } from "../../../../src/app/shared/images/drawing.ts";
import {
  REAL_IMAGES,
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../../../src/app/state/trainedModels.ts";
import { mixedCondition } from "../../../../src/engine/config/condition.ts";
import { isSameNetwork } from "../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { DATASETS } from "../../../../src/engine/data/datasets.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { readSafetensorsHeader } from "../../../../src/engine/formats/safetensors/safetensorsBlob.ts";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import { classFigures } from "../../../../src/engine/quality/figures.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { readClassifier } from "../../../../src/hosts/cli/parts/reader.ts";
import { readNetwork } from "../../../../src/hosts/cli/parts/savedNetwork.ts";
import { importWeights } from "../../../../src/runtime/files/importedWeights.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const file = (name: string) => new URL(`../../../../public/models/${name}`, import.meta.url);

/** How sure the classifier was of 50 images when they were first drawn. */
const CONFIDENCES: Record<TrainedModelFile, number> = {
  "pretrained-quick.safetensors": 0.9996,
  "pretrained-quick-4-steps.safetensors": 0.9995,
  "pretrained-quick-1-step.safetensors": 0.9991,
  "pretrained-medium.safetensors": 0.993,
  "pretrained-medium-4-steps.safetensors": 0.9906,
  "pretrained-medium-1-step.safetensors": 0.9932,
  "pretrained-assignment.safetensors": 0.916,
  "pretrained-fashion.safetensors": 0.9498,
};

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe.each(Object.keys(TRAINED_MODELS) as TrainedModelFile[])(
  "%s, which the page ships",
  (name) => {
    const { config, images } = TRAINED_MODELS[name];
    const { label: dataset, classifier: classifierName, naming } = DATASETS[images];
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
      expect(isSameNetwork(imported.network, config)).toBe(true);
      expect(imported.hasSettings).toBe(true);
      expect(imported.config).toEqual(config);
      expect(imported.facts).toMatchObject({ isAverage: true, dataset });
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
      const { figures, real, frechetFloor, likelihood, trainedSteps } = evaluated;
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
        [
          `entropy of the ${naming.noun === "digit" ? "digits" : "classes"}, at most 3.32 bits`,
          figures.classEntropy.toFixed(2),
        ],
        [
          "median distance to the nearest training image",
          figures.nearest.medianDistance.toFixed(3),
        ],
      ];
      for (const [name, value] of rows) {
        expect(card).toMatch(new RegExp(`^\\| ${name} +\\| +${value} \\|`, "m"));
      }
      expect(card).toContain(` ${frechetFloor.distance.toFixed(3)}\\* |`);
      const bits = likelihood.bits.toFixed(2);
      expect(likelihood.count).toBe(200);
      expect(card).toContain(`at most ${bits} ± ${likelihood.standardError.toFixed(2)}`);
      expect({
        readAsAsked: undefined,
        ...TRAINED_MODELS[name],
      }).toMatchObject({
        megabytes: (bytes.length / 1e6).toFixed(1),
        readAsAsked: figures.readAsAsked && (100 * figures.readAsAsked).toFixed(1),
        confidence: figures.meanConfidence.toFixed(3),
        distance: figures.frechetDistance.toFixed(3),
        bits,
      });
      expect(figures.nearest.numCopies).toBe(0);
      // Without labels nothing is asked for, and real images are drawn in other shares.
      if (config.classes === 0) return;
      const { readAsAsked, confidence, distance } = REAL_IMAGES[images];
      expect([readAsAsked, confidence, Number(distance).toFixed(3)]).toEqual([
        (100 * real.readAsAsked).toFixed(1),
        real.meanConfidence.toFixed(3),
        frechetFloor.distance.toFixed(3),
      ]);
    });

    // A large network draws for seconds, by the same code as a small one.
    const isLarge = config.dim > 8;
    it("draws what is asked for, of which the classifier is as sure as when they were first drawn", {
      tags: isLarge ? "long" : [],
      timeout: 120_000,
    }, async () => {
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
      const classifier = readClassifier(classifierName);
      const { probabilities } = await classifier.classify(step.value);
      const figures = classFigures(probabilities, 10, condition?.labels as number[] | undefined);
      classifier.dispose();
      // Only rounding differs from machine to machine.
      expect(Math.abs(figures.meanConfidence - CONFIDENCES[name])).toBeLessThan(0.005);
      expect(figures.readAsAsked).toBe(config.classes > 0 ? 1 : undefined);
    });
  },
);

/** Pixels that are gray, 25 and above, with nothing bright within two pixels: the mean number on a digit. */
function numSpecks(pixels: Uint8Array): number {
  const grayAt = (digit: number, row: number, column: number) =>
    Math.min(row, column) < 0 || Math.max(row, column) > 27
      ? 0
      : (pixels[784 * digit + 28 * row + column] ?? 0);
  const near = [-2, -1, 0, 1, 2];
  let numFound = 0;
  for (let i = 0; i < pixels.length; i++) {
    if ((pixels[i] ?? 0) < 25) continue;
    const [digit, row, column] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
    const isStroke = near.some((down) =>
      near.some((right) => grayAt(digit, row + down, column + right) > 128),
    );
    if (!isStroke) numFound++;
  }
  return numFound / (pixels.length / 784);
}

const HANDED_ON = (Object.keys(TRAINED_MODELS) as TrainedModelFile[]).flatMap((name) => {
  const { forImages }: TrainedModel = TRAINED_MODELS[name];
  return forImages === undefined ? [] : [[name, forImages] as const];
});

it.each(HANDED_ON)(
  "%s leaves specks on a drawing, and %s, which begins with images in its place, does not",
  async (name, forImages) => {
    const three = [0.3, 0.25, 0.62, 0.2, 0.66, 0.34, 0.5, 0.47, 0.68, 0.6, 0.6, 0.84, 0.3, 0.78];
    const image = toModelRange(drawingPixels([three]) ?? new Uint8Array(784));
    const specksOf = async (model: string) => {
      const network = await readNetwork(fileURLToPath(file(model)));
      const denoiser = network.denoiser("ema");
      const drawing = new DigitSampler({
        denoiser,
        sampler: samplerOf(network.config.samplingTimesteps, network.config),
        seed: 0,
        count: 16,
        chunkSize: 16,
        start: { from: "image", image, t: 500 },
      });
      let frame = await drawing.nextFrame();
      while (frame.index < drawing.numSteps) frame = await drawing.nextFrame();
      drawing.dispose();
      denoiser.values.dispose();
      return numSpecks(frame.pixels);
    };
    expect(await specksOf(name)).toBeGreaterThan(20);
    expect(await specksOf(forImages)).toBeLessThan(2);
  },
  60_000,
);
