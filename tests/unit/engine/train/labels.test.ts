import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type Condition, labelsOfText } from "../../../../src/engine/config/condition.ts";
import { checkLabels } from "../../../../src/engine/data/dataset.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import { labelRows } from "../../../../src/engine/nn/embedding.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { EpochReport } from "../../../../src/engine/train/reports.ts";
import type { SampleStart } from "../../../../src/engine/train/sampleStart.ts";
import { relativeError } from "../../../relativeError.ts";
import {
  noiseImages,
  samplerValues,
  smallConfig,
  smallDataset,
  smallSession,
  takeSteps,
} from "./smallRun.ts";

const CLASSES = { classes: 10 };
const config = smallConfig(CLASSES);
let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(config, null);
});

async function finished(condition: Condition | null, changes = {}) {
  const sampler = new DigitSampler({
    denoiser,
    count: 3,
    seed: 0,
    chunkSize: 3,
    start: { from: "noise", isShared: true },
    sampler: { kind: "ddim", timesteps: 3, eta: 0 },
    condition,
    ...changes,
  });
  let frame = await sampler.nextFrame();
  while (!sampler.isDone) frame = await sampler.nextFrame();
  sampler.dispose();
  return Array.from({ length: 3 }, (_, i) => frame.pixels.slice(i * 784, (i + 1) * 784));
}

describe("a network with classes", () => {
  it("has the other parameters, and their initial values, of one without", async () => {
    const own = await denoiser.values.data();
    const without = await denoiserOf(smallConfig(), null).values.data();
    expect(own.slice(0, without.length)).toEqual(without);
    const { name, shape } = createUnet(config).parameters.at(-1) ?? {};
    expect([name, shape]).toEqual(["label_emb.weight", [11, 16]]);
  });

  it("refuses labels that it has no row for", () => {
    expect(() => labelRows([3, 11], 10)).toThrow("Expected a label from 0 to 9, got 11.");
    const dataset = smallDataset({ numTrain: 8 });
    expect(() => checkLabels(dataset, { classes: 5 })).toThrow(
      /labels from 0 to 4.*Set Classes to 10/,
    );
    for (const classes of [0, 10, 12]) checkLabels(dataset, { classes });
    expect(() => smallSession({ classes: 5 }, { dataset })).toThrow("labels from 0 to 4");
  });

  it("hides as many labels in training as asked for, the same ones each time", () => {
    const labels = new Uint8Array(1000).fill(7);
    const seen = (step: number, start = 0) =>
      drawsOfStep(smallConfig({ ...CLASSES, labelDropout: 0.25 }), step, 1000).seenLabels(
        start,
        labels.subarray(start),
      );
    const numHidden = seen(3).filter((label) => label === 10).length;
    // Binomial, 4.5 standard deviations.
    expect(Math.abs(numHidden - 250)).toBeLessThan(62);
    expect(new Set(seen(3))).toEqual(new Set([7, 10]));
    expect(seen(3)).toEqual(seen(3));
    expect(seen(3, 400)).toEqual(seen(3).slice(400));
    expect(seen(4)).not.toEqual(seen(3));
  });

  it("learns from the labels", async () => {
    const trained = async (labels: (i: number) => number, labelDropout: number) => {
      const dataset = smallDataset();
      dataset.train.labels = Uint8Array.from({ length: 8 }, (_, i) => labels(i));
      const session = smallSession({ ...CLASSES, labelDropout }, { dataset });
      await takeSteps(session.run(), 1);
      const values = await samplerValues(session);
      session.dispose();
      return values;
    };
    const own = await trained((i) => i, 0);
    expect(await trained((i) => (i + 1) % 8, 0)).not.toEqual(own);
    expect(await trained((i) => (i + 1) % 8, 1)).toEqual(await trained((i) => i, 1));
  });

  it("validates with labels, and tells the loss of each class", async () => {
    const session = smallSession(CLASSES); // Labels 0, 3, 6.
    let epoch: EpochReport | null = null;
    for await (const report of session.run()) if (report.type === "epoch") epoch = report.epoch;
    session.dispose();
    const losses = epoch?.classLosses ?? [];
    expect(losses.map(Number.isFinite)).toEqual(
      Array.from({ length: 10 }, (_, label) => [0, 3, 6].includes(label)),
    );
    const ofClasses = losses.filter(Number.isFinite).reduce((sum, loss) => sum + loss / 3, 0);
    expect(ofClasses).toBeCloseTo(epoch?.validationLoss ?? 0, 6);
  });

  it("goes on from a checkpoint to the same bits", async () => {
    const straight = smallSession({ ...CLASSES, epochs: 2 });
    await takeSteps(straight.run());
    const first = smallSession({ ...CLASSES, epochs: 2 });
    await takeSteps(first.run(), 3);
    const checkpoint = await first.checkpoint();
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const second = smallSession({ ...CLASSES, epochs: 2 }, { start });
    await takeSteps(second.run());
    expect(await samplerValues(second)).toEqual(await samplerValues(straight));
    for (const session of [straight, first, second]) session.dispose();
  });
});

describe("guidance", () => {
  const labels = [4, 7, null];

  it("of 1 is the network's answer to the labels, of 0 its answer without", async () => {
    const without = await finished(null);
    expect(await finished({ labels, guidance: 0 })).toEqual(without);
    const [four, seven, none] = await finished({ labels, guidance: 1 });
    expect(none).toEqual(without[2]);
    expect(four).not.toEqual(without[0]);
    expect(four).not.toEqual(seven);
  });

  it("of more exaggerates what a label changes, and leaves an image without label", async () => {
    const distance = (a?: Uint8Array, b?: Uint8Array) =>
      relativeError([...(a ?? [])], [...(b ?? [])]);
    const [base, one, four] = await Promise.all([
      finished(null),
      finished({ labels, guidance: 1 }),
      finished({ labels, guidance: 4 }),
    ]);
    expect(distance(four[0], base[0])).toBeGreaterThan(2 * distance(one[0], base[0]));
    expect(distance(four[2], base[2])).toBeLessThan(0.01);
  });

  it("does not depend on how images are cut into passes", async () => {
    const whole = await finished({ labels, guidance: 3 }, { chunkSize: 6 });
    const cut = await finished({ labels, guidance: 3 }, { chunkSize: 2 });
    whole.forEach((image, i) => {
      expect(relativeError([...(cut[i] ?? [])], [...image])).toBeLessThan(0.01);
    });
  });

  it("goes from one class to another by mixing their labels", async () => {
    const mixed = [0, 0.5, 1].map((share) => ({ of: [4, 7], shares: [1 - share, share] }));
    const between = await finished({ labels: mixed, guidance: 2 });
    const ends = await finished({ labels: [4, 4, 7], guidance: 2 });
    expect(between[0]).toEqual(ends[0]);
    expect(between[2]).toEqual(ends[2]);
    expect(between[1]).not.toEqual(ends[0]);
    expect(between[1]).not.toEqual(ends[2]);
  });

  it("holds no tensors afterwards", async () => {
    const before = tf.memory().numTensors;
    await finished({ labels, guidance: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });

  const images = toModelRange(noiseImages(2).images);
  const STARTS: Record<string, SampleStart> = {
    "a noised image": { from: "image", image: images.slice(0, 784), t: 70 },
    "two images": { from: "pair", images, t: 70 },
  };
  const KINDS = ["ddim", "dpmpp2m", "heun"] as const;

  it.each(Object.keys(STARTS).flatMap((from) => KINDS.map((kind) => [from, kind] as const)))(
    "steers from %s by %s, with 0 as without labels",
    async (from, kind) => {
      const changes = { start: STARTS[from], sampler: { kind, timesteps: 4 } };
      const numTensors = tf.memory().numTensors;
      const without = await finished(null, changes);
      expect(await finished({ labels, guidance: 0 }, changes)).toEqual(without);
      const four = await finished({ labels: [4, 4, 4], guidance: 3 }, changes);
      const mixed = await finished({ labels, guidance: 3 }, changes);
      expect(mixed[0]).toEqual(four[0]);
      expect(mixed[0]).not.toEqual(without[0]);
      expect(mixed[1]).not.toEqual(four[1]);
      expect(relativeError([...(mixed[2] ?? [])], [...(without[2] ?? [])])).toBeLessThan(0.01);
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );

  it("is refused where it makes no sense", async () => {
    const plain = { denoiser: denoiserOf(smallConfig(), null) };
    await expect(finished({ labels, guidance: 1 }, plain)).rejects.toThrow(
      "trained without labels",
    );
    await expect(finished({ labels: [10, 0, 0], guidance: 1 })).rejects.toThrow(
      "Expected a label from 0 to 9, got 10.",
    );
    await expect(finished({ labels, guidance: 9 })).rejects.toThrow("from 0 to 8, got 9");
  });
});

describe("a text", () => {
  it("is a label for each digit", () => {
    expect(labelsOfText("2026", 10)).toEqual([2, 0, 2, 6]);
    expect(labelsOfText(" 12 34", 10)).toEqual([1, 2, 3, 4]);
    for (const text of ["", "20a6", " ", "²"]) {
      expect(() => labelsOfText(text, 10)).toThrow("Expected digits from 0 to 9, such as 2026");
    }
    expect(() => labelsOfText("17", 5)).toThrow("from 0 to 4");
    for (let classes = 1; classes <= 10; classes++) {
      let example = "";
      try {
        labelsOfText("", classes);
      } catch (error) {
        example = /such as (\d+),/.exec(String(error))?.[1] ?? "";
      }
      expect(labelsOfText(example, classes)).toHaveLength(example.length);
    }
  });
});
