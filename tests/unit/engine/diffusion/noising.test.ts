import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { mixingAt, qSample } from "../../../../src/engine/diffusion/forward.ts";
import {
  noisedImage,
  noisedMidpoints,
  toModelRange,
  toPixels,
} from "../../../../src/engine/diffusion/noising.ts";
import { randomNormals } from "../../../../src/engine/random.ts";
import { relativeError } from "../../../relativeError.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const schedule = sigmoidSchedule(1000);
const greys = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
const x0 = toModelRange(greys);
const noiseOf = (index: number) => randomNormals({ seed: 5, stream: "sampling", index }, 784);

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("pixels and the range of the model", () => {
  it("are converted both ways, black as -1 and white as 1", () => {
    expect(toModelRange(Uint8Array.of(0, 51, 204, 255))).toEqual(Float32Array.of(-1, -0.6, 0.6, 1));
    expect(toPixels([-2, -1, -0.6, 0, 1, 2])).toEqual(Uint8Array.of(0, 0, 51, 128, 255, 255));
  });
});

describe("a noised image", () => {
  it.each([0, 1, 400, 999])("is that of the tensors at t = %d", async (t) => {
    const eps = noiseOf(3);
    const [image, noise] = [x0, eps].map((values) => tf.tensor4d(values, [1, 28, 28, 1])) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const xT = await qSample(image, noise, mixingAt(schedule, [t])).data();
    expect(relativeError(noisedImage(schedule, { x0, eps, t }), xT)).toBeLessThan(1e-6);
  });

  it("is the image itself where there is no noise", () => {
    expect(toPixels(noisedImage(schedule, { x0, eps: noiseOf(0), t: -1 }))).toEqual(greys);
  });
});

describe("images between two", () => {
  it("are the noised images themselves at either end, and their mean in the middle", () => {
    const [black, white] = [new Float32Array(784).fill(-1), new Float32Array(784).fill(1)];
    const [eps, t] = [Float32Array.of(...noiseOf(1), ...noiseOf(2)), 400];
    const between = noisedMidpoints(schedule, {
      x0: Float32Array.of(...black, ...white),
      eps,
      t,
      shares: [0, 0.5, 1],
    });
    const first = noisedImage(schedule, { x0: black, eps: noiseOf(1), t });
    const second = noisedImage(schedule, { x0: white, eps: noiseOf(2), t });
    const mean = first.map((value, i) => (value + (second[i] as number)) / 2);
    expect(relativeError(between, [...first, ...mean, ...second])).toBeLessThan(1e-6);
  });
});
