import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../../../src/engine/data/dataset.ts";
import { fromFloat16, toFloat16 } from "../../../../src/engine/formats/safetensors/float16.ts";
import { createClassifier } from "../../../../src/engine/quality/classifier.ts";
import type { ClassifierFile } from "../../../../src/engine/quality/classifierFile.ts";
import { isRead } from "../../../../src/engine/quality/figures.ts";
import { QualityMeter } from "../../../../src/engine/quality/qualityMeter.ts";
import { readerEpochs, trainReader } from "../../../../src/engine/quality/readerTraining.ts";
import { crossedBars } from "./digitLikes.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const dataset: Dataset = { train: crossedBars(48), validation: crossedBars(30, 1) };
const ABOUT = { dataset: "Bars", command: "test", checksum: 7 };

async function trained(of: Dataset) {
  const fractions: number[] = [];
  const work = trainReader(of, ABOUT);
  for (;;) {
    const { done, value } = await work.next();
    if (done) return { fractions, reader: value };
    fractions.push(value);
  }
}

async function finished<T>(work: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

describe("a reader of three kinds of bars", () => {
  let reader: ClassifierFile;
  let fractions: number[];
  let numTensors = 0;

  beforeAll(async () => {
    numTensors = tf.memory().numTensors;
    ({ reader, fractions } = await trained(dataset));
  });

  it("reads nearly all of those held out, which its facts say with the images it is of", () => {
    expect(reader).toMatchObject({ numClasses: 3, facts: { ...ABOUT, numTestImages: 30 } });
    expect(reader.facts.testAccuracy).toBeGreaterThan(0.9);
    expect(reader.values).toEqual(fromFloat16(toFloat16(reader.values)));
  });

  it("tells how far it is, up to the end, and leaves no tensor", () => {
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("measures samples as the page's classifier measures digits, by as many classes as there are", async () => {
    const classifier = createClassifier(reader);
    const meter = new QualityMeter(classifier, dataset);
    const samples = crossedBars(12, 2);
    const asked = Array.from(samples.labels);
    const { figures, real } = await finished(meter.measure(samples.images, asked));
    const floor = await finished(meter.frechetFloor(12, asked));
    const distance = await finished(meter.testMedianDistance());
    classifier.dispose();
    expect(meter.numClasses).toBe(3);
    expect(figures.readAsAsked).toBeGreaterThan(0.9);
    expect(figures.classCounts).toHaveLength(3);
    expect(real?.readAsAsked).toBe(reader.facts.testAccuracy);
    expect(figures.frechetDistance).toBeLessThan(20 * floor.distance);
    // Noise of the same spread, on the same three pictures.
    expect(distance).toBeCloseTo(figures.nearest.medianDistance, 2);
  });
});

it("a classifier of other images measures by its features and by distances alone", async () => {
  const { reader } = await trained({ train: crossedBars(6), validation: crossedBars(3, 1) });
  const classifier = createClassifier(reader);
  const meter = new QualityMeter(classifier, dataset, { isFitting: false });
  const samples = crossedBars(6, 2).images;
  const { figures, real, probabilities } = await finished(
    meter.measure(samples, [0, 1, 2, 0, 1, 2]),
  );
  classifier.dispose();
  expect([isRead(figures), real, probabilities]).toEqual([false, null, null]);
  expect(figures).toEqual({
    count: 6,
    frechetDistance: expect.any(Number),
    nearest: expect.objectContaining({ numCopies: 0 }),
  });
});

it("images of one class have no reader", async () => {
  const { images, count } = crossedBars(6);
  const one = { images, labels: new Uint8Array(count), count };
  await expect(trained({ train: one, validation: one })).rejects.toThrow(/two classes or more/);
});

it("the fewer images, the more often a reader sees them, up to a limit", () => {
  const epochs = [20, 6000, 60_000, 1_000_000].map(readerEpochs);
  expect(epochs).toEqual(epochs.toSorted((a, b) => b - a));
  expect(epochs[0]).toBe(60);
  expect(epochs.at(-1)).toBe(1);
});
