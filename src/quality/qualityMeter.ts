import { chunks } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { IMAGE_BYTES } from "../data/idx.ts";
import type { Classification, Classifier } from "./classification.ts";
import { NUM_FEATURES } from "./classifier.ts";
import {
  type ClassFigures,
  classFigures,
  type MeasureProgress,
  NUM_CLASSES,
  nearestFigures,
  type QualityFigures,
} from "./figures.ts";
import { frechetDistance, type Gaussian, gaussianOf } from "./frechet.ts";
import { type NearestImages, nearestImages } from "./nearestImages.ts";

/** Images that are classified between two reports. */
const CHUNK = 250;

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
    const numReference = this.#reference ? 0 : validation.count;
    const total = numReference + samples.length / IMAGE_BYTES;
    const told = (numDone: number): MeasureProgress => ({
      doing: "classifying",
      fraction: numDone / total,
    });
    this.#reference ??= yield* this.#measureReference(told);
    const { probabilities, features } = yield* this.#classify(samples, (numDone) =>
      told(numReference + numDone),
    );
    const distance = frechetDistance(gaussianOf(features, NUM_FEATURES), this.#reference.features);
    const nearest = yield* nearestImages({ samples, among: train.images });
    return {
      figures: {
        ...classFigures(probabilities),
        frechetDistance: distance,
        nearest: nearestFigures(nearest.distances),
      },
      real: this.#reference.figures,
      ...{ probabilities, nearest },
    };
  }

  async *#measureReference(
    told: (numDone: number) => MeasureProgress,
  ): AsyncGenerator<MeasureProgress, Reference> {
    const { images } = this.#dataset.validation;
    const { probabilities, features } = yield* this.#classify(images, told);
    return { figures: classFigures(probabilities), features: gaussianOf(features, NUM_FEATURES) };
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
