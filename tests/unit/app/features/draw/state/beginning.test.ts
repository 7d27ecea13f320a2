import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Beginning,
  beginningPixels,
} from "../../../../../../src/app/features/draw/state/beginning.ts";
import { startNoise } from "../../../../../../src/app/shared/images/startNoise.ts";
import { DigitSampler } from "../../../../../../src/engine/train/digitSampler.ts";
import { type Denoiser, denoiserOf } from "../../../../../../src/engine/train/gradient.ts";
import { requestedStart } from "../../../../../../src/hosts/worker/requestedStart.ts";
import { noiseImages, smallConfig } from "../../../../engine/train/smallRun.ts";

const config = smallConfig({ interpolationNoise: 0.4 });
const { images } = noiseImages(2);
let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(config, null);
});

/** What the worker's generation begins with. */
async function firstFrame(request: Beginning["request"]): Promise<Uint8Array> {
  const { start } = requestedStart(request, { dataset: null, config });
  const sampler = new DigitSampler({
    denoiser,
    start,
    count: request.count,
    seed: request.seed,
    chunkSize: 2,
    sampler: { kind: "ddim", timesteps: 2, eta: 0 },
  });
  const { pixels } = await sampler.nextFrame();
  sampler.dispose();
  return pixels;
}

const STARTS: Beginning["request"]["start"][] = [
  { kind: "noise" },
  { kind: "noise", isShared: true },
  { kind: "noise", mixes: [[1], [0.6, 0.8], [0, 0, 0.8, 0.6]] },
  { kind: "pair", images: images.slice(0, 2 * 784) },
  { kind: "image", image: images.slice(0, 784), t: 3 },
];

describe("what a generation begins with", () => {
  it.each(STARTS)("is drawn as the worker draws it, from $kind", async (start) => {
    for (const [count, seed] of [
      [3, 0],
      [1, 77],
    ] as const) {
      const request = { count, seed, start };
      const ours = beginningPixels({ request, noising: config });
      const differences = (await firstFrame(request)).map((grey, i) =>
        Math.abs(grey - (ours?.[i] ?? Number.NaN)),
      );
      expect(ours).toHaveLength(count * 784);
      expect(Math.max(...differences)).toBe(0);
    }
  });

  it("follows from the seed", () => {
    expect(startNoise(1, 2)).not.toEqual(startNoise(0, 2));
    expect(startNoise(0, 3).slice(0, 2 * 784)).toEqual(startNoise(0, 2));
  });

  it("is not known while the worker has yet to choose the two to go between", () => {
    const request = { count: 1, seed: 0, start: { kind: "pair", images: null } } as const;
    expect(beginningPixels({ request, noising: config })).toBeNull();
  });
});
