/** The digits. */
export const NUM_CLASSES = 10;

/** A sample of which the classifier is surer than this counts as one that is recognised. */
export const CONFIDENT = 0.9;

/**
 * A sample nearer than this to a training image counts as a copy of it: root mean square difference of
 * pixels, 0 to 1. No real image is that near: of MNIST's 10,000 test images the least distance to the
 * 60,000 training images is 0.0296 (`nearestImages`). Of images of another kind it is a rough bound.
 */
export const COPY_DISTANCE = 0.029;

/** In bits: that of samples spread evenly over the classes. */
export const MAX_CLASS_ENTROPY = Math.log2(NUM_CLASSES);

/** How far probabilities, rounded to float16, may be from a sum of 1. */
const SUM_TOLERANCE = 0.01;

/** What a measurement does at the moment, and how much of that is done: 0 to 1. */
export interface MeasureProgress {
  doing: "drawing" | "classifying" | "comparing" | "scaling";
  fraction: number;
}

/** What a classifier says of samples. */
export interface ClassFigures {
  /** Samples. */
  count: number;
  /** Mean over the samples of the largest probability, 0.1 to 1. */
  meanConfidence: number;
  /** Share of the samples whose largest probability is above `CONFIDENT`, 0 to 1. */
  shareConfident: number;
  /** Samples of which each class is the most probable, `[10]`. */
  classCounts: number[];
  /** Of the class counts, in bits: 0 where all samples are of one class, at most `MAX_CLASS_ENTROPY`. */
  classEntropy: number;
}

/** What a classifier reaches on labelled images; shares from 0 to 1. */
export interface TestFigures extends ClassFigures {
  /** Share of the images whose most probable class is the label. */
  accuracy: number;
  /** The same among the images of each class, `[NUM_CLASSES]`; NaN where there is none. */
  classAccuracies: number[];
}

/** How near samples are to the training images: to see whether they are copies. */
export interface NearestFigures {
  /** The sample that is nearest to a training image; root mean square difference of pixels, 0 to 1. */
  minDistance: number;
  medianDistance: number;
  /** Samples nearer to a training image than `COPY_DISTANCE`. */
  numCopies: number;
}

/** All that is measured of a set of samples. */
export interface QualityFigures extends ClassFigures {
  /** On the classifier's features, between the samples and the test images; see `frechetDistance`. */
  frechetDistance: number;
  nearest: NearestFigures;
}

/**
 * The Fréchet distance of real images to the test images: above 0, and the more so the fewer they are.
 * It is what samples of the same number can be expected to reach at best.
 */
export interface FrechetFloor {
  /** Training images of a draw from all of them: as many as there are samples, or all. */
  count: number;
  numDraws: number;
  /** The mean over the draws. */
  distance: number;
}

/**
 * @param probabilities `[N, 10]`, of each sample over the classes
 * @throws Error for no samples, and for what is not probabilities.
 */
export function classFigures(probabilities: Float32Array): ClassFigures {
  const count = probabilities.length / NUM_CLASSES;
  if (count < 1 || !Number.isInteger(count)) {
    throw new Error(
      `Expected ${NUM_CLASSES} probabilities for each of at least one sample, got ${probabilities.length} numbers.`,
    );
  }
  const classCounts = new Array<number>(NUM_CLASSES).fill(0);
  let confidenceSum = 0;
  let numConfident = 0;
  for (let sample = 0; sample < count; sample++) {
    const start = sample * NUM_CLASSES;
    const row = probabilities.subarray(start, start + NUM_CLASSES);
    requireProbabilities(row, sample);
    const confidence = Math.max(...row);
    const digit = row.indexOf(confidence);
    classCounts[digit] = (classCounts[digit] as number) + 1;
    confidenceSum += confidence;
    if (confidence > CONFIDENT) numConfident++;
  }
  return {
    count,
    meanConfidence: confidenceSum / count,
    shareConfident: numConfident / count,
    classCounts,
    classEntropy: entropyOf(classCounts.map((classCount) => classCount / count)),
  };
}

/**
 * @param probabilities `[N, NUM_CLASSES]`
 * @param labels `[N]`
 * @throws Error for no images, and for what is not probabilities.
 */
export function testFigures(
  probabilities: Float32Array,
  { labels }: { labels: Uint8Array },
): TestFigures {
  const numOf = new Array<number>(NUM_CLASSES).fill(0);
  const numRightOf = new Array<number>(NUM_CLASSES).fill(0);
  labels.forEach((label, i) => {
    const row = probabilities.subarray(i * NUM_CLASSES, (i + 1) * NUM_CLASSES);
    numOf[label] = (numOf[label] as number) + 1;
    if (row.indexOf(Math.max(...row)) === label) {
      numRightOf[label] = (numRightOf[label] as number) + 1;
    }
  });
  return {
    ...classFigures(probabilities),
    accuracy: numRightOf.reduce((sum, numRight) => sum + numRight) / labels.length,
    classAccuracies: numRightOf.map((numRight, digit) => numRight / (numOf[digit] as number)),
  };
}

function requireProbabilities(row: Float32Array, sample: number): void {
  const sum = row.reduce((total, probability) => total + probability, 0);
  // Written so that NaN fails too.
  const isSpread = Math.abs(sum - 1) <= SUM_TOLERANCE;
  if (isSpread && row.every((probability) => probability >= 0)) return;
  throw new Error(
    `Expected probabilities that sum to 1, got ${Array.from(row).join(", ")} for sample ${sample}. Take the softmax of what the classifier gives.`,
  );
}

/** -Σ p log2 p, in bits (Shannon 1948); what does not occur adds nothing. */
function entropyOf(shares: readonly number[]): number {
  return shares.reduce((bits, share) => (share > 0 ? bits - share * Math.log2(share) : bits), 0);
}

/**
 * @param distances of each sample to the training image nearest to it, `[N]`
 * @throws Error for no samples.
 */
export function nearestFigures(distances: Float64Array): NearestFigures {
  if (distances.length === 0) throw new Error("Expected the distance of at least one sample.");
  const sorted = distances.toSorted();
  const [below, above] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return {
    minDistance: sorted[0] as number,
    medianDistance: ((sorted[below] as number) + (sorted[above] as number)) / 2,
    numCopies: sorted.filter((distance) => distance < COPY_DISTANCE).length,
  };
}
