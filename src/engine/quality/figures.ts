import type { Condition } from "../config/condition.ts";
import { datasetEntry, idOfName } from "../data/datasets.ts";
import { isOneLevel, type ObjectiveId } from "../diffusion/objectives.ts";

/** One for each digit. */
export const NUM_CLASSES = 10;

/** A sample counts as recognized when its largest probability is above this. */
export const CONFIDENT = 0.9;

/**
 * A sample nearer than this to a training image counts as a copy: root mean square difference of pixels, 0
 * to 1. No real image is that near: the smallest distance of MNIST's 10,000 test images to its 60,000
 * training images is 0.0296 (`nearestImages`). For other datasets it is a rough bound.
 */
export const COPY_DISTANCE = 0.029;

/** Entropy in bits of samples that are spread evenly over the classes. */
export const MAX_CLASS_ENTROPY = Math.log2(NUM_CLASSES);

/** How far the sum of probabilities, computed with weights rounded to float16, may be from 1. */
const SUM_TOLERANCE = 0.01;

/** What a measurement is doing, and which fraction of that is done, 0 to 1. */
export interface MeasureProgress {
  doing: "drawing" | "classifying" | "comparing" | "scaling" | "predicting";
  fraction: number;
}

/** Figures of a set of samples from the classifier's probabilities. */
export interface ClassFigures {
  count: number;
  /** Mean of the largest probability of each sample, 0.1 to 1. */
  meanConfidence: number;
  /** Share of the samples whose largest probability is above `CONFIDENT`, 0 to 1. */
  shareConfident: number;
  /** For each class, the number of samples for which it is the most probable, `[10]`. */
  classCounts: number[];
  /** Entropy of the class counts in bits: 0 if all samples are of one class, at most `MAX_CLASS_ENTROPY`. */
  classEntropy: number;
  /** Share of the images that are read as the digit asked for, 0 to 1; left out where no digits were asked for. */
  readAsAsked?: number;
  /** Numbers of images, by the digit asked for and the digit read, `[10][10]`; left out with `readAsAsked`. */
  confusion?: number[][];
}

/** Figures of the classifier on labeled images; shares from 0 to 1. */
export interface TestFigures extends ClassFigures {
  /** Share of the images whose most probable class is their label. */
  accuracy: number;
  /** The accuracy on the images of each class, `[NUM_CLASSES]`; NaN for a class without images. */
  classAccuracies: number[];
}

/** How near samples are to the training images, which shows whether they are copies. */
export interface NearestFigures {
  /** The smallest distance of a sample to a training image: root mean square difference of pixels, 0 to 1. */
  minDistance: number;
  medianDistance: number;
  /** Number of samples nearer to a training image than `COPY_DISTANCE`. */
  numCopies: number;
}

export interface QualityFigures extends ClassFigures {
  /** Between the classifier's features of samples and of test images; see `frechetDistance`. */
  frechetDistance: number;
  nearest: NearestFigures;
}

/**
 * The Fréchet distance of real training images to the test images. It is above 0, the more so the fewer
 * images there are, and is the best that the same number of samples can be expected to reach. Where the samples
 * were asked for digits, the training images are of the same digits.
 */
export interface FrechetFloor {
  /** Training images in a draw: as many as there are samples, or all. */
  count: number;
  numDraws: number;
  /** The mean over the draws. */
  distance: number;
}

/**
 * How likely a network finds real images: an upper bound of their mean negative log-likelihood, in bits per dimension. It is
 * the sum of `prior` and of the bits of all `terms`, but for rounding.
 */
export interface Likelihood {
  /** Images, 2 or more. */
  count: number;
  /** The bound: 8 for a network that takes every gray level of every pixel for equally likely, less for a better one. */
  bits: number;
  /** Of `bits`: its standard deviation over the images, divided by the root of their number. */
  standardError: number;
  /** See `priorTerm`; mean over the images. */
  prior: number;
  /** The terms of the timesteps `from` to `to`, both included, added up; mean over the images. From t = 0 to T - 1. */
  terms: { from: number; to: number; bits: number }[];
}

/** Why a network has no bits per dimension: what goes on after "none" where its `Likelihood` is null. */
export function noLikelihoodReason(objective: ObjectiveId): string {
  const bound = "the bound adds up the steps of a noise schedule";
  return isOneLevel(objective)
    ? `${bound}, and this network knows a single noise level`
    : `${bound}, and flow has no such schedule`;
}

/**
 * The digits that a network was asked for; null where its classes are not the digits that the classifier reads,
 * or a label is none.
 *
 * @param datasetName of the images that the network learned
 */
export function digitsAsked(
  condition: Condition | null,
  { classes, datasetName }: { classes: number; datasetName: string },
): number[] | null {
  const hasDigits =
    classes === NUM_CLASSES && datasetEntry({ id: idOfName(datasetName) }).fitsClassifier;
  if (!condition || !hasDigits) return null;
  const digits = condition.labels.filter((label) => typeof label === "number");
  return digits.length === condition.labels.length ? digits : null;
}

/**
 * @param probabilities `[N, NUM_CLASSES]`, N at least 1
 * @param asked the digit that each image is to be, `[N]`; null where that is not known
 * @throws Error when a row is not probabilities
 */
export function classFigures(
  probabilities: Float32Array,
  asked: ArrayLike<number> | null = null,
): ClassFigures {
  const predicted = predictions(probabilities);
  const count = predicted.length;
  const classCounts = Array.from(
    { length: NUM_CLASSES },
    (_, digit) => predicted.filter((prediction) => prediction.digit === digit).length,
  );
  return {
    count,
    meanConfidence: predicted.reduce((sum, { confidence }) => sum + confidence, 0) / count,
    shareConfident: predicted.filter(({ confidence }) => confidence > CONFIDENT).length / count,
    classCounts,
    classEntropy: entropyOf(classCounts.map((classCount) => classCount / count)),
    ...(asked && askedFigures(predicted, asked)),
  };
}

function askedFigures(predicted: readonly { digit: number }[], asked: ArrayLike<number>) {
  const confusion = Array.from({ length: NUM_CLASSES }, () =>
    new Array<number>(NUM_CLASSES).fill(0),
  );
  for (const [i, { digit }] of predicted.entries()) {
    const row = confusion[asked[i] as number] as number[];
    row[digit] = (row[digit] as number) + 1;
  }
  const numAsAsked = confusion.reduce((sum, row, digit) => sum + (row[digit] as number), 0);
  return { readAsAsked: numAsAsked / predicted.length, confusion };
}

/** The figures of real test images, whose labels, `[N]`, are known. */
export function testFigures(
  probabilities: Float32Array,
  { labels }: { labels: Uint8Array },
): TestFigures {
  const isRight = predictions(probabilities).map(({ digit }, i) => digit === labels[i]);
  const shareRight = (of: boolean[]) => of.filter(Boolean).length / of.length;
  return {
    ...classFigures(probabilities),
    accuracy: shareRight(isRight),
    classAccuracies: Array.from({ length: NUM_CLASSES }, (_, digit) =>
      shareRight(isRight.filter((_, i) => labels[i] === digit)),
    ),
  };
}

/** The most probable class of each sample, the first of equals, with its probability. */
export function predictions(probabilities: Float32Array) {
  return Array.from({ length: probabilities.length / NUM_CLASSES }, (_, sample) => {
    const row = probabilities.subarray(sample * NUM_CLASSES, (sample + 1) * NUM_CLASSES);
    requireProbabilities(row, sample);
    const confidence = Math.max(...row);
    return { digit: row.indexOf(confidence), confidence };
  });
}

function requireProbabilities(row: Float32Array, sample: number): void {
  const sum = row.reduce((total, probability) => total + probability, 0);
  // NaN makes this comparison false, too.
  const isSpread = Math.abs(sum - 1) <= SUM_TOLERANCE;
  if (isSpread && row.every((probability) => probability >= 0)) return;
  throw new Error(
    `Expected probabilities that sum to 1, got ${Array.from(row).join(", ")} for sample ${sample}. Take the softmax of what the classifier gives.`,
  );
}

/** -Σ p log2 p, in bits (Shannon 1948), where 0 log2 0 counts as 0. */
function entropyOf(shares: readonly number[]): number {
  return shares.reduce((bits, share) => (share > 0 ? bits - share * Math.log2(share) : bits), 0);
}

/** @param distances from each sample to its nearest training image, `[N]`, N at least 1 */
export function nearestFigures(distances: Float64Array): NearestFigures {
  const sorted = distances.toSorted();
  const [below, above] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return {
    minDistance: sorted[0] as number,
    medianDistance: ((sorted[below] as number) + (sorted[above] as number)) / 2,
    numCopies: sorted.filter((distance) => distance < COPY_DISTANCE).length,
  };
}
