import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Classifier, createClassifier } from "../../../engine/quality/classification.ts";
import { decodeClassifier } from "../../../engine/quality/classifierFile.ts";

const PATH = fileURLToPath(new URL("../../../../public/classifier.safetensors", import.meta.url));

/** The one that the page has; the caller disposes it. */
export function readClassifier(): Classifier {
  return createClassifier(decodeClassifier(readFileSync(PATH)).values);
}
