import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { createClassifier } from "../../../../src/engine/quality/classifier.ts";
import {
  type ClassifierFacts,
  decodeClassifier,
} from "../../../../src/engine/quality/classifierFile.ts";
import { classFigures, testFigures } from "../../../../src/engine/quality/figures.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";
import { inFull } from "../../../inFull.ts";

const file = (name: string) => new URL(`../../../../public/${name}`, import.meta.url);
const bytes = readFileSync(file("classifier.safetensors"));
const card = readFileSync(file("classifier.md"), "utf8");

/** What the card of a classifier says as its file does. */
const toldOf = (facts: ClassifierFacts) => [
  `**${(100 * facts.testAccuracy).toFixed(2)} %**`,
  facts.testConfidence.toFixed(3),
  `${(100 * facts.testShareConfident).toFixed(2)} %`,
  facts.command,
];

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the classifier that the page ships", () => {
  it("is a file of at most 300 KB", () => {
    expect(bytes.length).toBeLessThanOrEqual(300_000);
  });

  it("reads at least 99.0 % of the 10,000 test images right, as its file and its card say", async () => {
    const { facts, ...values } = decodeClassifier(bytes);
    const { validation } = await readImages();
    const count = inFull ? validation.count : 1000;
    const classifier = createClassifier(values);
    const { probabilities } = await classifier.classify(validation.images.slice(0, count * 784));
    const labels = validation.labels.slice(0, count);
    const figures = testFigures(probabilities, 10, { labels });
    classifier.dispose();

    expect([validation.count, facts.numTestImages]).toEqual([10_000, 10_000]);
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.99);
    // An image or two on the edge may fall to the other side on another processor; the first thousand
    // differ from all.
    const [apart, shareApart] = inFull ? [0.00025, 0.0005] : [0.0035, 0.006];
    expect(Math.abs(facts.testAccuracy - figures.accuracy)).toBeLessThan(apart);
    expect(Math.abs(facts.testConfidence - figures.meanConfidence)).toBeLessThan(apart);
    expect(Math.abs(facts.testShareConfident - figures.shareConfident)).toBeLessThan(shareApart);
    for (const told of toldOf(facts)) expect(card).toContain(told);
  });

  it("of Fashion-MNIST has told its card how it was trained and what it reads right", () => {
    const { facts, numClasses } = decodeClassifier(
      readFileSync(file("classifier-fashion.safetensors")),
    );
    const fashionCard = readFileSync(file("classifier-fashion.md"), "utf8");
    expect([numClasses, facts.dataset, facts.numTestImages]).toEqual([10, "Fashion-MNIST", 10_000]);
    for (const told of toldOf(facts)) expect(fashionCard).toContain(told);
  });

  it("is surer of digits than of their pixels in another order", async () => {
    const classifier = createClassifier(decodeClassifier(bytes));
    const { images } = (await readImages()).validation;
    const digits = images.slice(0, 200 * 784);
    // 331 and 784 have no common divisor: every pixel goes somewhere.
    const scrambled = digits.map((_, place) => {
      const first = place - (place % 784);
      return digits[first + (((place % 784) * 331) % 784)] as number;
    });
    const [ofDigits, ofScrambled] = [
      classFigures((await classifier.classify(digits)).probabilities, 10),
      classFigures((await classifier.classify(scrambled)).probabilities, 10),
    ];
    classifier.dispose();
    expect(ofDigits.meanConfidence - ofScrambled.meanConfidence).toBeGreaterThan(0.1);
    expect(ofDigits.shareConfident - ofScrambled.shareConfident).toBeGreaterThan(0.3);
  });
});
