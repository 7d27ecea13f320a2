import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { chunks } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { byName } from "../nn/parameters.ts";
import { splitParameters } from "../ops/parameterVector.ts";
import { imageTensor } from "../train/images.ts";
import { createClassifierNetwork, NUM_FEATURES } from "./classifierNetwork.ts";

/** Most memory that a forward pass may take. */
const BUDGET_BYTES = 64e6;
/** Measured at the peak of a forward pass, which keeps the outputs of all layers until its end. */
const BYTES_PER_IMAGE = 234e3;
const CHUNK_SIZE = Math.floor(BUDGET_BYTES / BYTES_PER_IMAGE);

export interface Classification {
  /** `[N, numClasses]`; each row sums to 1. */
  probabilities: Float32Array;
  /** The penultimate features, `[N, NUM_FEATURES]`. */
  features: Float32Array;
}

export type Classifier = ReturnType<typeof createClassifier>;

/** What a classifier is made of, as `decodeClassifier` gives it. */
export interface ClassifierValues {
  /** All parameters, `[P]`. */
  values: Float32Array;
  /** How many classes it tells apart. */
  numClasses: number;
}

export function createClassifier({ values, numClasses }: ClassifierValues) {
  const network = createClassifierNetwork(numClasses);
  const parts = tf.tidy(() => splitParameters(network.parameters, tf.tensor1d(values)));
  const parameters = byName(network.parameters, parts);
  return {
    numClasses,
    /** @param pixels 0 black to 255 white, `[N, 784]` */
    async classify(pixels: Uint8Array): Promise<Classification> {
      const totalImages = pixels.length / NUM_PIXELS;
      const probabilities = new Float32Array(totalImages * numClasses);
      const features = new Float32Array(totalImages * NUM_FEATURES);
      for (const { start, end } of chunks(totalImages, CHUNK_SIZE)) {
        const outputs = tf.tidy(() => {
          const images = toModelRange(pixels.subarray(start * NUM_PIXELS, end * NUM_PIXELS));
          const { features, logits } = network.forward(parameters, imageTensor(images));
          return { features, probabilities: tf.softmax(logits) };
        });
        try {
          const [ofClasses, ofFeatures] = await Promise.all([
            outputs.probabilities.data<"float32">(),
            outputs.features.data<"float32">(),
          ]);
          probabilities.set(ofClasses, start * numClasses);
          features.set(ofFeatures, start * NUM_FEATURES);
        } finally {
          tf.dispose(outputs);
        }
      }
      return { probabilities, features };
    },
    dispose() {
      tf.dispose(parts);
    },
  };
}
