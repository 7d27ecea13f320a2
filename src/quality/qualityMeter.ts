import { chunks } from "../data/batches.ts";
import type { Dataset, LabelledImages } from "../data/dataset.ts";
import { IMAGE_BYTES } from "../data/idx.ts";
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

/** The training images whose Fréchet distances stand beside the samples': one draw of few is chance. */
const FLOOR_IMAGES = 4000;
const MOST_FLOOR_DRAWS = 16;

/** What was found out about samples. */
export interface Measurement {
  figures: QualityFigures;
  /** The same of the real test images, for scale. */
  real: ClassFigures;
  frechetFloor: FrechetFloor;
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
  /** Of the latest number of samples, which the next ones have as a rule. */
  #floor: FrechetFloor | null = null;

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
    const { train, validation } = this.#dataset;
    const numSamples = samples.length / IMAGE_BYTES;
    const floorCount = Math.min(numSamples, train.count);
    const numDraws = floorDraws(floorCount, train.count);
    const numReference = this.#reference ? 0 : validation.count;
    const knownFloor = this.#floor?.count === floorCount ? this.#floor : null;
    const numFloor = knownFloor ? 0 : numDraws * floorCount;
    const total = numReference + numFloor + numSamples;
    const toldAfter = (numBefore: number) => (numDone: number) => ({
      doing: "classifying" as const,
      fraction: (numBefore + numDone) / total,
    });
    this.#reference ??= yield* this.#measureReference(toldAfter(0));
    const reference = this.#reference;
    const frechetFloor =
      knownFloor ??
      (yield* this.#measureFloor(
        { count: floorCount, numDraws },
        reference,
        toldAfter(numReference),
      ));
    this.#floor = frechetFloor;
    const { probabilities, features } = yield* this.#classify(
      samples,
      toldAfter(numReference + numFloor),
    );
    const distance = frechetDistance(gaussianOf(features, NUM_FEATURES), reference.features);
    const nearest = yield* nearestImages({ samples, among: train.images });
    return {
      figures: {
        ...classFigures(probabilities),
        frechetDistance: distance,
        nearest: nearestFigures(nearest.distances),
      },
      real: reference.figures,
      ...{ frechetFloor, probabilities, nearest },
    };
  }

  async *#measureReference(
    told: (numDone: number) => MeasureProgress,
  ): AsyncGenerator<MeasureProgress, Reference> {
    const { images } = this.#dataset.validation;
    const { probabilities, features } = yield* this.#classify(images, told);
    return { figures: classFigures(probabilities), features: gaussianOf(features, NUM_FEATURES) };
  }

  /** The mean over draws without common images. */
  async *#measureFloor(
    { count, numDraws }: { count: number; numDraws: number },
    reference: Reference,
    told: (numDone: number) => MeasureProgress,
  ): AsyncGenerator<MeasureProgress, FrechetFloor> {
    const images = someOf(this.#dataset.train, numDraws * count);
    const { features } = yield* this.#classify(images, told);
    const size = count * NUM_FEATURES;
    let sum = 0;
    for (let start = 0; start < features.length; start += size) {
      const drawn = gaussianOf(features.subarray(start, start + size), NUM_FEATURES);
      sum += frechetDistance(drawn, reference.features);
    }
    return { count, distance: sum / numDraws };
  }

  async *#classify(
    images: Uint8Array,
    told: (numDone: number) => MeasureProgress,
  ): AsyncGenerator<MeasureProgress, Classification> {
    const count = images.length / IMAGE_BYTES;
    const probabilities = new Float32Array(count * NUM_CLASSES);
    const features = new Float32Array(count * NUM_FEATURES);
    for (const { start, end } of chunks(count, CHUNK)) {
      const part = await this.#classifier.classify(
        images.subarray(start * IMAGE_BYTES, end * IMAGE_BYTES),
      );
      probabilities.set(part.probabilities, start * NUM_CLASSES);
      features.set(part.features, start * NUM_FEATURES);
      yield told(end);
    }
    return { probabilities, features };
  }
}

/** How often `count` of `total` images are drawn. */
function floorDraws(count: number, total: number): number {
  return Math.min(MOST_FLOOR_DRAWS, Math.ceil(FLOOR_IMAGES / count), Math.floor(total / count));
}

/**
 * `count` of the images, always the same ones, `[count, 784]`. Drawn at random: every n-th would be all
 * of one kind where a file takes turns, as MNIST's seems to do with its two groups of writers.
 */
function someOf({ images, count: total }: LabelledImages, count: number): Uint8Array {
  const order = randomPermutation({ seed: 0, stream: "shuffle", index: 0 }, total);
  const taken = new Uint8Array(count * IMAGE_BYTES);
  order.subarray(0, count).forEach((place, i) => {
    const start = place * IMAGE_BYTES;
    taken.set(images.subarray(start, start + IMAGE_BYTES), i * IMAGE_BYTES);
  });
  return taken;
}
