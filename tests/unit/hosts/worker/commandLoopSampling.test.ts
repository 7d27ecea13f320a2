import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { Condition } from "../../../../src/engine/config/condition.ts";
import { imageAt } from "../../../../src/engine/data/imageOrder.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import type { SampleRequest } from "../../../../src/runtime/run/samplingProtocol.ts";
import { relativeError } from "../../../relativeError.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

describe("sampling on request", () => {
  it("needs a backend", async () => {
    const worker = emptyWorker();
    worker.sample("digits");
    expect((await worker.event("sampleFailed")).message).toContain("needs a backend");
  });

  it("draws from an untrained network before any run, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("digits");
    expect(await worker.digits("digits")).toHaveLength(2 * 784);
    expect(worker.allOf("sampleStarted")).toMatchObject([
      {
        source: { kind: "untrained" },
        origin: "person",
        trainedSteps: 0,
        count: 2,
        timesteps: 3,
      },
    ]);
    expect(worker.allOf("sampleFrame").map((e) => e.index)).toEqual([0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("draws from the network of a run that was stopped", async () => {
    const worker = await readyWorker();
    worker.sample("before");
    const before = await worker.digits("before");
    worker.train("run");
    await worker.event("steps", (e) => e.steps.some(({ step }) => step === 2));
    const trainedSteps = await worker.stop("run");
    worker.sample("after");
    expect(await worker.digits("after")).not.toEqual(before);
    const started = await worker.event("sampleStarted", worker.isOf("after"));
    expect(started).toMatchObject({ source: { kind: "run", runId: "run" }, trainedSteps });
  });

  it("takes turns with training", async () => {
    const worker = await readyWorker();
    // No step has to wait for a snapshot as short as that, nor for a checkpoint.
    worker.train("run", { previewTimesteps: 1, checkpointMinutes: 0 });
    await worker.event("steps");
    worker.sample("digits", { timesteps: 8 });
    await worker.digits("digits");
    const from = worker.events.findIndex(
      (e) => e.type === "sampleStarted" && e.origin === "person",
    );
    const isTraining = ({ type }: WorkerEvent) =>
      ["steps", "validationProgress", "epoch"].includes(type);
    const turns = worker.events
      .slice(from)
      .filter((e) => isTraining(e) || (e.type === "sampleFrame" && e.sampleId === "digits"))
      .map((e) => (e.type === "sampleFrame" ? "s" : "t"))
      .join("");
    // Two frames fill a slice of the clock; after each, training takes one step.
    expect(turns).toMatch(/^sstsstsstsst+s/);
    expect(worker.allOf("sampleDone")[0]?.elapsedMs).toBeGreaterThan(0);
  });

  it("ends when it is cancelled, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("digits", { timesteps: 100 });
    await worker.event("sampleFrame");
    worker.handle({ type: "cancel", requestId: "digits" });
    await worker.event("sampleCancelled", worker.isOf("digits"));
    const from = worker.events.length;
    worker.sample("next");
    await worker.digits("next");
    expect(worker.allOf("sampleFrame", from).filter(worker.isOf("digits"))).toEqual([]);
    expect(worker.allOf("sampleDone").filter(worker.isOf("digits"))).toEqual([]);
    // Nor is it tried on, with tensors that are gone.
    expect(worker.allOf("sampleFailed")).toEqual([]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("ends once when it is cancelled twice in a row, and both times are answered", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("digits", { timesteps: 100 });
    await worker.event("sampleFrame");
    for (const _ of [1, 2]) worker.handle({ type: "cancel", requestId: "digits" });
    worker.sample("next");
    expect(await worker.digits("next")).toHaveLength(2 * 784);
    const ends = ["sampleCancelled", "sampleDone", "sampleFailed"] as const;
    const told = ends.map((type) => worker.allOf(type).map(({ sampleId }) => sampleId));
    expect(told).toEqual([["digits"], ["next"], []]);
    expect(worker.allOf("requestCancelled").map(({ requestId }) => requestId)).toEqual(["digits"]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("waits for a generation that is still going on", async () => {
    const worker = await readyWorker();
    worker.sample("first", { timesteps: 20 });
    worker.sample("second");
    await worker.digits("second");
    expect(worker.allOf("sampleDone").map((e) => e.sampleId)).toEqual(["first", "second"]);
    expect(worker.allOf("sampleCancelled")).toEqual([]);
  });

  it("of two is of the same weights, although training goes on between them", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    worker.sample("first", { timesteps: 20 });
    worker.sample("second", { timesteps: 20 });
    expect(await worker.digits("second")).toEqual(await worker.digits("first"));
    const [first, second] = worker.samplesStarted();
    expect(second?.trainedSteps).toBe(first?.trainedSteps);
    await worker.stop("run");
  });

  it("is cancelled while it waits, and the one before goes on", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("first", { timesteps: 20 });
    worker.sample("second", { timesteps: 20 });
    worker.handle({ type: "cancel", requestId: "second" });
    await worker.digits("first");
    expect(worker.allOf("sampleCancelled").map((e) => e.sampleId)).toEqual(["second"]);
    expect(worker.allOf("sampleFrame").filter(worker.isOf("second"))).toEqual([]);
    expect(worker.allOf("sampleFailed")).toEqual([]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("is answered when one cancels what has already ended", async () => {
    const worker = await readyWorker();
    worker.sample("digits");
    await worker.digits("digits");
    worker.handle({ type: "cancel", requestId: "digits" });
    await worker.event("requestCancelled", ({ requestId }) => requestId === "digits");
  });
});

describe("a network with classes", () => {
  const asked = (labels: Condition["labels"]): Partial<SampleRequest> => ({
    count: labels.length,
    start: { kind: "noise", isShared: true },
    condition: { labels, guidance: 4 },
  });

  it("draws what it is asked for: of one noise, the same for the same label", async () => {
    const worker = await readyWorker();
    worker.sample("digits", asked([3, 3, { of: [3, 5], shares: [0.5, 0.5] }, null]), {
      classes: 10,
    });
    const pixels = await worker.digits("digits");
    const [three, again, mixed, none] = [0, 1, 2, 3].map((i) => imageAt(pixels, i).join());
    expect(again).toBe(three);
    expect(new Set([three, mixed, none]).size).toBe(3);
  });

  it("says which labels there are when it is asked for another", async () => {
    const worker = await readyWorker();
    worker.sample("digits", asked([10]), { classes: 10 });
    expect((await worker.event("sampleFailed")).message).toMatch(/0 to 9.*10/);
    worker.sample("unlabeled", asked([7]));
    const failed = await worker.event("sampleFailed", worker.isOf("unlabeled"));
    expect(failed.message).toContain("without labels");
    worker.sample("after");
    expect(await worker.digits("after")).toHaveLength(2 * 784);
  });
});

describe("the fresh noise of DDIM", () => {
  it("is as much as the page's settings say, also for a network that was trained without", async () => {
    const worker = await readyWorker();
    const digitsWith = async (sampleId: string, ddimEta: number) => {
      worker.sample(sampleId, {}, { ddimEta });
      return worker.digits(sampleId);
    };
    const digitsOf = async (network: string) => [
      await digitsWith(`${network}, none`, 0),
      await digitsWith(`${network}, half`, 0.5),
      await digitsWith(`${network}, full`, 1),
    ];
    const untrained = await digitsOf("untrained");
    worker.train("run", { epochs: 1, ddimEta: 0 });
    await worker.status("run", "finished");
    const trained = await digitsOf("trained");
    expect(trained[0]).not.toEqual(untrained[0]);
    for (const [none, half, full] of [untrained, trained]) {
      expect(half).not.toEqual(none);
      expect(full).not.toEqual(none);
      expect(full).not.toEqual(half);
    }
  });
});

describe("the weights that a run is sampled with", () => {
  it("are those of its last step, or their moving average", async () => {
    const worker = await readyWorker();
    const finish = async (runId: string, emaDecay: number) => {
      const changes = { epochs: 1, learningRate: 1e-2, emaUpdateAfter: 0, emaUpdateEvery: 1 };
      worker.train(runId, { ...changes, emaDecay });
      await worker.status(runId, "finished");
    };
    const digitsOf = (sampleId: string, weights: "ema" | "raw") => {
      worker.sample(sampleId, { weights });
      return worker.digits(sampleId);
    };
    await finish("without average", 0);
    const expected = await digitsOf("plain", "ema");
    await finish("with average", 0.99);
    expect(await digitsOf("latest", "raw")).toEqual(expected);
    expect(await digitsOf("averaged", "ema")).not.toEqual(expected);
  });
});

describe("sampling between two images", () => {
  const PAIR = { kind: "pair", images: null } as const;

  /** The number of the image that this one is, with little noise on it. */
  function numberOf(image: Uint8Array, images: Uint8Array): number {
    const errors = Array.from({ length: images.length / 784 }, (_, i) =>
      relativeError(image, images.subarray(784 * i, 784 * (i + 1))),
    );
    const least = Math.min(...errors);
    expect(least).toBeLessThan(0.15);
    return errors.indexOf(least);
  }

  it.each([
    ["for validation", 48, [40, 48]],
    ["to train on, when there is one for validation", 10, [0, 9]],
  ] as const)(
    "begins with two of the images %s, which the seed chooses",
    async (_, count, [first, end]) => {
      const worker = await readyWorker();
      const from = worker.events.length;
      worker.load("images", pair("train", imagesFile(count), labelsFile(count)));
      await worker.event("datasetReady", () => true, from);
      const pairs: string[] = [];
      for (const seed of [0, 1]) {
        const sampleId = `seed ${seed}`;
        // As little noise on the two images as there can be.
        worker.sample(sampleId, { start: PAIR, count: 3, seed }, { interpolationNoise: 0 });
        const { pixels } = await worker.event("sampleFrame", worker.isOf(sampleId));
        const ends = [pixels.subarray(0, 784), pixels.subarray(2 * 784)].map((image) =>
          numberOf(image, imagesFile(count).subarray(16)),
        );
        for (const number of ends) {
          expect(number).toBeGreaterThanOrEqual(first);
          expect(number).toBeLessThan(end);
        }
        expect(ends[0]).not.toBe(ends[1]);
        pairs.push(String(ends));
        await worker.digits(sampleId);
      }
      expect(pairs[0]).not.toBe(pairs[1]);
    },
  );

  it("is told, with the fewer steps that the page's noise takes, also for a run with another", async () => {
    const worker = await readyWorker();
    const draw = (sampleId: string) => {
      const request = { start: PAIR, timesteps: 10 };
      worker.sample(sampleId, request, { interpolationNoise: 0.3 });
      return worker.digits(sampleId);
    };
    expect(await draw("untrained")).toHaveLength(2 * 784);
    worker.train("run", { epochs: 1, interpolationNoise: 0.8 });
    await worker.status("run", "finished");
    await draw("trained");
    const told = { start: "pair", timesteps: 3 };
    expect(worker.samplesStarted()).toMatchObject([told, told]);
  });

  it("begins with the two that were chosen, and tells them", async () => {
    const worker = await readyWorker();
    const images = imagesFile(2).subarray(16);
    worker.sample("chosen", { start: { kind: "pair", images } }, { interpolationNoise: 0 });
    const { pixels } = await worker.event("sampleFrame", worker.isOf("chosen"));
    expect(numberOf(pixels.subarray(0, 784), images)).toBe(0);
    expect(numberOf(pixels.subarray(784), images)).toBe(1);
    expect(worker.allOf("sampleStarted")[0]?.sources).toEqual(images);
    await worker.digits("chosen");
  });

  it("needs images", async () => {
    const worker = emptyWorker();
    worker.handle({ type: "init", backend: "auto" });
    await worker.event("backendReady");
    worker.sample("digits", { start: PAIR });
    expect((await worker.event("sampleFailed")).message).toContain("needs images");
  });
});
