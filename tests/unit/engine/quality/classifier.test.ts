import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { type Classifier, createClassifier } from "../../../../src/engine/quality/classifier.ts";
import { createClassifierNetwork } from "../../../../src/engine/quality/classifierNetwork.ts";
import { noiseImages } from "../train/smallRun.ts";

/** More than a chunk. */
const COUNT = 620;
const { images } = noiseImages(COUNT);

let numTensors = 0;
let classifier: Classifier;

beforeAll(async () => {
  await tf.setBackend("wasm");
});

beforeEach(() => {
  ({ numTensors } = tf.memory());
  classifier = createClassifier({
    values: initialValues(createClassifierNetwork(10).parameters, 0),
    numClasses: 10,
  });
});

afterEach(() => {
  classifier.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe("classifying images", () => {
  it("gives each image ten probabilities that sum to 1, and 64 features", async () => {
    const { probabilities, features } = await classifier.classify(images);
    expect(probabilities).toHaveLength(10 * COUNT);
    expect(features).toHaveLength(64 * COUNT);
    for (let i = 0; i < COUNT; i++) {
      const row = probabilities.subarray(10 * i, 10 * (i + 1));
      expect(row.every((probability) => probability >= 0)).toBe(true);
      expect(row.reduce((sum, probability) => sum + probability)).toBeCloseTo(1, 5);
    }
  });

  it("gives an image the same wherever it stands", async () => {
    const all = await classifier.classify(images);
    const last = await classifier.classify(images.subarray((COUNT - 1) * 784));
    const expected = Array.from(all.features.subarray((COUNT - 1) * 64));
    Array.from(last.features).forEach((feature, i) => {
      expect(feature).toBeCloseTo(expected[i] as number, 5);
    });
    expect(last.probabilities[3]).toBeCloseTo(all.probabilities[(COUNT - 1) * 10 + 3] as number, 5);
  });

  it("gives nothing for no images", async () => {
    const { probabilities, features } = await classifier.classify(new Uint8Array());
    expect([probabilities.length, features.length]).toEqual([0, 0]);
  });
});
