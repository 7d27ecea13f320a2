import type { Condition } from "../config/condition.ts";
import { isOneLevel, type ObjectiveId } from "../diffusion/objectives.ts";

/** A sample counts as recognized when its largest probability is above this. */
export const CONFIDENT = 0.9;

/**
 * A sample nearer than this to a training image counts as a copy: root mean square difference of pixels, 0
 * to 1. No real image is that near: the smallest distance of MNIST's 10,000 test images to its 60,000
 * training images is 0.0296 (`nearestImages`). For other datasets it is a rough bound.
 */
export const COPY_DISTANCE = 0.029;

/** Entropy in bits of samples that are spread evenly over the classes. */
export function maxClassEntropy({ classCounts }: Pick<ClassFigures, "classCounts">): number {
  return Math.log2(classCounts.length);
}

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
  /** Mean of the largest probability of each sample, 1/K to 1 for K classes. */
  meanConfidence: number;
  /** Share of the samples whose largest probability is above `CONFIDENT`, 0 to 1. */
  shareConfident: number;
  /** For each class, the number of samples for which it is the most probable, `[K]`. */
  classCounts: number[];
  /** Entropy of the class counts in bits: 0 if all samples are of one class, at most `maxClassEntropy`. */
  classEntropy: number;
  /** Share of the images that are read as the class asked for, 0 to 1; left out where no classes were asked for. */
  readAsAsked?: number;
  /** Numbers of images, by the class asked for and the class read, `[K][K]`; left out with `readAsAsked`. */
  confusion?: number[][];
}

/** Figures of the classifier on labeled images; shares from 0 to 1. */
export interface TestFigures extends ClassFigures {
  /** Share of the images whose most probable class is their label. */
  accuracy: number;
  /** The accuracy on the images of each class, `[K]`; NaN for a class without images. */
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

/** What is measured of samples by comparing them with images alone. */
interface UnreadFigures {
  count: number;
  /** Between the classifier's features of samples and of test images; see `frechetDistance`. */
  frechetDistance: number;
  nearest: NearestFigures;
}

/** What is measured of samples with a classifier that was trained on such images. */
export interface QualityFigures extends ClassFigures, UnreadFigures {}

/** What a classifier reads is left out where there is none of such images. */
export type MeasuredFigures = UnreadFigures & Partial<ClassFigures>;

/** Whether a classifier of such images read the samples. */
export function isRead(figures: MeasuredFigures): figures is QualityFigures {
  return "classCounts" in figures;
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

/** Which images a network or a classifier learned, and how many classes it tells apart. */
export interface LearnedClasses {
  classes: number;
  /** Name of the images. */
  datasetName: string;
}

/**
 * The classes that a network was asked for; null where they are not those that are read, since there are more or fewer
 * or it learned other images, or where a label is none.
 */
export function labelsAsked(
  condition: Condition | null,
  network: LearnedClasses,
  read: LearnedClasses,
): number[] | null {
  const isSame = network.classes === read.classes && network.datasetName === read.datasetName;
  if (!condition || !isSame) return null;
  const labels = condition.labels.filter((label) => typeof label === "number");
  return labels.length === condition.labels.length ? labels : null;
}

/**
 * @param probabilities `[N, numClasses]`, N at least 1
 * @param asked the class that each image is to be, `[N]`; null where that is not known
 * @throws Error when a row is not probabilities
 */
export function classFigures(
  probabilities: Float32Array,
  numClasses: number,
  asked: ArrayLike<number> | null = null,
): ClassFigures {
  const predicted = predictions(probabilities, numClasses);
  const count = predicted.length;
  const classCounts = new Array<number>(numClasses).fill(0);
  for (const { label } of predicted) classCounts[label] = (classCounts[label] as number) + 1;
  return {
    count,
    meanConfidence: predicted.reduce((sum, { confidence }) => sum + confidence, 0) / count,
    shareConfident: predicted.filter(({ confidence }) => confidence > CONFIDENT).length / count,
    classCounts,
    classEntropy: entropyOf(classCounts.map((classCount) => classCount / count)),
    ...(asked && askedFigures(predicted, asked, numClasses)),
  };
}

function askedFigures(
  predicted: readonly { label: number }[],
  asked: ArrayLike<number>,
  numClasses: number,
) {
  const confusion = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0));
  for (const [i, { label }] of predicted.entries()) {
    const row = confusion[asked[i] as number] as number[];
    row[label] = (row[label] as number) + 1;
  }
  const numAsAsked = confusion.reduce((sum, row, label) => sum + (row[label] as number), 0);
  return { readAsAsked: numAsAsked / predicted.length, confusion };
}

/** The figures of real test images, whose labels, `[N]`, are known. */
export function testFigures(
  probabilities: Float32Array,
  numClasses: number,
  { labels }: { labels: Uint8Array },
): TestFigures {
  const isRight = predictions(probabilities, numClasses).map(({ label }, i) => label === labels[i]);
  const shareRight = (of: boolean[]) => of.filter(Boolean).length / of.length;
  return {
    ...classFigures(probabilities, numClasses),
    accuracy: shareRight(isRight),
    classAccuracies: Array.from({ length: numClasses }, (_, label) =>
      shareRight(isRight.filter((_, i) => labels[i] === label)),
    ),
  };
}

/** The most probable class of each sample, the first of equals, with its probability. */
export function predictions(probabilities: Float32Array, numClasses: number) {
  return Array.from({ length: probabilities.length / numClasses }, (_, sample) => {
    const row = probabilities.subarray(sample * numClasses, (sample + 1) * numClasses);
    requireProbabilities(row, sample);
    const confidence = Math.max(...row);
    return { label: row.indexOf(confidence), confidence };
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
