import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type NamedDataset, numClasses } from "../../../engine/data/dataset.ts";
import { datasetEntry, type ShippedClassifier } from "../../../engine/data/datasets.ts";
import { type Classifier, createClassifier } from "../../../engine/quality/classifier.ts";
import { decodeClassifier } from "../../../engine/quality/classifierFile.ts";
import { QualityMeter } from "../../../engine/quality/qualityMeter.ts";
import { trainReader } from "../../../engine/quality/readerTraining.ts";
import { described } from "../../../runtime/files/trainedImages.ts";
import { formatCount, formatPercent, formatShare } from "../../../runtime/format.ts";
import { CommandError, type Options } from "../options.ts";
import type { StatusLine } from "./statusLine.ts";

export const CLASSIFIER_OPTION = {
  classifier: {
    type: "string",
    help: "the classifier of --data, from npm run train:classifier (default the one that comes with the app, for other images one that is trained first)",
  },
} as const satisfies Options;

/**
 * What measures samples against a dataset: with the classifier of a file, with the one that comes with the app, else with one that
 * is trained now; without classes only by distances. The backend has to be started before. The caller disposes the classifier.
 *
 * @throws CommandError where the file's classifier is of other images, FormatError where it is none
 */
export async function meterOf(dataset: NamedDataset, path: string | undefined, line: StatusLine) {
  const classes = numClasses(dataset);
  if (path !== undefined) {
    const { facts, ...values } = decodeClassifier(readFileSync(path));
    const { checksum } = described(dataset, { classes });
    const isOther = facts.checksum !== undefined && facts.checksum !== checksum;
    if (isOther || values.numClasses < classes) {
      throw new CommandError(
        `Expected --classifier of the images of --data, ${dataset.name} of ${classes} classes, got one of ${facts.dataset} of ${values.numClasses}.`,
      );
    }
    const classifier = createClassifier(values);
    return { classifier, meter: new QualityMeter(classifier, dataset) };
  }
  const shipped = datasetEntry(dataset).classifier;
  if (shipped || classes < 2) {
    const classifier = readClassifier(shipped ?? undefined);
    const isFitting = shipped !== null;
    return { classifier, meter: new QualityMeter(classifier, dataset, { isFitting }) };
  }
  const work = trainReader(dataset, { dataset: dataset.name, command: "npm run evaluate" });
  let step = await work.next();
  for (; !step.done; step = await work.next()) {
    line.tell(`training a classifier of these images: ${formatPercent(step.value)}`);
  }
  const { facts, ...values } = step.value;
  line.print(
    `a classifier of these images is right on ${formatShare(facts.testAccuracy)} of ${formatCount(facts.numTestImages)} that it has not seen`,
  );
  const classifier = createClassifier(values);
  return { classifier, meter: new QualityMeter(classifier, dataset) };
}

/** The one that the page has; the caller disposes it. */
export function readClassifier(name: ShippedClassifier = "classifier.safetensors"): Classifier {
  const path = fileURLToPath(new URL(`../../../../public/${name}`, import.meta.url));
  return createClassifier(decodeClassifier(readFileSync(path)));
}
