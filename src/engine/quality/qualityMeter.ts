import { NUM_PIXELS } from "../config/hyperparameters.ts";
import type { Dataset, LabelledImages } from "../data/dataset.ts";
import { chunks, pickImages } from "../data/imageOrder.ts";
import { randomPermutation } from "../random.ts";
import type { Classification, Classifier } from "./classification.ts";
import { NUM_FEATURES } from "./classifier.ts";
import {
  type ClassFigures,
  classFigures,
  type FrechetFloor,
  type MeasureProgress,
  NUM_CLASSES,
  nearestFigures,
  type QualityFigures,
} from "./figures.ts";
import { frechetDistance, type Gaussian, gaussianOf } from "./frechet.ts";
import { type NearestImages, nearestImages } from "./nearestImages.ts";

/** Images that are classified between two reports. */
const CHUNK = 250;

/** Draws have as many images together, as far as there are as many: one draw of few is chance. */
const ENOUGH_IMAGES = 4000;
const MOST_DRAWS = 16;

/** What was found out about samples. */
export interface Measurement {
  figures: QualityFigures;
  /** The same of the real test images, for scale. */
  real: ClassFigures;
  /** `[N, 10]`, of each sample. */
  probabilities: Float32Array;
  /** Among the training images. */
  nearest: NearestImages;
}

/** Of the real test images: measured once. */
interface Reference {
  figures: ClassFigures;
  features: Gaussian;
}

/** Measures samples against a dataset, with a classifier of its images; the owner disposes of that. */
export class QualityMeter {
  readonly #classifier: Classifier;
  readonly #dataset: Dataset;
  #reference: Reference | null = null;
  /** By the number of images. */
  readonly #floors = new Map<number, FrechetFloor>();

  constructor(classifier: Classifier, dataset: Dataset) {
    this.#classifier = classifier;
    this.#dataset = dataset;
  }

  /**
   * Reports several times a second; whoever ends the generator early frees what it holds.
   *
   * @param samples `[N, 784]`, 0 black to 255 white, at least 2
   */
  async *measure(samples: Uint8Array): AsyncGenerator<MeasureProgress, Measurement> {
    const numSamples = samples.length / NUM_PIXELS;
    const { reference, toldAfter } = yield* this.#withReference("classifying", numSamples);
    const { probabilities, features } = yield* this.#classify(samples, toldAfter(0));
    const distance = frechetDistance(gaussianOf(features, NUM_FEATURES), reference.features);
    const nearest = yield* nearestImages({ samples, among: this.#dataset.train.images });
    return {
      figures: {
        ...classFigures(probabilities),
        frechetDistance: distance,
        nearest: nearestFigures(nearest.distances),
      },
      real: reference.figures,
      probabilities,
      nearest,
    };
  }

  /**
   * Of as many training images as there are samples, or of all of them.
   *
   * @param numSamples at least 2
   */
  async *frechetFloor(numSamples: number): AsyncGenerator<MeasureProgress, FrechetFloor> {
    const { train } = this.#dataset;
    const count = Math.min(numSamples, train.count);
    const known = this.#floors.get(count);
    if (known) return known;
    const draws = floorDraws(train, count);
    const numImages = draws.length * count;
    const { reference, toldAfter } = yield* this.#withReference("scaling", numImages);
    let sum = 0;
    for (const [i, images] of draws.entries()) {
      const { features } = yield* this.#classify(images, toldAfter(i * count));
      sum += frechetDistance(gaussianOf(features, NUM_FEATURES), reference.features);
    }
    const floor = { count, numDraws: draws.length, distance: sum / draws.length };
    this.#floors.set(count, floor);
    return floor;
  }

  /** The reference, measured now if it is not yet, and how far a task of so many images is besides. */
  async *#withReference(doing: MeasureProgress["doing"], numImages: number) {
    const { images, count } = this.#dataset.validation;
    const numReference = this.#reference ? 0 : count;
    const toldAfter = (numBefore: number) => (numDone: number) => ({
      doing,
      fraction: (numBefore + numDone) / (numReference + numImages),
    });
    if (!this.#reference) {
      const { probabilities, features } = yield* this.#classify(images, toldAfter(0));
      const gaussian = gaussianOf(features, NUM_FEATURES);
      this.#reference = { figures: classFigures(probabilities), features: gaussian };
    }
    const ofTask = (numBefore: number) => toldAfter(numReference + numBefore);
    return { reference: this.#reference, toldAfter: ofTask };
  }

  async *#classify(
    images: Uint8Array,
    told: (numDone: number) => MeasureProgress,
  ): AsyncGenerator<MeasureProgress, Classification> {
    const count = images.length / NUM_PIXELS;
    const probabilities = new Float32Array(count * NUM_CLASSES);
    const features = new Float32Array(count * NUM_FEATURES);
    for (const { start, end } of chunks(count, CHUNK)) {
      const part = await this.#classifier.classify(
        images.subarray(start * NUM_PIXELS, end * NUM_PIXELS),
      );
      probabilities.set(part.probabilities, start * NUM_CLASSES);
      features.set(part.features, start * NUM_FEATURES);
      yield told(end);
    }
    return { probabilities, features };
  }
}

/**
 * Groups of `count` images, or one of all of them; always the same ones, and none in two groups. Drawn
 * at random: every n-th would be all of one kind where a file takes turns, as MNIST's seems to do with
 * its two groups of writers.
 *
 * @returns `[count, 784]` each
 */
export function floorDraws({ images, count: total }: LabelledImages, count: number): Uint8Array[] {
  const size = Math.min(count, total);
  const numDraws = Math.min(MOST_DRAWS, Math.ceil(ENOUGH_IMAGES / size), Math.floor(total / size));
  const order = randomPermutation({ seed: 0, stream: "shuffle", index: 0 }, total);
  return Array.from({ length: numDraws }, (_, draw) =>
    pickImages(images, order.subarray(draw * size, (draw + 1) * size)),
  );
}
