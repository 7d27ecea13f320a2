import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { toPixels } from "../../../../src/engine/diffusion/noising.ts";
import { lookAtBlock } from "../../../../src/engine/nn/blockLook.ts";
import { randomNormals, samplingKey } from "../../../../src/engine/random.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { LookRequest } from "../../../../src/runtime/run/samplingProtocol.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

type Worker = Awaited<ReturnType<typeof readyWorker>>;

const REAL = { kind: "real", index: 0, t: 30, seed: 0 } as const;

function drawn(step: number, numSteps = 5) {
  const sampler = samplerOf(numSteps, smallConfig());
  return { kind: "drawn", seed: 0, step, sampler, condition: null } as const;
}

function look(
  worker: Worker,
  requestId: string,
  request: Partial<LookRequest> = {},
  settings: Partial<RunConfig> = {},
) {
  const config = smallConfig(settings);
  const complete = { weights: "ema", digit: REAL, block: "mid_attn", position: null } as const;
  worker.handle({ type: "look", request: { requestId, ...complete, ...request }, config });
  const isOf = (e: { requestId: string }) => e.requestId === requestId;
  return {
    seen: () => worker.event("blockSeen", isOf),
    failed: () => worker.event("requestFailed", isOf),
  };
}

describe("a look inside", () => {
  it("needs a backend", async () => {
    const { message } = await look(emptyWorker(), "early").failed();
    expect(message).toContain("needs a backend");
  });

  it("is at a real digit with noise, before any run, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    const event = await look(worker, "real", { position: 17 }).seen();
    expect(event).toMatchObject({ block: "mid_attn", t: 30, trainedSteps: 0 });
    expect(event.elapsedMs).toBeGreaterThan(0);
    expect(event.seen).toMatchObject({ size: 14, numChannels: 8 });
    expect(event.seen.attention?.pixels).toHaveLength(14 * 14);
    // What is looked at is what a generation from that image would begin with.
    worker.handle({ type: "showImages", requestId: "images", indices: [0] });
    const image = (await worker.event("images")).pixels;
    worker.sample("same", { count: 1, start: { kind: "image", image, t: 30 } });
    await worker.digits("same");
    expect(event.pixels).toEqual(worker.allOf("sampleFrame")[0]?.pixels);
    worker.handle({ type: "forgetWeights" });
    await worker.event("weightsForgotten");
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("is at each step of a digit that is drawn, in any order, as if it were drawn anew", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    const events = [];
    for (const step of [3, 0, 4]) {
      events.push(await look(worker, `step ${step}`, { digit: drawn(step) }).seen());
    }
    worker.sample("whole", { count: 1, timesteps: 5 });
    await worker.digits("whole");
    const frames = worker.allOf("sampleFrame");
    const times = worker.allOf("sampleStarted")[0]?.times ?? [];
    expect(events.map(({ pixels }) => pixels)).toEqual(
      [3, 0, 4].map((step) => frames[step]?.pixels),
    );
    expect(events.map(({ t }) => t)).toEqual([3, 0, 4].map((step) => times[step]));
    worker.handle({ type: "forgetWeights" });
    await worker.event("weightsForgotten");
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("shows what the network makes of that digit", async () => {
    const worker = await readyWorker();
    const { seen } = await look(worker, "prediction", {
      digit: drawn(2),
      block: "downs.0.1",
    }).seen();
    const denoiser = denoiserOf(smallConfig(), null);
    const { sampler } = drawn(2);
    const start = { from: "noise" } as const;
    const digit = new DigitSampler({ denoiser, count: 1, sampler, seed: 0, chunkSize: 1, start });
    for (const _ of [0, 1, 2]) await digit.nextFrame();
    expect(seen).toEqual(
      await lookAtBlock(digit.nextInputs, { block: "downs.0.1", position: null }),
    );
  });

  it("goes on while a run trains, with its newest weights, and leaves no tensor", async () => {
    const worker = await readyWorker();
    worker.train("run", { previewTimesteps: 1 });
    await worker.event("steps", (e) => e.steps.some(({ step }) => step === 2));
    const first = await look(worker, "first").seen();
    const from = worker.events.length;
    await worker.event("steps", () => true, from);
    const second = await look(worker, "second").seen();
    expect(second.trainedSteps).toBeGreaterThan(first.trainedSteps as number);
    expect(second.pixels).toEqual(first.pixels);
    expect(second.seen.maps).not.toEqual(first.seen.maps);
    await worker.stop("run");
  });

  it("of a network with classes is given the label of the digit", async () => {
    const worker = await readyWorker();
    const classes = { classes: 10, attnDimHead: 4 };
    const real = await look(worker, "real", { block: "final_conv" }, classes).seen();
    const condition = (label: number | null) => ({ labels: [label], guidance: 1 });
    const ofLabel = async (label: number | null) => {
      const digit = { ...drawn(0), condition: condition(label) };
      return look(worker, `label ${label}`, { digit, block: "final_conv" }, classes).seen();
    };
    expect((await ofLabel(3)).seen.maps).not.toEqual((await ofLabel(null)).seen.maps);
    expect(real.seen.numChannels).toBe(1);
  });

  it.each([
    ["a digit that is not there", { digit: { ...REAL, index: 5000 } }, /from 0 to \d+, got 5000/],
    ["a block that sees no images", { block: "time_mlp" }, /makes images, got "time_mlp"/],
    ["a step after the last", { digit: drawn(5) }, /a denoising step from 0 to 4, got 5/],
    ["a step before the first", { digit: drawn(-1) }, /a denoising step from 0 to 4, got -1/],
    ["no step, as JSON makes of NaN", { digit: drawn(null as never) }, /from 0 to 4, got null/],
    ["a pixel outside", { position: 196 }, /a pixel from 0 to 195, got 196/],
  ])("says what is wrong with %s, and looks again", async (_, wrong, message) => {
    const worker = await readyWorker();
    expect((await look(worker, "wrong", wrong).failed()).message).toMatch(message);
    expect((await look(worker, "right").seen()).seen.size).toBe(14);
  });

  it("at a real image needs one to be loaded, at one that is drawn not", async () => {
    const worker = emptyWorker();
    worker.handle({ type: "init", backend: "auto" });
    await worker.event("backendReady");
    expect((await look(worker, "real").failed()).message).toContain("has to be loaded");
    expect((await look(worker, "drawn", { digit: drawn(0) }).seen()).t).toBe(99);
  });

  it("is at the new images as soon as others are loaded", async () => {
    const worker = await readyWorker();
    const before = await look(worker, "before").seen();
    worker.load("second", pair("train", imagesFile(20), labelsFile(20)));
    await worker.event("datasetReady", (e) => e.loadId === "second");
    worker.handle({ type: "showImages", requestId: "images", indices: [0] });
    const image = (await worker.event("images")).pixels;
    const after = await look(worker, "after").seen();
    expect(after.pixels).not.toEqual(before.pixels);
    worker.sample("same", { count: 1, start: { kind: "image", image, t: 30 } });
    await worker.digits("same");
    expect(after.pixels).toEqual(worker.allOf("sampleFrame")[0]?.pixels);
  });

  it("is answered also when another takes its place", async () => {
    const worker = await readyWorker();
    const first = look(worker, "first", { digit: drawn(90, 100) });
    const second = look(worker, "second");
    expect((await first.failed()).message).toContain("took its place");
    expect((await second.seen()).t).toBe(30);
  });

  it("begins with the noise of its seed", async () => {
    const worker = await readyWorker();
    const { pixels } = await look(worker, "noise", { digit: drawn(0) }).seen();
    const noise = randomNormals(samplingKey({ seed: 0, image: 0, step: 0 }), 784);
    expect(pixels).toEqual(toPixels(noise));
  });
});
