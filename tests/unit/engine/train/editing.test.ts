import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  IMAGE_SIZE,
  NUM_PIXELS,
  type RunConfig,
} from "../../../../src/engine/config/hyperparameters.ts";
import {
  FLIPS,
  type FlipId,
  flipPlaces,
  flippedPixels,
} from "../../../../src/engine/diffusion/editing/flips.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import type { ObjectiveId } from "../../../../src/engine/diffusion/objectives.ts";
import { type SamplerId, samplersOf } from "../../../../src/engine/diffusion/samplers.ts";
import { createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { byName } from "../../../../src/engine/nn/parameters.ts";
import { splitParameters } from "../../../../src/engine/ops/parameterVector.ts";
import {
  DigitSampler,
  type SampleFrame,
  type SamplingOptions,
} from "../../../../src/engine/train/digitSampler.ts";
import { twoReadingsModel } from "../../../../src/engine/train/editing.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { chunkCondition } from "../../../../src/engine/train/guidedModel.ts";
import { normalImages } from "../../../../src/engine/train/images.ts";
import {
  type FillingStart,
  maskError,
  type SampleStart,
  timestepsFrom,
} from "../../../../src/engine/train/sampleStart.ts";
import { noiseImages, smallConfig } from "./smallRun.ts";

const COUNT = 3;

function denoiserWith(changes: Partial<RunConfig> = {}): Denoiser {
  return denoiserOf({ ...smallConfig(), ...changes }, null);
}

let withClasses: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  withClasses = denoiserWith({ classes: 10 });
});

async function framesOf(changes: Partial<SamplingOptions>): Promise<SampleFrame[]> {
  const sampler = new DigitSampler({
    denoiser: withClasses,
    count: COUNT,
    sampler: { kind: "ddim", timesteps: 4, spacing: "even" },
    seed: 0,
    chunkSize: COUNT,
    start: { from: "noise" },
    ...changes,
  });
  const all: SampleFrame[] = [];
  while (!sampler.isDone) all.push(await sampler.nextFrame());
  sampler.dispose();
  return all;
}

const last = (frames: readonly SampleFrame[]) => frames.at(-1)?.pixels ?? new Uint8Array();
const imageOf = (pixels: Uint8Array, i: number) =>
  pixels.slice(i * NUM_PIXELS, (i + 1) * NUM_PIXELS);

const SOURCES = noiseImages(COUNT).images;
const IMAGES = toModelRange(SOURCES);
const HALF = new Uint8Array(NUM_PIXELS).fill(1, 0, NUM_PIXELS / 2);

function filling(changes: Partial<FillingStart> = {}): FillingStart {
  return { from: "filling", images: IMAGES, mask: HALF, resamplings: 1, jump: 1, ...changes };
}

describe("filling in", () => {
  const all = (["v", "flow"] as ObjectiveId[]).flatMap((objective) =>
    (Object.keys(samplersOf(objective)) as SamplerId[])
      // It takes all T steps.
      .filter((kind) => kind !== "ancestral")
      .map((kind) => [kind, objective] as const),
  );

  it.each(all)(
    "by %s leaves what is known as it is, where the network predicts %s",
    async (kind, objective) => {
      const denoiser = denoiserWith({ objective });
      const numTensors = tf.memory().numTensors;
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ minLength: NUM_PIXELS, maxLength: NUM_PIXELS, max: 1 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
          async (mask, resamplings, jump) => {
            fc.pre(maskError(mask) === null);
            const start = filling({ mask, resamplings, jump });
            const pixels = last(
              await framesOf({ denoiser, start, sampler: { kind, timesteps: 4 } }),
            );
            const isKept = pixels.every(
              (gray, i) => mask[i % NUM_PIXELS] !== 1 || gray === SOURCES[i],
            );
            expect(isKept).toBe(true);
            expect(pixels).not.toEqual(SOURCES);
          },
        ),
        { numRuns: 4 },
      );
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );

  it.each(all)(
    "by %s gives an image the same digit whatever others are drawn with it, where the network predicts %s",
    async (kind, objective) => {
      const denoiser = denoiserWith({ objective });
      const sampler = { kind, timesteps: 4, stepSize: 0.3 };
      const start = filling({ resamplings: 2 });
      const together = last(await framesOf({ denoiser, start, sampler }));
      expect(last(await framesOf({ denoiser, start, sampler, chunkSize: 1 }))).toEqual(together);
    },
  );

  it("walks parts of the way again, as often and as far back as asked", () => {
    const levels = createSchedule({ ...smallConfig(), timesteps: 100 });
    const timesOf = (changes: Partial<FillingStart>) =>
      timestepsFrom(filling(changes), { kind: "ddim", timesteps: 4, spacing: "even" }, levels);
    expect(timesOf({})).toEqual([99, 74, 49, 24, -1]);
    expect(timesOf({ resamplings: 2 })).toEqual([99, 74, 99, 74, 49, 74, 49, 24, 49, 24, -1]);
    expect(timesOf({ resamplings: 2, jump: 2 })).toEqual([99, 74, 49, 24, 74, 49, 24, -1]);
    expect(timesOf({ resamplings: 3, jump: 3 })).toEqual([
      99, 74, 49, 24, 99, 74, 49, 24, 99, 74, 49, 24, -1,
    ]);
    // A jump that does not fit is none.
    expect(timesOf({ resamplings: 3, jump: 4 })).toEqual([99, 74, 49, 24, -1]);
  });

  it("refuses a mask of everything or of nothing", async () => {
    for (const [gray, words] of [
      [1, "nothing to fill in"],
      [0, "Nothing of the image would remain"],
    ] as const) {
      const mask = new Uint8Array(NUM_PIXELS).fill(gray);
      await expect(framesOf({ start: filling({ mask }) })).rejects.toThrow(words);
    }
  });
});

describe("images that are inverted", () => {
  const start: SampleStart = {
    from: "inversion",
    images: IMAGES,
    labels: [3, null, 8],
    t: 70,
  };
  const numTimesteps = smallConfig().timesteps;

  it("go up to the noise level and down again", async () => {
    const times = timestepsFrom(
      start,
      { kind: "ddim", timesteps: 4, spacing: "even" },
      withClasses.schedule,
    );
    expect(Math.max(...times)).toBe(70);
    expect(times).toEqual(times.toReversed());
    const frames = await framesOf({ start, condition: { labels: [3, null, 8], guidance: 1 } });
    expect(frames).toHaveLength(times.length);
    expect(frames[0]?.pixels).toEqual(SOURCES);
  });

  it("come back the nearer to what they were the more steps they take", async () => {
    const condition = { labels: [3, null, 8], guidance: 1 };
    const errors = await Promise.all(
      [10, numTimesteps].map(async (timesteps) => {
        const sampler = { kind: "ddim", timesteps, spacing: "even" } as const;
        const pixels = last(await framesOf({ start, condition, sampler }));
        return pixels.reduce((sum, gray, i) => sum + Math.abs(gray - (SOURCES[i] as number)), 0);
      }),
    );
    expect(errors[1]).toBeLessThan((errors[0] as number) / 2);
  });

  it("change once another label is asked for", async () => {
    const same = last(await framesOf({ start, condition: { labels: [3, null, 8], guidance: 1 } }));
    const other = last(await framesOf({ start, condition: { labels: [8, null, 8], guidance: 1 } }));
    expect(imageOf(other, 0)).not.toEqual(imageOf(same, 0));
    expect(imageOf(other, 2)).toEqual(imageOf(same, 2));
  });

  it("lie along the arc between two", async () => {
    const labels = [3, 8];
    const numTensors = tf.memory().numTensors;
    const ends = [IMAGES.slice(0, NUM_PIXELS), IMAGES.slice(NUM_PIXELS, 2 * NUM_PIXELS)];
    const arc = {
      ...start,
      images: Float32Array.from(ends.flatMap((image) => [...image])),
      labels,
    };
    const frames = await framesOf({ start: { ...arc, isArc: true }, count: 5, chunkSize: 2 });
    expect(tf.memory().numTensors).toBe(numTensors);
    const top = (frames.length - 1) / 2;
    const both = await framesOf({ start: arc, count: 2 });
    const [first, second] = [0, 1].map((i) => imageOf(both[top]?.pixels ?? SOURCES, i));
    expect(imageOf(frames[top]?.pixels ?? SOURCES, 0)).toEqual(first);
    expect(imageOf(frames[top]?.pixels ?? SOURCES, 4)).toEqual(second);
    expect(imageOf(frames[top]?.pixels ?? SOURCES, 2)).not.toEqual(first);
    await expect(framesOf({ start: { ...arc, isArc: true }, count: 1 })).rejects.toThrow(
      "at least 2 digits",
    );
  });
});

describe("a second reading", () => {
  const flips = Object.keys(FLIPS) as FlipId[];

  it.each(flips)("moves pixels there and back, %s", (flip) => {
    const { there, back } = flipPlaces(flip, IMAGE_SIZE);
    expect([...there].map((place) => back[place])).toEqual([...there.keys()]);
    expect(flippedPixels(SOURCES, flip, IMAGE_SIZE)).not.toEqual(SOURCES);
  });

  it.each(["turn", "leftRight", "upDown"] as const)(
    "makes of flipped noise the flipped digit, where the two labels change places, %s",
    (flip) => {
      const { network, values } = withClasses;
      tf.tidy(() => {
        const parameters = byName(network.parameters, splitParameters(network.parameters, values));
        const conditionOf = (label: number) =>
          chunkCondition({ labels: [label], guidance: 2 }, 10, { start: 0, end: 1 });
        const modelOf = (first: number, second: number) =>
          twoReadingsModel(network, parameters, {
            conditions: { asItIs: conditionOf(first), flipped: conditionOf(second) },
            flip,
          });
        const x = normalImages([{ seed: 0, stream: "sampling", index: 0 }]);
        const { there } = flipPlaces(flip, IMAGE_SIZE);
        const flipped = (of: tf.Tensor4D) => {
          const pixels = of.dataSync();
          return tf.tensor4d(
            Float32Array.from(there, (place) => pixels[place] as number),
            of.shape,
          );
        };
        const t = Int32Array.of(40);
        const [there6, there9] = [
          modelOf(6, 9)(x, t, null),
          flipped(modelOf(9, 6)(flipped(x), t, null)),
        ];
        expect(tf.max(tf.abs(tf.sub(there6, there9))).dataSync()[0]).toBeLessThan(1e-5);
        const other = modelOf(6, 3)(x, t, null);
        expect(tf.max(tf.abs(tf.sub(there6, other))).dataSync()[0]).toBeGreaterThan(1e-3);
      });
    },
  );

  it("is drawn with classes and without, and leaves no tensors", async () => {
    const numTensors = tf.memory().numTensors;
    const labels = [6, 6, 6];
    const start = { from: "readings", flip: "turn", labels: [9, 9, 9] } as const;
    const condition = { labels, guidance: 2 };
    const anagrams = last(await framesOf({ start, condition }));
    expect(anagrams).not.toEqual(last(await framesOf({ condition })));
    expect(last(await framesOf({ start, condition, chunkSize: 1 }))).toEqual(anagrams);
    expect(tf.memory().numTensors).toBe(numTensors);
    const plain = denoiserWith();
    const symmetric = last(await framesOf({ denoiser: plain, start, count: 1 }));
    expect(symmetric).toHaveLength(NUM_PIXELS);
  });
});
