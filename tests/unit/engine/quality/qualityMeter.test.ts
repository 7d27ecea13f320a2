import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset, LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { type Classifier, createClassifier } from "../../../../src/engine/quality/classifier.ts";
import { decodeClassifier } from "../../../../src/engine/quality/classifierFile.ts";
import type { MeasureProgress } from "../../../../src/engine/quality/figures.ts";
import { floorDraws, QualityMeter } from "../../../../src/engine/quality/qualityMeter.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";
import { inFull } from "../../../inFull.ts";

const FILE = new URL("../../../../public/classifier.safetensors", import.meta.url);
const PIXELS = 784;
/** Among the test images; it is 0.030 from a training image. */
const NEAREST_TEST_IMAGE = 3070;

let classifier: Classifier;
let mnist: Dataset;

beforeAll(async () => {
  await tf.setBackend("wasm");
  classifier = createClassifier(decodeClassifier(readFileSync(FILE)));
  mnist = await readImages();
});

async function measured(
  meter: QualityMeter,
  samples: Uint8Array,
  asked: readonly number[] | null = null,
) {
  const reports: MeasureProgress[] = [];
  return { ...(await finished(meter.measure(samples, asked), reports)), reports };
}

async function finished<R>(
  work: AsyncGenerator<MeasureProgress, R>,
  reports: MeasureProgress[] = [],
): Promise<R> {
  while (true) {
    const { done, value } = await work.next();
    if (done) return value;
    reports.push(value);
  }
}

/** Every other image, from `first` on. */
function half({ images, labels, count }: LabeledImages, first: 0 | 1): LabeledImages {
  const part = { images: new Uint8Array(images.length / 2), labels: new Uint8Array(count / 2) };
  for (let i = 0; i < count / 2; i++) {
    const from = 2 * i + first;
    part.images.set(images.subarray(from * PIXELS, (from + 1) * PIXELS), i * PIXELS);
    part.labels[i] = labels[from] as number;
  }
  return { ...part, count: count / 2 };
}

const few = ({ images, labels }: LabeledImages, count: number): LabeledImages => ({
  images: images.slice(0, count * PIXELS),
  labels: labels.slice(0, count),
  count,
});

describe("the quality of samples", () => {
  it("is that of real digits for one half of the test images, measured against the other", async () => {
    const test = inFull ? mnist.validation : few(mnist.validation, 2000);
    const [even, odd] = [half(test, 0), half(test, 1)];
    const meter = new QualityMeter(classifier, { train: few(mnist.train, 10), validation: odd });
    const { figures, real } = await measured(meter, even.images, Array.from(even.labels));
    // As right on one half as on the other, but for chance.
    expect(figures.readAsAsked).toBeGreaterThan(0.98);
    expect(figures.readAsAsked).toBeCloseTo(real?.readAsAsked ?? Number.NaN, 2);
    // Of the same writers: noise in the means and covariances of 64 features, of 5,000 images or 1,000.
    expect(figures.frechetDistance).toBeLessThan(inFull ? 0.04 : 0.08);
    expect(figures.meanConfidence).toBeCloseTo(real?.meanConfidence ?? Number.NaN, 2);
    expect(figures.classEntropy).toBeGreaterThan(3.3);
    // A shift by two pixels is seen, though every digit is still read.
    const shifted = new Uint8Array(even.images.length);
    shifted.set(even.images.subarray(0, -2), 2);
    const { figures: ofShifted } = await measured(meter, shifted);
    expect(ofShifted.frechetDistance).toBeGreaterThan((inFull ? 3 : 2) * figures.frechetDistance);
    const noise = Uint8Array.from(
      randomIntegers({ seed: 0, stream: "noise", index: 0 }, 200 * PIXELS, 256),
    );
    expect((await measured(meter, noise)).figures.frechetDistance).toBeGreaterThan(10);
  }, 120_000);

  it("tells copies of training images from images of other writers", async () => {
    const train = few(mnist.train, 500);
    const meter = new QualityMeter(classifier, { train, validation: few(mnist.validation, 100) });
    const copies = train.images.slice(7 * PIXELS, 17 * PIXELS);
    const { figures, nearest } = await measured(meter, copies);
    expect(figures.nearest).toEqual({ minDistance: 0, medianDistance: 0, numCopies: 10 });
    expect(Array.from(nearest.indices)).toEqual(Array.from({ length: 10 }, (_, i) => 7 + i));
    // Up to three gray levels beside each pixel, which rounding and a float16 network leave.
    const noise = randomIntegers({ seed: 0, stream: "noise", index: 0 }, copies.length, 7);
    const nearly = Uint8ClampedArray.from(copies, (pixel, p) => pixel + (noise[p] as number) - 3);
    const ofNearly = (await measured(meter, new Uint8Array(nearly.buffer))).figures.nearest;
    expect(ofNearly.minDistance).toBeGreaterThan(0);
    expect(ofNearly.numCopies).toBe(10);
  });

  it("takes no real test image for a copy, not even the one nearest to a training image", async () => {
    const meter = new QualityMeter(classifier, {
      train: mnist.train,
      validation: few(mnist.validation, 10),
    });
    const samples = mnist.validation.images.slice(0, (inFull ? 100 : 10) * PIXELS);
    samples.set(mnist.validation.images.subarray(NEAREST_TEST_IMAGE * PIXELS).subarray(0, PIXELS));
    const { numCopies, minDistance } = (await measured(meter, samples)).figures.nearest;
    expect(minDistance).toBeCloseTo(0.02955, 5);
    expect(numCopies).toBe(0);
  }, 60_000);

  it("has beside it the mean Fréchet distance of draws of as many training images", async () => {
    const [train, validation] = [few(mnist.train, 250), few(mnist.validation, 300)];
    const meter = new QualityMeter(classifier, { train, validation });
    const floor = await finished(meter.frechetFloor(120));
    expect(floor).toMatchObject({ count: 120, numDraws: 2 });
    const distances = [];
    for (const draw of floorDraws(train, 120)) {
      distances.push((await measured(meter, draw)).figures.frechetDistance);
    }
    const [first = 0, second = 0] = distances;
    expect(Math.abs(first - second)).toBeGreaterThan(0.01);
    expect(floor.distance).toBeCloseTo((first + second) / 2, 9);

    const asked = Array.from({ length: 120 }, (_, i) => i % 10);
    const ofAsked = await finished(meter.frechetFloor(120, asked));
    const [draw = new Uint8Array()] = floorDraws(train, 120, asked);
    expect(ofAsked).toMatchObject({ count: 120, numDraws: 1 });
    const { frechetDistance } = (await measured(meter, draw)).figures;
    expect(ofAsked.distance).toBeCloseTo(frechetDistance, 9);
    // Also where the digits come in another order.
    const reports: MeasureProgress[] = [];
    expect(await finished(meter.frechetFloor(120, asked.toReversed()), reports)).toBe(ofAsked);
    expect(reports).toEqual([]);
  });

  it("has beside it that of all training images where samples are more, measured but once", async () => {
    const [train, validation] = [few(mnist.train, 250), few(mnist.validation, 300)];
    const meter = new QualityMeter(classifier, { train, validation });
    const reports: MeasureProgress[] = [];
    const floor = await finished(meter.frechetFloor(300), reports);
    expect(floor).toMatchObject({ count: 250, numDraws: 1 });
    // 300 test images, then the draw.
    expect(reports.map(({ fraction }) => fraction)).toEqual([250 / 550, 300 / 550, 1]);
    // In whichever order, it is their own distance.
    const { figures } = await measured(meter, train.images);
    expect(floor.distance).toBeCloseTo(figures.frechetDistance, 9);
    expect(await meter.frechetFloor(300).next()).toEqual({ done: true, value: floor });
  });

  it("tells how far it is, and classifies the test images but once", async () => {
    const validation = few(mnist.validation, 600);
    const meter = new QualityMeter(classifier, { train: few(mnist.train, 100), validation });
    const samples = mnist.train.images.slice(0, 400 * PIXELS);
    const classifying = ({ reports }: { reports: MeasureProgress[] }) =>
      reports.filter(({ doing }) => doing === "classifying").map(({ fraction }) => fraction);
    // 600 test images, then the samples.
    const numDone = classifying(await measured(meter, samples)).map((of) => Math.round(of * 1000));
    expect(numDone).toEqual([250, 500, 600, 850, 1000]);
    const second = await measured(meter, samples);
    expect(classifying(second)).toEqual([0.625, 1]);
    expect(second.reports.at(-1)).toEqual({ doing: "comparing", fraction: 1 });
  });

  it("keeps no tensor when it is ended early", async () => {
    const meter = new QualityMeter(classifier, {
      train: few(mnist.train, 3000),
      validation: few(mnist.validation, 10),
    });
    const { numTensors } = tf.memory();
    const work = meter.measure(mnist.validation.images.slice(0, 20 * PIXELS));
    for (let step = await work.next(); !step.done; step = await work.next()) {
      if (step.value.doing === "comparing") break;
    }
    expect(tf.memory().numTensors).toBeGreaterThan(numTensors);
    await work.return(undefined as never);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
