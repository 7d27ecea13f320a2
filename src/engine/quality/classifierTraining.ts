import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import type { LabeledImages } from "../data/dataset.ts";
import { chunks, epochOrder } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { byName, initialValues } from "../nn/parameters.ts";
import { crossEntropy } from "../ops/crossEntropy.ts";
import { joinGradients, splitParameters } from "../ops/parameterVector.ts";
import { valueAndGradients } from "../ops/tape.ts";
import { type AdamWState, adamW } from "../optim/adamw.ts";
import { randomIntegers } from "../random.ts";
import { imageTensor } from "../train/images.ts";
import { type ClassifierNetwork, createClassifierNetwork } from "./classifierNetwork.ts";

export const BATCH_SIZE = 64;
/** The highest, after the warm-up. */
const LEARNING_RATE = 4e-3;
/** Share of the steps in which the learning rate rises. */
const WARMUP = 0.05;
/** Most pixels that an image is shifted by, vertically and horizontally, where nothing else is said. */
const MAX_SHIFT = 2;
const ADAMW = { beta1: 0.9, beta2: 0.99, adamEps: 1e-8, weightDecay: 0.02 };

export interface ClassifierStep {
  /** 1-based. */
  step: number;
  totalSteps: number;
  /** 1-based. */
  epoch: number;
  endsEpoch: boolean;
  /** Mean cross-entropy of the batch before the step, in nats. */
  loss: number;
  /** The parameters after the step, `[P]`; disposed by the next one. */
  values: tf.Tensor1D;
}

/**
 * Trains a classifier by AdamW on randomly shifted images, with a learning rate that rises linearly and
 * then falls along half a cosine to 0 (Loshchilov and Hutter 2017). The same seed gives the same weights
 * on the same backend. Ending the generator early frees what it holds.
 */
export async function* trainClassifier(options: {
  train: LabeledImages;
  /** The labels are below it. */
  numClasses: number;
  epochs: number;
  /** Ends before the last epoch where these are fewer steps. */
  maxSteps?: number;
  /** Most pixels that an image is shifted by; 2 when left out, 0 for none. */
  maxShift?: number;
  seed: number;
}): AsyncGenerator<ClassifierStep, void> {
  const { train, numClasses, epochs, seed } = options;
  const { maxSteps = Number.POSITIVE_INFINITY, maxShift = MAX_SHIFT } = options;
  const network = createClassifierNetwork(numClasses);
  const batches = chunks(train.count, BATCH_SIZE);
  const totalSteps = Math.min(epochs * batches.length, maxSteps);
  let values = tf.tensor1d(initialValues(network.parameters, seed));
  let state: AdamWState = { mean: tf.zerosLike(values), square: tf.zerosLike(values) };
  try {
    for (let epoch = 1, step = 1; epoch <= epochs; epoch++) {
      const order = epochOrder(seed, epoch - 1, train.count);
      for (const { start, end } of batches) {
        const indices = order.subarray(start, end);
        const batch = shiftedBatch(train, indices, { seed, step, maxShift });
        const made = tf.tidy(() => {
          const { lossSum, gradient } = classifierGradient(network, values, batch);
          const mean = tf.div<tf.Tensor1D>(gradient, indices.length);
          const learningRate = classifierRateAt(step, totalSteps);
          const inputs = { values, gradient: mean, state, step, learningRate, config: ADAMW };
          return { lossSum, ...adamW(inputs) };
        });
        tf.dispose({ values, state });
        ({ values, state } = made);
        const [lossSum] = await made.lossSum.data<"float32">();
        made.lossSum.dispose();
        const loss = (lossSum as number) / indices.length;
        yield { step, totalSteps, epoch, endsEpoch: end === train.count, loss, values };
        if (step === totalSteps) return;
        step++;
      }
    }
  } finally {
    tf.dispose({ values, state });
  }
}

/** Learning rate of a step (1-based). */
export function classifierRateAt(step: number, totalSteps: number): number {
  const warmupSteps = Math.max(1, Math.round(WARMUP * totalSteps));
  if (step <= warmupSteps) return LEARNING_RATE * (step / warmupSteps);
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return (LEARNING_RATE * (1 + Math.cos(Math.PI * progress))) / 2;
}

type LabeledBatch = Omit<LabeledImages, "count">;

/** A batch of randomly shifted training images, the same for the same seed and step. */
function shiftedBatch(
  { images, labels }: LabeledImages,
  indices: Uint32Array,
  { seed, step, maxShift }: { seed: number; step: number; maxShift: number },
): LabeledBatch {
  const key = { seed, stream: "shifts", index: step } as const;
  const steps = randomIntegers(key, 2 * indices.length, 2 * maxShift + 1);
  const shifts = steps.map((shift) => shift - maxShift);
  return {
    images: shiftedImages(images, indices, shifts),
    labels: Uint8Array.from(indices, (index) => labels[index] as number),
  };
}

/** The cross-entropy summed over a batch, and the gradient of that, `[P]`. The caller disposes both. */
export function classifierGradient(
  network: ClassifierNetwork,
  values: tf.Tensor1D,
  { images, labels }: LabeledBatch,
) {
  return tf.tidy(() => {
    const parts = splitParameters(network.parameters, values);
    const p = byName(network.parameters, parts);
    const x = imageTensor(toModelRange(images));
    const targets = oneHot(labels, network.numClasses);
    const loss = () => crossEntropy(network.forward(p, x).logits, targets);
    const { value, gradients } = valueAndGradients(loss, parts);
    return { lossSum: value, gradient: joinGradients(network.parameters, gradients) };
  });
}

/** Written out, since `tf.oneHot` returns integer bits as floats on WebAssembly. */
function oneHot(labels: Uint8Array, numClasses: number): tf.Tensor2D {
  const targets = new Float32Array(labels.length * numClasses);
  labels.forEach((label, i) => {
    targets[i * numClasses + label] = 1;
  });
  return tf.tensor2d(targets, [labels.length, numClasses]);
}

/**
 * Images picked by index, each shifted over a black background.
 *
 * @param images `[N, 28, 28]`
 * @param shifts for each image, pixels down and pixels to the right: `[2 * indices.length]`
 * @returns `[indices.length, 28, 28]`
 */
export function shiftedImages(
  images: Uint8Array,
  indices: ArrayLike<number>,
  shifts: Int32Array,
): Uint8Array {
  const moved = new Uint8Array(indices.length * NUM_PIXELS);
  for (let i = 0; i < indices.length; i++) {
    const [down, right] = [shifts[2 * i] as number, shifts[2 * i + 1] as number];
    const image = (indices[i] as number) * NUM_PIXELS;
    for (let row = Math.max(0, down); row < IMAGE_SIZE + Math.min(0, down); row++) {
      const from = image + (row - down) * IMAGE_SIZE;
      const first = Math.max(0, -right);
      const last = IMAGE_SIZE - Math.max(0, right);
      const to = i * NUM_PIXELS + row * IMAGE_SIZE + first + right;
      moved.set(images.subarray(from + first, from + last), to);
    }
  }
  return moved;
}
