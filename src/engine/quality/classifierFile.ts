import { FormatError } from "../formats/formatError.ts";
import { parsedObject } from "../formats/parsedJson.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors/safetensors.ts";
import { fromStateDict, writableTensors } from "../nn/stateDict.ts";
import type { ClassifierValues } from "./classifier.ts";
import { createClassifierNetwork } from "./classifierNetwork.ts";

/** How the classifier was trained, and how good it is on images that it has not seen. */
const FACTS = {
  /** Name of the dataset it was trained on, e.g. `MNIST`. */
  dataset: "string",
  epochs: "number",
  /** Optimizer steps. */
  steps: "number",
  seed: "number",
  command: "string",
  /** Images that the figures below are of. */
  numTestImages: "number",
  /** With the weights as they are in the file, 0 to 1. */
  testAccuracy: "number",
  /** Mean of the largest probability on the test images, 0 to 1. */
  testConfidence: "number",
  /** Share of the test images whose largest probability is above 0.9, 0 to 1. */
  testShareConfident: "number",
} as const;

export type ClassifierFacts = {
  [K in keyof typeof FACTS]: (typeof FACTS)[K] extends "string" ? string : number;
} & {
  /** Of the pixels and labels that it was trained and tested on; left out where the dataset's name is enough. */
  checksum?: number;
};

/** How many classes a classifier tells apart, and how well, on images that it has not seen. */
export type ReaderFacts = Pick<ClassifierFile, "numClasses"> &
  Pick<ClassifierFacts, "numTestImages" | "testAccuracy">;

export interface ClassifierFile extends ClassifierValues {
  facts: ClassifierFacts;
}

/** The last layer, whose outputs are the classes. */
const LAST_LAYER = "to_logits.weight";
/** Labels are bytes. */
const MOST_CLASSES = 256;

/**
 * The classifier as safetensors, with weights rounded to float16 in PyTorch's layout, and the facts as
 * JSON in the metadata.
 */
export function encodeClassifier({
  values,
  numClasses,
  facts,
}: ClassifierFile): Uint8Array<ArrayBuffer> {
  return encodeSafetensors({
    tensors: writableTensors(createClassifierNetwork(numClasses).parameters, values, {
      dtype: "F16",
    }),
    metadata: { format: "pt", classifier: JSON.stringify(facts) },
  });
}

/** Reads a file of `encodeClassifier`. Throws nothing but FormatErrors. */
export function decodeClassifier(bytes: Uint8Array): ClassifierFile {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const numClasses = tensors.get(LAST_LAYER)?.shape[0] ?? 0;
  if (numClasses < 2 || numClasses > MOST_CLASSES) {
    throw new FormatError(
      `Expected the weights of a classifier of 2 to ${MOST_CLASSES} classes, got ${numClasses} rows in "${LAST_LAYER}". Write the file with \`npm run train:classifier\`.`,
    );
  }
  const values = fromStateDict(createClassifierNetwork(numClasses).parameters, tensors);
  return { values, numClasses, facts: factsOf(metadata.classifier ?? "") };
}

/** The classifier of images with this checksum; null where the file is damaged, or that of other images. */
export function decodeReader(bytes: Uint8Array, checksum: number): ClassifierFile | null {
  try {
    const file = decodeClassifier(bytes);
    return file.facts.checksum === checksum ? file : null;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

function factsOf(text: string): ClassifierFacts {
  const stored = parsedObject(text);
  const { checksum } = stored;
  const missing = Object.entries(FACTS).filter(([name, type]) => typeof stored[name] !== type);
  if (checksum !== undefined && typeof checksum !== "number") missing.push(["checksum", "number"]);
  if (missing.length === 0) return stored as ClassifierFacts;
  const names = missing.map(([name, type]) => `${name} (${type})`).join(", ");
  throw new FormatError(
    `Expected the metadata "classifier" to tell how the classifier was trained, but it does not tell ${names}. Write the file with \`npm run train:classifier\`.`,
  );
}
