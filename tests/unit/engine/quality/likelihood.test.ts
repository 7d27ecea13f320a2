import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import type { NeuralNetwork } from "../../../../src/engine/nn/network.ts";
import { measureLikelihood } from "../../../../src/engine/quality/likelihood.ts";
import { boundTerm, priorTerm } from "../../../../src/engine/quality/variationalBound.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { noiseImages, smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const MEASURED = { seed: 5, count: 40, chunkSize: 16 };

/** The same image again and again. */
const { images: image } = noiseImages(1);
const x0 = toModelRange(image);
const repeated: LabeledImages = {
  images: Uint8Array.from({ length: 40 * 784 }, (_, i) => image[i % 784] as number),
  labels: new Uint8Array(40),
  count: 40,
};

/** A network of which `forward` takes the place. */
function stub(forward: NeuralNetwork["forward"], changes: Partial<RunConfig> = {}): Denoiser {
  const denoiser = denoiserOf(smallConfig({ objective: "x0", timesteps: 1000, ...changes }), null);
  return { ...denoiser, network: { ...denoiser.network, forward } };
}

async function measured(denoiser: Denoiser, images = repeated, options = MEASURED) {
  const work = measureLikelihood({ denoiser, images, ...options });
  const fractions: number[] = [];
  for (;;) {
    const { done, value } = await work.next();
    if (done) {
      denoiser.values.dispose();
      if (!value) throw new Error("It has none.");
      return { ...value, fractions };
    }
    expect(value.doing).toBe("predicting");
    fractions.push(value.fraction);
  }
}

/** The share of the image that the network of `blurred` predicts at t. */
const shareAt = (t: number) => 1 - (t + 1) / 1010;

/** Predicts the less of the image the more noise there is, whatever it is given. */
const blurred: NeuralNetwork["forward"] = (_, { timesteps }) =>
  tf.mul(
    tf.tensor4d(x0, [1, 28, 28, 1]),
    tf.tensor4d(Array.from(timesteps, shareAt), [timesteps.length, 1, 1, 1]),
  );

describe("the likelihood of images", () => {
  it("is the gray levels of t = 0 and the prior where the network predicts the image itself", async () => {
    const denoiser = stub((_, { timesteps }) =>
      tf.tile(tf.tensor4d(x0, [1, 28, 28, 1]), [timesteps.length, 1, 1, 1]),
    );
    const { schedule } = denoiser;
    const { bits, prior, standardError, terms } = await measured(denoiser);
    const first = boundTerm(schedule, 0, { x0, predicted: x0 });
    expect(first).toBeGreaterThan(0);
    expect(terms.map((term) => term.bits)).toEqual([
      expect.closeTo(first, 12),
      ...new Array(terms.length - 1).fill(0),
    ]);
    expect(prior).toBeCloseTo(priorTerm(schedule, x0), 12);
    expect(bits).toBeCloseTo(first + prior, 12);
    expect(standardError).toBeCloseTo(0, 12);
  });

  it.each(["sigmoid", "linear", "cosine"] as const)(
    "is the sum over all timesteps of the schedule %s, of which it asks for twenty at most",
    async (betaSchedule) => {
      const denoiser = stub(blurred, { betaSchedule });
      const exact = Array.from({ length: 1000 }, (_, t) =>
        boundTerm(denoiser.schedule, t, { x0, predicted: x0.map((value) => value * shareAt(t)) }),
      );
      const { bits, standardError, prior, terms } = await measured(denoiser);
      const sum = exact.reduce((all, term) => all + term, prior);
      // What is left to chance, since all images are one, is the choice of the timesteps.
      expect(standardError).toBeGreaterThan(0);
      expect(standardError).toBeLessThan(0.01 * sum);
      expect(Math.abs(bits - sum)).toBeLessThan(3 * standardError);
      expect(terms.reduce((all, term) => all + term.bits, prior)).toBeCloseTo(bits, 9);

      expect(terms.length).toBeLessThanOrEqual(20);
      expect(terms.slice(0, 2)).toMatchObject([
        { from: 0, to: 0, bits: expect.closeTo(exact[0] as number, 4) },
        { from: 1, to: 1, bits: expect.closeTo(exact[1] as number, 4) },
      ]);
      expect(terms.at(-1)?.to).toBe(999);
      for (const [k, { from, to, bits }] of terms.entries()) {
        expect(from).toBe(k === 0 ? 0 : (terms[k - 1]?.to ?? Number.NaN) + 1);
        const ofStratum = exact.slice(from, to + 1).reduce((all, term) => all + term, 0);
        expect(Math.abs(bits / ofStratum - 1)).toBeLessThan(0.3);
      }
    },
  );

  it("has the standard error of the images' mean", async () => {
    // All that differs at t = 0 are the images: white ones, which are predicted, and black ones, which are not.
    const images = {
      images: Uint8Array.from({ length: 4 * 784 }, (_, i) => (i < 2 * 784 ? 255 : 0)),
      labels: new Uint8Array(4),
      count: 4,
    };
    const denoiser = stub((_, { timesteps }) => tf.ones([timesteps.length, 28, 28, 1]), {
      timesteps: 10,
    });
    const { schedule } = denoiser;
    const predicted = new Float32Array(784).fill(1);
    const { bits, standardError } = await measured(denoiser, images, { ...MEASURED, count: 4 });
    const totalOf = (level: number) => {
      const x0 = new Float32Array(784).fill(level);
      return Array.from({ length: 10 }, (_, t) => boundTerm(schedule, t, { x0, predicted })).reduce(
        (sum, term) => sum + term,
        priorTerm(schedule, x0),
      );
    };
    const [white, black] = [totalOf(1), totalOf(-1)];
    expect(bits / ((white + black) / 2)).toBeCloseTo(1, 1);
    // Of two and two, the deviation is the half distance times the root of 4 / 3.
    const expected = (black - white) / 2 / Math.sqrt(3);
    expect(standardError / expected).toBeCloseTo(1, 1);
  });

  it("is asked with the labels of a network with classes, and with none that it does not know", async () => {
    const told: number[] = [];
    const forward: NeuralNetwork["forward"] = (_, { x, labels }) => {
      told.push(...Array.from(tf.argMax(labels as tf.Tensor2D, 1).dataSync()));
      return x;
    };
    const images = { ...repeated, labels: new Uint8Array(40).fill(3) };
    await measured(stub(forward, { classes: 10 }), images);
    expect(new Set(told)).toEqual(new Set([3]));
    told.length = 0;
    await measured(stub(forward, { classes: 2 }), images);
    expect(new Set(told)).toEqual(new Set([2]));
  });

  it("depends on the seed alone, not on the size of a pass, and tells how far it is", async () => {
    const images = noiseImages(5);
    const denoiser = () => denoiserOf(smallConfig(), null);
    const [one, other, another] = [
      await measured(denoiser(), images, { seed: 1, count: 4, chunkSize: 4 }),
      await measured(denoiser(), images, { seed: 1, count: 4, chunkSize: 3 }),
      await measured(denoiser(), images, { seed: 2, count: 9, chunkSize: 3 }),
    ];
    expect(other.bits).toBeCloseTo(one.bits, 3);
    expect(another.bits).not.toBeCloseTo(one.bits, 3);
    expect([one.count, another.count]).toEqual([4, 5]);
    expect(one.fractions).toEqual(one.fractions.toSorted((a, b) => a - b));
    expect(one.fractions.at(-1)).toBe(1);
    expect(one.fractions).toHaveLength(one.terms.length);
  });

  it("frees all that it took, also when it ends early", async () => {
    const images = noiseImages(3);
    const denoiser = denoiserOf(smallConfig(), null);
    const { numTensors } = tf.memory();
    const work = measureLikelihood({ denoiser, images, seed: 0, count: 3, chunkSize: 2 });
    await work.next();
    await work.return(undefined as never);
    expect(tf.memory().numTensors).toBe(numTensors);
    await measured(denoiser, images, { seed: 0, count: 3, chunkSize: 2 });
    expect(tf.memory().numTensors).toBe(numTensors - 1);
  });

  it("is none of a network that predicts the flow", async () => {
    const denoiser = stub((_, { x }) => x, { objective: "flow" });
    const work = measureLikelihood({ denoiser, images: repeated, ...MEASURED });
    expect(await work.next()).toEqual({ done: true, value: null });
  });
});
