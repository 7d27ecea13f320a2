/**
 * The table of what can be done with images that are there, or with two readings of one: what each changes about sampling,
 * for the images of one pass. `DigitSampler` does all else; the embedded module, which draws from noise alone, leaves the
 * entries out.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Condition } from "../config/condition.ts";
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import { pairShares } from "../config/sampling.ts";
import { noisedBack, withKnown } from "../diffusion/editing/filling.ts";
import { type FlipId, flipPlaces } from "../diffusion/editing/flips.ts";
import { arcBetween, invertStep } from "../diffusion/editing/inversion.ts";
import type { Model, SamplerStep } from "../diffusion/model.ts";
import type { Schedule } from "../diffusion/schedule.ts";
import type { NeuralNetwork } from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";
import { type ChunkCondition, chunkCondition, guidedModel } from "./guidedModel.ts";
import { imageTensor } from "./images.ts";
import type { FillingStart, InversionStart, ReadingsStart } from "./sampleStart.ts";

/** The images of one pass, `start` to `end` of `count`, and the network that is asked. */
export interface EditedChunk {
  start: number;
  end: number;
  count: number;
  network: NeuralNetwork;
  parameters: Parameters;
  schedule: Schedule;
  /** What all images are asked for; null for a network without classes. */
  condition: Condition | null;
}

/** Images at a timestep, and the next that is visited. */
interface EditStep {
  x: tf.Tensor4D;
  /** As predicted in the step before; null before the first. */
  x0: tf.Tensor4D | null;
  t: number;
  tNext: number;
  /** Fresh noise, standard normal, as many images. */
  noise: () => tf.Tensor4D;
}

/** What is done to the images of one pass. */
export interface Editing {
  /** `[B, 28, 28, 1]`; null begins with noise. */
  firstImages: tf.Tensor4D | null;
  /** In place of the sampler's step, where the next timestep is higher. */
  rise?(step: EditStep): SamplerStep;
  /** What is shown and goes on, after a step of the sampler. */
  afterStep?(after: SamplerStep, step: EditStep): SamplerStep;
  /** In place of the network, as the sampler asks it. */
  model?: Model;
  /** What it holds until the end. */
  tensors: readonly tf.Tensor[];
}

interface Entry<Start> {
  begin(start: Start, chunk: EditedChunk): Editing;
  /** The images of all passes at their highest timestep, in place of those they rose to, which the caller disposes. */
  turn?(start: Start, images: readonly tf.Tensor4D[]): tf.Tensor4D[];
}

export const EDITINGS = {
  filling: {
    begin({ images, mask }, { start, end, schedule }) {
      const x0 = imageTensor(images.slice(start * NUM_PIXELS, end * NUM_PIXELS));
      const masks = tf.tidy(() => {
        const one = imageTensor(Float32Array.from(mask));
        return tf.tile(one, [end - start, 1, 1, 1]);
      });
      const known = { x0, mask: masks };
      return {
        firstImages: null,
        rise({ x, x0: before, t, tNext, noise }) {
          const again = noisedBack(schedule, { x, t, tBefore: tNext, noise: noise() });
          return { x: again, x0: tf.clone(before ?? x) };
        },
        afterStep({ x, x0: predicted }, { tNext: t, noise }) {
          const put = { x, t, noise: t < 0 ? null : noise() };
          return { x: withKnown(schedule, known, put), x0: predicted };
        },
        tensors: [x0, masks],
      };
    },
  },
  inversion: {
    begin(inversion, { start, end, count, network, parameters, schedule }) {
      const { images, labels } = inversion;
      const sources = Array.from({ length: end - start }, (_, i) =>
        sourceOf(inversion, start + i, count),
      );
      const pixels = sources.flatMap((source) => [
        ...images.subarray(source * NUM_PIXELS, (source + 1) * NUM_PIXELS),
      ]);
      const told = sources.map((source) => labels[source] ?? null);
      const all = { start: 0, end: told.length };
      // Guidance is what the way back cannot undo.
      const condition =
        network.classes > 0
          ? chunkCondition({ labels: told, guidance: 1 }, network.classes, all)
          : null;
      const model = guidedModel(network, parameters, condition);
      return {
        firstImages: imageTensor(Float32Array.from(pixels)),
        rise: ({ x, t, tNext }) => invertStep({ model, schedule, x, t, tNext }),
        tensors: condition ? [condition.rows] : [],
      };
    },
    turn({ isArc }, images) {
      const numImages = images.reduce((sum, { shape }) => sum + shape[0], 0);
      if (!isArc) return images.map((x) => tf.clone(x));
      return tf.tidy(() => {
        const [first, last] = [images[0], images.at(-1)] as [tf.Tensor4D, tf.Tensor4D];
        const size = [1, IMAGE_SIZE, IMAGE_SIZE, 1] as const;
        const ends = [
          tf.slice4d(first, [0, 0, 0, 0], [...size]),
          tf.slice4d(last, [last.shape[0] - 1, 0, 0, 0], [...size]),
        ] as const;
        const shares = pairShares(numImages);
        let start = 0;
        return images.map(({ shape }) => {
          const along = arcBetween(ends, shares.slice(start, start + shape[0]));
          start += shape[0];
          return along;
        });
      });
    },
  },
  readings: {
    begin({ flip, labels }, { start, end, network, parameters, condition }) {
      const part = { start, end };
      const conditions = condition && {
        asItIs: chunkCondition(condition, network.classes, part),
        flipped: chunkCondition({ ...condition, labels }, network.classes, part),
      };
      return {
        firstImages: null,
        model: twoReadingsModel(network, parameters, { conditions, flip }),
        tensors: conditions ? [conditions.asItIs.rows, conditions.flipped.rows] : [],
      };
    },
  },
} as const satisfies {
  filling: Entry<FillingStart>;
  inversion: Entry<InversionStart>;
  readings: Entry<ReadingsStart>;
};

/** Which of the images that are inverted a digit begins with: its own, or the nearer one of two to go between. */
function sourceOf({ isArc }: InversionStart, digit: number, count: number): number {
  return isArc ? Math.round(digit / (count - 1)) : digit;
}

/**
 * The network as a sampler calls it where an image is to read as something else once it is flipped: the mean of what it
 * predicts of the image and, flipped back, of the flipped image (Geng et al. 2024, section 3.2). A flip moves pixels, so that
 * flipped noise is noise, and the mean is a prediction of any objective. Both are one batch of twice the size.
 *
 * @param conditions of the images as they are and as they are flipped; null for a network without classes
 */
export function twoReadingsModel(
  network: NeuralNetwork,
  parameters: Parameters,
  {
    conditions,
    flip,
  }: { conditions: Record<"asItIs" | "flipped", ChunkCondition> | null; flip: FlipId },
): Model {
  const places = flipPlaces(flip, IMAGE_SIZE);
  const moved = (x: tf.Tensor4D, to: Int32Array) =>
    tf.reshape<tf.Rank.R4>(
      tf.gather(tf.reshape(x, [-1, NUM_PIXELS]), tf.tensor1d(to, "int32"), 1),
      x.shape,
    );
  return (x, timesteps, x0Before) =>
    tf.tidy(() => {
      const both = (of: tf.Tensor4D) => tf.concat([of, moved(of, places.there)]);
      const condition = conditions && {
        ...conditions.asItIs,
        rows: tf.concat([conditions.asItIs.rows, conditions.flipped.rows]),
      };
      const model = guidedModel(network, parameters, condition);
      const twice = Int32Array.from([...timesteps, ...timesteps]);
      const prediction = model(both(x), twice, x0Before && both(x0Before));
      const [asItIs, flipped] = tf.split(prediction, 2) as [tf.Tensor4D, tf.Tensor4D];
      return tf.div(tf.add(asItIs, moved(flipped, places.back)), 2);
    });
}
