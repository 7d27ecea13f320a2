import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { DataError } from "./dataError.ts";
import type { DatasetFile, DatasetProgress } from "./datasetFile.ts";
import type { DatasetIdentity } from "./datasets.ts";
import { requirePairs } from "./fileNames.ts";
import { FileReading } from "./fileReading.ts";

/** What a network is trained on: images, or points of the plane, which it sees as images of two pixels. */
export interface LabeledSamples {
  /** `[count, H, W]`: pixels, 0 black to 255 white, or numbers as the network sees them. */
  images: ImageValues;
  /** `[count]`. */
  labels: Uint8Array;
  count: number;
}

export type ImageValues = Uint8Array | Float32Array;

export interface LabeledImages extends LabeledSamples {
  /** `[count, 28, 28]`, 0 black to 255 white. */
  images: Uint8Array;
}

export interface TrainingData {
  train: LabeledSamples;
  validation: LabeledSamples;
}

export interface Dataset extends TrainingData {
  train: LabeledImages;
  validation: LabeledImages;
}

/** What a run is trained on, with the name that its record keeps. */
export type NamedTrainingData = TrainingData & DatasetIdentity;

export type NamedDataset = Dataset & DatasetIdentity;

interface ReadDatasetOptions {
  files: readonly DatasetFile[];
  /** Called about ten times a second at most, and once at the end. */
  onProgress: (progress: DatasetProgress) => void;
  signal?: AbortSignal;
}

const MIN_TRAIN_IMAGES = 2;
const MAX_HELD_OUT_IMAGES = 10_000;
const PROGRESS_INTERVAL_MS = 100;

/**
 * Reads all files, each gzipped or not, in parallel: a stream that is also being written to a cache piles
 * up in memory while it is not read. When one file fails, the others are canceled.
 *
 * Without validation files, the last sixth of the training images, at most 10,000, is held out.
 *
 * @throws DataError when the files cannot be used; the reason of `signal` when it is aborted
 */
export async function readDataset(options: ReadDatasetOptions): Promise<Dataset> {
  const { files, onProgress, signal } = options;
  const stop = new AbortController();
  const anyStop = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const readings = files.map((file) => new FileReading(file, anyStop));
  let reportedMs = Number.NEGATIVE_INFINITY;
  const reportWhenDue = () => {
    if (performance.now() - reportedMs < PROGRESS_INTERVAL_MS) return;
    reportedMs = performance.now();
    onProgress(progressOf(readings));
  };
  try {
    requirePairs(files);
    const read = await Promise.all(
      readings.map(async (reading) => ({
        ...reading.file,
        items: await reading.read(reportWhenDue),
      })),
    );
    const train = labeledImages(read, "train");
    if (train.count < MIN_TRAIN_IMAGES) {
      throw new DataError(
        `Expected at least ${MIN_TRAIN_IMAGES} training images, got ${train.count}.`,
      );
    }
    const isHeldOut = files.every((file) => file.split === "train");
    const dataset = isHeldOut
      ? holdOut(train)
      : { train, validation: labeledImages(read, "validation") };
    onProgress(progressOf(readings));
    return dataset;
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

function progressOf(readings: readonly FileReading[]): DatasetProgress {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const totals = readings.map(({ file }) => file.totalBytes);
  const ofImages = readings.filter(({ file }) => file.content === "images");
  return {
    loadedBytes: sum(readings.map(({ loadedBytes }) => loadedBytes)),
    totalBytes: totals.includes(null) ? null : sum(totals as number[]),
    numImages: sum(ofImages.map(({ parser }) => parser.numItems)),
    totalImages: sum(ofImages.map(({ parser }) => parser.totalItems)),
  };
}

/** How many kinds of images the labels tell apart: one more than the largest label. */
export function numClasses({ train, validation }: TrainingData): number {
  const largest = (labels: Uint8Array) => labels.reduce((most, label) => Math.max(most, label), 0);
  return 1 + Math.max(largest(train.labels), largest(validation.labels));
}

/**
 * @throws DataError when a network with classes has none for some label; a network without them takes all
 */
export function checkLabels(dataset: TrainingData, { classes }: { classes: number }): void {
  const count = classes > 0 ? numClasses(dataset) : 0;
  if (count <= classes) return;
  throw new DataError(
    `Expected labels from 0 to ${classes - 1}, as the setting Classes has it, got labels up to ${count - 1}. Set Classes to ${count} for these images, or to 0 to train without labels.`,
  );
}

/** Joins the two files of a split, which exist since `requirePairs` has passed. */
function labeledImages(
  files: readonly (DatasetFile & { items: Uint8Array })[],
  split: DatasetFile["split"],
): LabeledImages {
  const ofSplit = (content: DatasetFile["content"]) =>
    files.find((file) => file.split === split && file.content === content) as (typeof files)[0];
  const [images, labels] = [ofSplit("images"), ofSplit("labels")];
  const count = images.items.length / NUM_PIXELS;
  if (labels.items.length !== count) {
    throw new DataError(
      `Expected one label per image, got ${count.toLocaleString("en")} images in ${images.name} and ${labels.items.length.toLocaleString("en")} labels in ${labels.name}. They do not belong together.`,
    );
  }
  return { images: images.items, labels: labels.items, count };
}

/** Returns views, since copies would take another 47 MB. */
function holdOut(all: LabeledImages): Dataset {
  const numHeldOut = Math.min(MAX_HELD_OUT_IMAGES, Math.max(1, Math.floor(all.count / 6)));
  const slice = (from: number, to: number): LabeledImages => ({
    images: all.images.subarray(from * NUM_PIXELS, to * NUM_PIXELS),
    labels: all.labels.subarray(from, to),
    count: to - from,
  });
  const numTrain = all.count - numHeldOut;
  return { train: slice(0, numTrain), validation: slice(numTrain, all.count) };
}
