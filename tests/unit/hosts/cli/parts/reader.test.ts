import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import type { NamedDataset } from "../../../../../src/engine/data/dataset.ts";
import { initialValues } from "../../../../../src/engine/nn/parameters.ts";
import { encodeClassifier } from "../../../../../src/engine/quality/classifierFile.ts";
import { createClassifierNetwork } from "../../../../../src/engine/quality/classifierNetwork.ts";
import { startNodeWasm } from "../../../../../src/hosts/cli/parts/nodeBackend.ts";
import { meterOf } from "../../../../../src/hosts/cli/parts/reader.ts";
import type { StatusLine } from "../../../../../src/hosts/cli/parts/statusLine.ts";
import { described } from "../../../../../src/runtime/files/trainedImages.ts";
import { crossedBars } from "../../../engine/quality/digitLikes.ts";

const dataset: NamedDataset = {
  id: "files",
  name: "Bars",
  train: crossedBars(36),
  validation: crossedBars(12, 1),
};

beforeAll(() => startNodeWasm());

function said() {
  const words: string[] = [];
  const add = (text: string) => void words.push(text);
  return { words, line: { tell: add, print: add } as unknown as StatusLine };
}

function classifierFile(numClasses: number, checksum: number): string {
  const folder = mkdtempSync(join(tmpdir(), "reader-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "classifier.safetensors");
  const facts = {
    ...{ dataset: "Bars", epochs: 1, steps: 1, seed: 0, command: "test", checksum },
    ...{ numTestImages: 12, testAccuracy: 0.5, testConfidence: 0.5, testShareConfident: 0.5 },
  };
  const values = initialValues(createClassifierNetwork(numClasses).parameters, 0);
  writeFileSync(path, encodeClassifier({ values, numClasses, facts }));
  return path;
}

it("other images than digits are measured by a classifier that is trained first, and which says how right it is", async () => {
  const { words, line } = said();
  const { meter, classifier } = await meterOf(dataset, undefined, line);
  classifier.dispose();
  expect([meter.isFitting, meter.numClasses]).toEqual([true, 3]);
  expect(words.at(-1)).toMatch(/\d % of 12 /);
});

it("of one class they are measured without reading them", async () => {
  const unlabeled = { ...dataset.train, labels: new Uint8Array(36) };
  const one = { ...dataset, train: unlabeled, validation: unlabeled };
  const { meter, classifier } = await meterOf(one, undefined, said().line);
  classifier.dispose();
  expect(meter.isFitting).toBe(false);
});

it("a given classifier is taken where it is of these images, and refused where it is of others", async () => {
  const { checksum } = described(dataset, { classes: 3 });
  const { line } = said();
  const { meter, classifier } = await meterOf(dataset, classifierFile(3, checksum), line);
  classifier.dispose();
  expect(meter.numClasses).toBe(3);
  await expect(meterOf(dataset, classifierFile(3, 5), line)).rejects.toThrow(/of the images/);
  await expect(meterOf(dataset, classifierFile(2, checksum), line)).rejects.toThrow(/3 classes/);
});
