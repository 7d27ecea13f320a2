import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { createClassifier } from "../../../../src/engine/quality/classifier.ts";
import {
  classifierRateAt,
  shiftedImages,
  trainClassifier,
} from "../../../../src/engine/quality/classifierTraining.ts";
import { testFigures } from "../../../../src/engine/quality/figures.ts";
import { bars } from "./digitLikes.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Takes steps to the end, or so many of them. */
async function trained(seed: number, { count = 64, epochs = 16, most = 1000 } = {}) {
  const losses: number[] = [];
  const ends: number[] = [];
  let values: Float32Array = new Float32Array();
  for await (const at of trainClassifier({ train: bars(count), numClasses: 10, epochs, seed })) {
    losses.push(at.loss);
    if (at.endsEpoch) ends.push(at.step);
    values = await at.values.data<"float32">();
    if (at.step === most) break;
  }
  return { losses, ends, values };
}

describe("training a classifier", () => {
  it("begins at the loss of knowing nothing and learns two easy classes in a few steps", async () => {
    const { losses, values } = await trained(0);
    expect(losses[0]).toBeCloseTo(Math.log(10), 0);
    expect(losses.at(-1)).toBeLessThan(Math.log(10) / 10);
    const test = bars(20);
    const classifier = createClassifier({ values, numClasses: 10 });
    const { probabilities } = await classifier.classify(test.images);
    classifier.dispose();
    expect(testFigures(probabilities, 10, test).accuracy).toBe(1);
  });

  it("goes through all images in each epoch, the last batch being smaller", async () => {
    const { losses, ends } = await trained(0, { count: 70, epochs: 2 });
    expect(losses).toHaveLength(4);
    expect(ends).toEqual([2, 4]);
  });

  it("repeats with the seed, and not with another", async () => {
    const [first, again, other] = [
      await trained(1, { most: 2 }),
      await trained(1, { most: 2 }),
      await trained(2, { most: 2 }),
    ];
    expect(again.losses).toEqual(first.losses);
    expect(again.values).toEqual(first.values);
    expect(other.losses).not.toEqual(first.losses);
  });

  it("leaves no tensor, neither at the end nor when it is ended early", async () => {
    const { numTensors } = tf.memory();
    await trained(0, { epochs: 2 });
    expect(tf.memory().numTensors).toBe(numTensors);
    await trained(0, { most: 1 });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe("the learning rate of the classifier", () => {
  it("rises to its highest in a twentieth of the steps and falls to 0 at the last", () => {
    const rates = Array.from({ length: 1000 }, (_, i) => classifierRateAt(i + 1, 1000));
    const highest = Math.max(...rates);
    expect(rates.indexOf(highest) + 1).toBe(50);
    expect(rates[24]).toBeCloseTo(highest / 2, 10);
    // Half a cosine is half-way in the middle of its way.
    expect(rates[524]).toBeCloseTo(highest / 2, 10);
    expect(rates[999]).toBeCloseTo(0, 10);
  });
});

describe("an image moved at random", () => {
  const images = Uint8Array.from({ length: 2 * 784 }, (_, place) => 1 + (place % 255));
  const pixel = (image: Uint8Array, row: number, column: number) => image[row * 28 + column];
  const second = images.subarray(784);

  it.each([
    [0, 0],
    [2, 1],
    [-2, 0],
    [1, -2],
    [-1, 2],
  ])(
    "by %i down and %i to the right has each pixel there, and black where none came from",
    (down, right) => {
      const moved = shiftedImages(images, [1, 0], Int32Array.of(down, right, 0, 0));
      expect(moved.subarray(784)).toEqual(images.subarray(0, 784));
      for (let row = 0; row < 28; row++)
        for (let column = 0; column < 28; column++) {
          const [fromRow, fromColumn] = [row - down, column - right];
          const isInside = fromRow >= 0 && fromRow < 28 && fromColumn >= 0 && fromColumn < 28;
          const expected = isInside ? pixel(second, fromRow, fromColumn) : 0;
          expect(pixel(moved, row, column)).toBe(expected);
        }
    },
  );
});
