import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/config/presets.ts";
import { mixingAt, qSample } from "../../../../src/diffusion/forward.ts";
import { scheduleOf } from "../../../../src/train/gradient.ts";
import { normalImages } from "../../../../src/train/images.ts";
import { alphaBarsOf } from "../../../../src/ui/alphaBars.ts";
import { noisedImage, noisingLevels } from "../../../../src/ui/denoise/noisedImage.ts";
import { noiseOf } from "../../../../src/ui/startNoise.ts";

const config = presetConfig("quick");
const image = Uint8Array.from({ length: 784 }, (_, i) => i % 256);

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the noised image of the page", () => {
  it.each([0, 1, 400, 999])("is the worker's at t = %d, to a grey level", async (t) => {
    const x0 = tf.tensor4d(
      Array.from(image, (grey) => (grey / 255) * 2 - 1),
      [1, 28, 28, 1],
    );
    const eps = normalImages([{ seed: 5, stream: "sampling", index: 3 }]);
    const xT = await qSample(x0, eps, mixingAt(scheduleOf(config), [t])).data();
    const expected = Uint8ClampedArray.from(xT, (value) => ((value + 1) / 2) * 255);
    const alphaBar = alphaBarsOf(config)[t] as number;
    const ours = noisedImage(image, { alphaBar, eps: noiseOf(5, 3) });
    const differences = Array.from(ours, (value, i) => Math.abs(value - (expected[i] as number)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  it("is the image itself where there is no noise", () => {
    expect(noisedImage(image, { alphaBar: 1, eps: noiseOf(0, 0) })).toEqual(image);
  });
});

describe("the levels of the way into the noise", () => {
  it("go from the image to t, evenly", () => {
    expect(noisingLevels(99, 5)).toEqual([-1, 24, 49, 74, 99]);
  });

  it("are as many as there are", () => {
    expect(noisingLevels(1, 18)).toEqual([-1, 0, 1]);
  });
});
