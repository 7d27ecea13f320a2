import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type LevelsMeasured, measureLevels } from "../../../../src/engine/quality/noiseLevels.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { noiseImages, smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const config = smallConfig({ objective: "oneLevel", noiseSigma: 0.3 });
const train = noiseImages(3);
/** A white square of 12 by 12 pixels, over and over. */
const unseen = {
  images: Uint8Array.from({ length: 6 * 784 }, (_, i) => {
    const [row, column] = [Math.floor((i % 784) / 28), i % 28];
    return row >= 8 && row < 20 && column >= 8 && column < 20 ? 255 : 0;
  }),
  labels: new Uint8Array(6),
  count: 6,
};

async function measured(denoiser: Denoiser): Promise<LevelsMeasured> {
  const work = measureLevels({ denoiser, trainedSigma: 0.3, train, unseen, chunkSize: 4 });
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

/** A network that gives back what it is given. */
function unchanged(): Denoiser {
  const denoiser = denoiserOf(config, null);
  const network = {
    ...denoiser.network,
    forward: (_: unknown, { x }: { x: tf.Tensor4D }) => tf.clone(x),
  };
  return { ...denoiser, network };
}

describe("a network at several noise levels", () => {
  it("is measured at those of the courses and at its own, with the error that one sees", async () => {
    const { levels, numImages } = await measured(unchanged());
    expect(numImages).toBe(6);
    expect(levels.map(({ sigma }) => sigma)).toEqual([0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1]);
    expect(levels.filter(({ isTrained }) => isTrained).map(({ sigma }) => sigma)).toEqual([0.3]);
    for (const { sigma, noised, denoised, blurred } of levels) {
      expect(denoised.error).toBeCloseTo(noised.error, 6);
      // Half of the noise leads out of what can be seen; sigma is so small that the other half hardly does.
      if (sigma <= 0.3) expect(noised.error).toBeCloseTo(sigma ** 2 / 2, 2);
      if (sigma > 0) expect(blurred.error).toBeLessThan(noised.error);
      expect(blurred.pixels).toHaveLength(4 * 784);
    }
  });

  it("is compared with a blur that is the wider the more noise there is, and none without noise", async () => {
    const { levels } = await measured(unchanged());
    const widths = levels.map(({ blurred }) => blurred.width);
    expect(widths[0]).toBe(0);
    expect(levels[0]?.blurred.error).toBe(0);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(widths.at(-1)).toBeGreaterThan(widths[1] as number);
  });

  it("is given pure noise, and its answer compared with the mean of the training images", async () => {
    const { ofNoise, meanDigit } = await measured(unchanged());
    const mean = Array.from({ length: 784 }, (_, i) =>
      [0, 1, 2].reduce((sum, image) => sum + (train.images[784 * image + i] as number) / 3, 0),
    );
    for (const [i, gray] of meanDigit.pixels.entries()) {
      expect(Math.abs(gray - (mean[i] as number))).toBeLessThanOrEqual(1);
    }
    const errorOf = (gray: (i: number) => number) =>
      mean.reduce((sum, value, i) => sum + ((gray(i) - value) / 255) ** 2 / 784, 0);
    expect(meanDigit.error).toBeCloseTo(
      errorOf((i) => unseen.images[i] as number),
      4,
    );
    expect(ofNoise.map(({ around }) => around)).toEqual(["gray", "black"]);
    for (const { noise, denoised } of ofNoise) expect(denoised.pixels).toEqual(noise);
    // Around gray half of it is darker than that, over black half is black.
    const numBlack = ofNoise.map(({ noise }) => noise.filter((gray) => gray === 0).length / 3136);
    expect(numBlack[0]).toBeCloseTo(0.16, 1);
    expect(numBlack[1]).toBeCloseTo(0.5, 1);
  });
});
