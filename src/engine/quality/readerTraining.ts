/**
 * The training of a reader: the classifier of any labeled images, with which samples of them are measured as digits are with
 * the classifier that comes with the page. It is the same network, trained the same way, but for a minute or two.
 */
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { type Dataset, numClasses } from "../data/dataset.ts";
import { chunks } from "../data/imageOrder.ts";
import { fromFloat16, toFloat16 } from "../formats/safetensors/float16.ts";
import { createClassifier } from "./classifier.ts";
import type { ClassifierFacts, ClassifierFile } from "./classifierFile.ts";
import { BATCH_SIZE, trainClassifier } from "./classifierTraining.ts";
import { testFigures } from "./figures.ts";

/** Steps of a reader: 2 epochs of 60,000 images, more epochs of fewer images. */
const NUM_STEPS = 1800;
/** Few images are known by heart long before so many steps. */
const MAX_EPOCHS = 60;
/**
 * In fewer epochs no image is known by heart, and shifts only make it harder: of Fashion-MNIST's test images 1400 steps get
 * 87.5 % right without, 86.8 % with shifts of up to one pixel.
 */
const MIN_SHIFTED_EPOCHS = 6;
const SEED = 0;
/** Images that are read between two reports. */
const CHUNK = 250;
/** Share of the progress that training takes; the rest is the reading of the held-out images. */
const TRAINING_SHARE = 0.95;

/** The fewest classes that there is anything to read of. */
const MIN_CLASSES = 2;

/**
 * Trains a reader of a dataset's images and measures it on those held out, which decide nothing. Reports after every step;
 * ending the generator early frees what it holds.
 *
 * @param about what its file says besides
 * @yields how far it is, 0 to 1
 * @returns the reader as its file will have it, its weights rounded to float16
 * @throws Error where the labels tell no two classes apart
 */
export async function* trainReader(
  dataset: Dataset,
  about: Pick<ClassifierFacts, "dataset" | "command" | "checksum">,
): AsyncGenerator<number, ClassifierFile> {
  const { train, validation } = dataset;
  const classes = numClasses(dataset);
  if (classes < MIN_CLASSES) {
    throw new Error(
      "Expected images of two classes or more, got one: there is nothing to tell apart. Load images with labels.",
    );
  }
  const epochs = readerEpochs(train.count);
  const size = { numClasses: classes, epochs, maxSteps: NUM_STEPS, seed: SEED };
  const shifts = epochs < MIN_SHIFTED_EPOCHS ? { maxShift: 0 } : {};
  let steps = 0;
  let trained: Float32Array = new Float32Array();
  for await (const { step, totalSteps, values } of trainClassifier({ train, ...size, ...shifts })) {
    steps = step;
    if (step === totalSteps) trained = await values.data<"float32">();
    yield (TRAINING_SHARE * step) / totalSteps;
  }
  const values = fromFloat16(toFloat16(trained));
  const classifier = createClassifier({ values, numClasses: classes });
  try {
    const probabilities = new Float32Array(validation.count * classes);
    for (const { start, end } of chunks(validation.count, CHUNK)) {
      const images = validation.images.subarray(start * NUM_PIXELS, end * NUM_PIXELS);
      const part = await classifier.classify(images);
      probabilities.set(part.probabilities, start * classes);
      yield TRAINING_SHARE + ((1 - TRAINING_SHARE) * end) / validation.count;
    }
    const figures = testFigures(probabilities, classes, validation);
    const facts = {
      ...about,
      epochs,
      steps,
      seed: SEED,
      numTestImages: figures.count,
      testAccuracy: figures.accuracy,
      testConfidence: figures.meanConfidence,
      testShareConfident: figures.shareConfident,
    };
    return { values, numClasses: classes, facts };
  } finally {
    classifier.dispose();
  }
}

/** Passes over so many images, the last of which may end early. */
export function readerEpochs(numImages: number): number {
  return Math.min(MAX_EPOCHS, Math.ceil(NUM_STEPS / Math.ceil(numImages / BATCH_SIZE)));
}
