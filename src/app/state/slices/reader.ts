/** The reader of the images in use: the classifier that measures samples of images which the page's own does not fit. */
import { datasetEntry } from "../../../engine/data/datasets.ts";
import type { ReaderFacts } from "../../../engine/quality/classifierFile.ts";
import type { Outcome } from "../client/answers.ts";
import type { DatasetState } from "./dataset.ts";

export interface ReaderState {
  /** The checksum tells which images, by their pixels and labels; the facts of their reader are null where there is none. */
  known: { checksum: number; facts: ReaderFacts | null } | null;
  /** How far the training is, 0 to 1; null while none is trained. */
  fraction: number | null;
  /** Why the last one failed; null when it did not. */
  failure: string | null;
}

export const NO_READER: ReaderState = { known: null, fraction: null, failure: null };

/** How the images in use are read. */
type Reading =
  /** By the page's own classifier, which was trained on such images. */
  | "fits"
  | "reader"
  /** A reader can be trained. */
  | "none"
  /** There are no two classes to tell apart. */
  | "unlabeled"
  /** It is not known yet. */
  | "looking";

export function readingOf({
  dataset: { current },
  reader: { known },
}: {
  dataset: Pick<DatasetState, "current">;
  reader: Pick<ReaderState, "known">;
}): Reading {
  if (!current) return "looking";
  if (datasetEntry(current).classifier) return "fits";
  if (current.numClasses < 2) return "unlabeled";
  if (known?.checksum !== current.checksum) return "looking";
  return known.facts ? "reader" : "none";
}

export function beginReader(state: ReaderState): ReaderState {
  return { ...state, fraction: 0, failure: null };
}

/** @param outcome of the training; what it made came before */
export function afterReader(state: ReaderState, outcome: Outcome<"reader">): ReaderState {
  const failure = outcome.status === "failed" ? outcome.message : null;
  return { ...state, fraction: null, failure };
}
