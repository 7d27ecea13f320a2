import { describe, expect, it } from "vitest";
import {
  confusionCsv,
  confusionJson,
  histogramCsv,
  histogramJson,
  likelihoodCsv,
  likelihoodJson,
  measurementJson,
  pairsAt,
  samplesCsv,
} from "../../../../../../src/app/features/results/quality/qualityFiles.ts";
import { madeEvaluation } from "./madeEvaluation.ts";

const evaluation = madeEvaluation();
const { result, images } = evaluation;
const greys = (pixels: Uint8Array) =>
  Array.from({ length: pixels.length / 784 }, (_, i) => {
    const image = new Set(pixels.subarray(784 * i, 784 * (i + 1)));
    return image.size === 1 ? [...image][0] : [...image];
  });

describe("the files of a measurement", () => {
  it("have a row for each sample as it was drawn", () => {
    expect(samplesCsv(result).trim().split("\r\n")).toEqual([
      "sample,digit,confidence,distance",
      "1,3,0.875,0.25",
      "2,1,1,0",
      "3,4,0.5,0.125",
      "4,1,0.9375,0.25",
    ]);
  });

  it("have what was asked for, the figures, and those of the test images", () => {
    const json = JSON.parse(measurementJson(evaluation, "Quick, step 1,200"));
    expect(json).toMatchObject({
      network: { name: "Quick, step 1,200", weights: "ema", trainedSteps: 1200 },
      count: 4,
      seed: 2,
      sampler: { kind: "ddim", timesteps: 5, eta: 0 },
      dataset: "MNIST",
      figures: result.figures,
      real: result.real,
      frechetFloor: { count: 4, numDraws: 16, distance: 1.5 },
      likelihood: result.likelihood,
    });
    expect(json.samples).toHaveLength(4);
    expect(json.samples[2]).toEqual({ digit: 4, confidence: 0.5, distance: 0.125 });
  });

  it("have the digits asked for and the guidance of a network with classes", () => {
    const asked = madeEvaluation("asked", [3, 7, 4, 1]);
    const lines = samplesCsv(asked.result).trim().split("\r\n");
    expect(lines.slice(0, 3)).toEqual([
      "sample,digit,confidence,distance,asked",
      "1,3,0.875,0.25,3",
      "2,1,1,0,7",
    ]);
    const json = JSON.parse(measurementJson(asked, "Quick"));
    expect(json).toMatchObject({ guidance: 2, figures: { readAsAsked: 0.75 } });
    expect(json.samples[1]).toMatchObject({ digit: 1, asked: 7 });
    expect(JSON.parse(measurementJson(evaluation, "Quick"))).not.toHaveProperty("guidance");

    const table = confusionCsv(asked.result.figures.confusion ?? [], asked.result.dataset)
      .trim()
      .split("\r\n");
    expect(table[0]).toBe(`asked,${Array.from({ length: 10 }, (_, i) => `read_${i}`).join(",")}`);
    expect(table[8]).toBe("7,0,1,0,0,0,0,0,0,0,0");
    expect(table).toHaveLength(11);
  });

  it("count each digit, also those that do not come", () => {
    const rows = histogramCsv(result.figures, result.dataset).trim().split("\r\n");
    expect(rows).toEqual([
      "digit,samples",
      ...["0,0", "1,2", "2,0", "3,1", "4,1", "5,0", "6,0", "7,0", "8,0", "9,0"],
    ]);
  });

  it("have the names of classes where a set has its own", () => {
    const asked = madeEvaluation("asked", [3, 7, 4, 1]);
    const dataset = { id: "fashion", name: "Fashion-MNIST" };
    const ofFashion = { ...asked, result: { ...asked.result, dataset } };
    expect(samplesCsv(ofFashion.result).split("\r\n").slice(0, 3)).toEqual([
      "sample,class,confidence,distance,asked",
      "1,dress,0.875,0.25,dress",
      "2,trousers,1,0,sneaker",
    ]);
    const json = JSON.parse(measurementJson(ofFashion, "Fashion"));
    expect(json.samples[1]).toMatchObject({ class: "trousers", asked: "sneaker" });
    expect(histogramCsv(result.figures, dataset)).toMatch(/^class,samples\r\nT-shirt,0\r\n/);
    const counts = JSON.parse(histogramJson(result.figures, dataset));
    expect(counts).toMatchObject({ title: "Classes", samples: result.figures.classCounts });
    expect(counts.classes.at(-1)).toBe("ankle boot");
    const { confusion = [] } = ofFashion.result.figures;
    expect(confusionCsv(confusion, dataset)).toMatch(/^asked,read_T-shirt,.*\r\nT-shirt,/);
    expect(JSON.parse(confusionJson(confusion, dataset)).classes).toHaveLength(10);
    expect(JSON.parse(confusionJson(confusion, result.dataset))).not.toHaveProperty("classes");
  });

  it("have the bits of each range of timesteps", () => {
    const { likelihood } = result;
    if (!likelihood) throw new Error("It has none.");
    expect(likelihoodCsv(likelihood).trim().split("\r\n")).toEqual([
      "t_from,t_to,bits",
      "0,0,1.25",
      "1,1,0.5",
      "2,9,0.25",
    ]);
    expect(JSON.parse(likelihoodJson(likelihood))).toEqual({
      title: "Bits per dimension",
      ...likelihood,
    });
  });
});

describe("the pictures of a measurement", () => {
  it("have each sample before its nearest training image", () => {
    expect(greys(pairsAt(images, [1, 3]))).toEqual([2, 12, 4, 14]);
  });
});
