import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { type Dataset, type LabeledImages, numClasses } from "../data/dataset.ts";
import { chunks, pickImages } from "../data/imageOrder.ts";
import { randomPermutation } from "../random.ts";
import type { Classification, Classifier } from "./classifier.ts";
import { NUM_FEATURES } from "./classifierNetwork.ts";
import {
  type ClassFigures,
  classFigures,
  type FrechetFloor,
  type MeasuredFigures,
  type MeasureProgress,
  nearestFigures,
} from "./figures.ts";
import { frechetDistance, type Gaussian, gaussianOf } from "./frechet.ts";
import { type NearestImages, nearestImages } from "./nearestImages.ts";

/** Images that are classified between two reports. */
const CHUNK = 250;

/** All draws together have so many images, if there are enough: a single small draw would be too random. */
const ENOUGH_IMAGES = 4000;
const MOST_DRAWS = 16;
/** Held-out images whose nearest training images are looked for: a quarter of the time that 2,000 samples take. */
const NUM_TEST_NEAREST = 500;

/** The result of measuring samples. */
export interface Measurement {
  figures: MeasuredFigures;
  /** Figures of the real test images, for comparison; a label counts as the class asked for. Null with the samples'. */
  real: ClassFigures | null;
  /** The class probabilities of each sample, `[N, numClasses]`; null with the figures of the classes. */
  probabilities: Float32Array | null;
  nearest: NearestImages;
}

/** Measured once, on the real test images. */
interface Reference {
  figures: ClassFigures | null;
  features: Gaussian;
}

/** Measures samples against a dataset with a classifier. The caller disposes the classifier. */
export class QualityMeter {
  /** Whether the classifier was trained on such images; otherwise its features alone are used. */
  readonly isFitting: boolean;
  /** The classes of the images, which a fitting classifier reads. */
  readonly numClasses: number;
  readonly #classifier: Classifier;
  readonly #dataset: Dataset;
  #reference: Reference | null = null;
  #testMedianDistance: number | null = null;
  /** By number of images and what they are. */
  readonly #floors = new Map<string, FrechetFloor>();

  constructor(classifier: Classifier, dataset: Dataset, { isFitting = true } = {}) {
    this.isFitting = isFitting;
    this.numClasses = isFitting ? classifier.numClasses : numClasses(dataset);
    this.#classifier = classifier;
    this.#dataset = dataset;
  }

  /**
   * Measures samples, `[N, 784]`, 0 black to 255 white, at least 2. Reports several times a second; ending the
   * generator early frees what it holds.
   *
   * @param asked the class that each sample is to be, `[N]`; null where the network was not asked for such classes
   */
  async *measure(
    samples: Uint8Array,
    asked: readonly number[] | null = null,
  ): AsyncGenerator<MeasureProgress, Measurement> {
    const { figures, real, probabilities } = yield* this.#read(samples, asked);
    const nearest = yield* nearestImages({ samples, among: this.#dataset.train.images });
    return {
      figures: { ...figures, nearest: nearestFigures(nearest.distances) },
      real,
      probabilities,
      nearest,
    };
  }

  /** The figures for which no sample is compared with the training images, without reports. */
  async figures(samples: Uint8Array): Promise<Omit<MeasuredFigures, "nearest">> {
    const work = this.#read(samples);
    for (;;) {
      const { done, value } = await work.next();
      if (done) return value.figures;
    }
  }

  async *#read(samples: Uint8Array, asked: readonly number[] | null = null) {
    const { reference, results } = yield* this.#classify("classifying", [samples]);
    const [{ probabilities, features }] = results as [Classification];
    const distance = frechetDistance(gaussianOf(features, NUM_FEATURES), reference.features);
    const classes = this.isFitting
      ? classFigures(probabilities, this.numClasses, asked)
      : { count: samples.length / NUM_PIXELS };
    return {
      figures: { ...classes, frechetDistance: distance },
      real: reference.figures,
      probabilities: this.isFitting ? probabilities : null,
    };
  }

  /**
   * The floor for as many training images as there are samples, at least 2, or for all of them.
   *
   * @param asked the classes that the samples were to be, as of `measure`
   */
  async *frechetFloor(
    numSamples: number,
    asked: readonly number[] | null = null,
  ): AsyncGenerator<MeasureProgress, FrechetFloor> {
    const { train } = this.#dataset;
    const count = Math.min(numSamples, train.count);
    const key = String(asked?.toSorted() ?? count);
    const known = this.#floors.get(key);
    if (known) return known;
    const draws = floorDraws(train, count, asked);
    const { reference, results } = yield* this.#classify("scaling", draws);
    const sum = results.reduce(
      (total, { features }) =>
        total + frechetDistance(gaussianOf(features, NUM_FEATURES), reference.features),
      0,
    );
    const floor = { count, numDraws: draws.length, distance: sum / draws.length };
    this.#floors.set(key, floor);
    return floor;
  }

  /** Median distance to the nearest training image of up to 500 held-out images, always the same. */
  async *testMedianDistance(): AsyncGenerator<MeasureProgress, number> {
    if (this.#testMedianDistance !== null) return this.#testMedianDistance;
    const { train, validation } = this.#dataset;
    const order = randomPermutation({ seed: 0, stream: "shuffle", index: 0 }, validation.count);
    const samples = pickImages(validation.images, order.subarray(0, NUM_TEST_NEAREST));
    const work = nearestImages({ samples, among: train.images });
    try {
      for (;;) {
        const { done, value } = await work.next();
        if (done) {
          this.#testMedianDistance = nearestFigures(value.distances).medianDistance;
          return this.#testMedianDistance;
        }
        yield { doing: "scaling", fraction: value.fraction };
      }
    } finally {
      await work.return(undefined as never);
    }
  }

  /** Classifies sets of images, and before the first time the test images. */
  async *#classify(
    doing: MeasureProgress["doing"],
    sets: readonly Uint8Array[],
  ): AsyncGenerator<MeasureProgress, { reference: Reference; results: Classification[] }> {
    const all = this.#reference ? sets : [this.#dataset.validation.images, ...sets];
    const totalPixels = all.reduce((sum, { length }) => sum + length, 0);
    const results: Classification[] = [];
    let numBefore = 0;
    const { numClasses } = this.#classifier;
    for (const pixels of all) {
      const count = pixels.length / NUM_PIXELS;
      const probabilities = new Float32Array(count * numClasses);
      const features = new Float32Array(count * NUM_FEATURES);
      for (const { start, end } of chunks(count, CHUNK)) {
        const images = pixels.subarray(start * NUM_PIXELS, end * NUM_PIXELS);
        const part = await this.#classifier.classify(images);
        probabilities.set(part.probabilities, start * numClasses);
        features.set(part.features, start * NUM_FEATURES);
        yield { doing, fraction: (numBefore + end * NUM_PIXELS) / totalPixels };
      }
      numBefore += pixels.length;
      if (this.#reference) results.push({ probabilities, features });
      this.#reference ??= {
        figures: this.isFitting
          ? classFigures(
              probabilities,
              numClasses,
              readLabels(this.#dataset.validation, numClasses),
            )
          : null,
        features: gaussianOf(features, NUM_FEATURES),
      };
    }
    return { reference: this.#reference as Reference, results };
  }
}

/** Null where the labels are not those that are read. */
function readLabels({ labels }: LabeledImages, numClasses: number): Uint8Array | null {
  return labels.every((label) => label < numClasses) ? labels : null;
}

/**
 * Disjoint groups of `count` images, or one group of all, always the same. They are drawn at random, since
 * every n-th image may be of one kind: MNIST's files seem to alternate between two groups of writers.
 *
 * @param asked the labels of each group, `[count]`; null, or where there are too few such images, for any
 * @returns `[count, 784]` each
 */
export function floorDraws(
  train: LabeledImages,
  count: number,
  asked: readonly number[] | null = null,
): Uint8Array[] {
  const size = Math.min(count, train.count);
  const wanted = asked ?? new Array<number>(size).fill(0);
  const order = randomPermutation({ seed: 0, stream: "shuffle", index: 0 }, train.count);
  const kinds = Array.from(new Set(wanted), (label) => {
    const indices = order.filter((i) => !asked || train.labels[i] === label);
    const needed = wanted.filter((other) => other === label).length;
    return { label, indices, numDraws: Math.floor(indices.length / needed) };
  });
  const enough = Math.ceil(ENOUGH_IMAGES / size);
  const numDraws = Math.min(MOST_DRAWS, enough, ...kinds.map((kind) => kind.numDraws));
  if (numDraws === 0) return floorDraws(train, count);
  const left = new Map(kinds.map(({ label, indices }) => [label, indices.values()]));
  return Array.from({ length: numDraws }, () => {
    const indices = wanted.map((label) => left.get(label)?.next().value as number);
    return pickImages(train.images, indices);
  });
}
