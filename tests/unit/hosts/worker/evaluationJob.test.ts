import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { type Classifier, createClassifier } from "../../../../src/engine/quality/classifier.ts";
import { createClassifierNetwork } from "../../../../src/engine/quality/classifierNetwork.ts";
import { QualityMeter } from "../../../../src/engine/quality/qualityMeter.ts";
import { EvaluationJob } from "../../../../src/hosts/worker/evaluationJob.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { untrainedNetwork } from "../../../../src/runtime/run/network.ts";
import { smallConfig, smallDataset } from "../../engine/train/smallRun.ts";

const COUNT = 5;
const NUM_STEPS = 3;
const dataset = smallDataset({ numTrain: 9, numValidation: 4 });

type EventOf<T extends WorkerEvent["type"]> = Extract<WorkerEvent, { type: T }>;

let classifier: Classifier;
/** Those of the classifier, which stays. */
let numTensors = 0;

beforeAll(async () => {
  await tf.setBackend("wasm");
  classifier = createClassifier({
    values: initialValues(createClassifierNetwork(10).parameters, 0),
    numClasses: 10,
  });
});

beforeEach(() => {
  ({ numTensors } = tf.memory());
});

afterAll(() => classifier.dispose());

/** A measurement of 5 samples at 3 steps, by a classifier that knows nothing. */
function startedJob(
  meter = async () => new QualityMeter(classifier, dataset),
  config = smallConfig(),
  learned: string | null = null,
) {
  const events: WorkerEvent[] = [];
  const transfers: Transferable[] = [];
  const network = untrainedNetwork(config);
  const job = new EvaluationJob({
    request: {
      requestId: "quality",
      count: COUNT,
      seed: 0,
      weights: "ema",
      guidance: null,
      sampler: { kind: "ddim", timesteps: NUM_STEPS, eta: 0 },
      network: { kind: "current" },
    },
    network: {
      ...network,
      facts: (weights) => ({ ...network.facts(weights), dataset: learned }),
      source: { kind: "run", runId: "run-1" },
      trainedSteps: 40,
    },
    dataset: { ...dataset, id: "mnist", name: "MNIST" },
    backend: "wasm",
    maxChunk: 2,
    meter,
    post: (event, transfer = []) => {
      events.push(event);
      transfers.push(...transfer);
    },
  });
  const allOf = <T extends WorkerEvent["type"]>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type);
  return { job, events, transfers, allOf };
}

async function finish(job: EvaluationJob) {
  while (!job.isDone) await job.advance(0);
}

describe("an evaluation job", () => {
  it("tells of each sample its digit, how sure that is, and its nearest training image", async () => {
    const { job, allOf } = startedJob();
    await finish(job);
    const [done] = allOf("evaluationDone");
    if (!done) throw new Error("It is not done.");
    expect(done).toMatchObject({
      requestId: "quality",
      trainedSteps: 40,
      source: { kind: "run", runId: "run-1" },
      dataset: { id: "mnist", name: "MNIST" },
      figures: { count: COUNT },
      real: { count: 4 },
      frechetFloor: { count: COUNT },
      // Of an eighth as many images as samples, and two at least.
      likelihood: { count: 2 },
    });
    expect(done.likelihood?.bits).toBeGreaterThan(0);
    expect(done.pixels).toHaveLength(COUNT * 784);
    expect(done.nearestPixels).toHaveLength(COUNT * 784);
    const counts = new Array<number>(10).fill(0);
    for (const digit of done.digits) counts[digit] = (counts[digit] ?? 0) + 1;
    expect(done.figures.classCounts).toEqual(counts);
    const sum = done.confidences.reduce((total, confidence) => total + confidence, 0);
    expect(done.figures.meanConfidence).toBeCloseTo(sum / COUNT, 6);
    expect(done.figures.nearest.minDistance).toBe(Math.min(...done.distances));
  });

  it("tells how many samples are read as the class that was asked for, all in turn", async () => {
    const { job, allOf } = startedJob(undefined, smallConfig({ classes: 10 }));
    await finish(job);
    const { figures, digits } = allOf("evaluationDone")[0] ?? {};
    const numAsAsked = Array.from(digits ?? []).filter((digit, i) => digit === i).length;
    expect(figures?.readAsAsked).toBe(numAsAsked / COUNT);
    const asked = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
    expect(figures?.confusion?.map((row) => row.reduce((sum, n) => sum + n))).toEqual(asked);
  });

  it("tells no likelihood of a network that predicts the flow, and all else", async () => {
    const { job, allOf } = startedJob(undefined, smallConfig({ objective: "flow" }));
    await finish(job);
    expect(allOf("evaluationDone")[0]).toMatchObject({ likelihood: null, objective: "flow" });
  });

  it("does not read digits in what a network draws that learned other images", async () => {
    const { job, allOf } = startedJob(undefined, smallConfig({ classes: 10 }), "Fashion-MNIST");
    await finish(job);
    const [done] = allOf("evaluationDone");
    expect(done?.asked).toBeNull();
    expect(done?.figures).not.toHaveProperty("readAsAsked");
  });

  it("shows training images whose distance to the samples is the one that is told", async () => {
    const { job, allOf } = startedJob();
    await finish(job);
    const [done] = allOf("evaluationDone");
    if (!done) throw new Error("It is not done.");
    const distance = (a: Uint8Array, b: Uint8Array) =>
      Math.hypot(...Array.from(a, (x, i) => x - (b[i] ?? 0))) / 255 / 28;
    const imageOf = (images: Uint8Array, i: number) => images.subarray(784 * i, 784 * (i + 1));
    const { images, count } = dataset.train;
    done.distances.forEach((told, i) => {
      const sample = imageOf(done.pixels, i);
      expect(told).toBeCloseTo(distance(sample, imageOf(done.nearestPixels, i)), 9);
      const all = Array.from({ length: count }, (_, k) => distance(sample, imageOf(images, k)));
      expect(told).toBeCloseTo(Math.min(...all), 9);
    });
  });

  it("hands what it found over without a copy, and leaves the dataset where it is", async () => {
    const { job, allOf, transfers } = startedJob();
    await finish(job);
    const [done] = allOf("evaluationDone");
    const { pixels, nearestPixels, distances, digits, confidences } = done ?? {};
    const buffers = [pixels, nearestPixels, distances, digits, confidences].map((of) => of?.buffer);
    expect(new Set(transfers)).toEqual(new Set(buffers));
    expect(transfers).not.toContain(dataset.train.images.buffer);
  });

  it("tells how far it is, part by part, each to its end", async () => {
    const { job, allOf } = startedJob();
    await finish(job);
    const told = allOf("evaluationProgress");
    const parts = [...new Set(told.map(({ doing }) => doing))];
    expect(parts).toEqual(["drawing", "classifying", "comparing", "scaling", "predicting"]);
    for (const part of parts) {
      const fractions = told.filter(({ doing }) => doing === part).map((of) => of.fraction);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    }
  });

  it("frees all that it took when it is done", async () => {
    const { job } = startedJob();
    expect(tf.memory().numTensors).toBeGreaterThan(numTensors);
    await finish(job);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it.each([0, 1, 2, 5, 7])("frees all when it is cancelled after %i slices", async (numSlices) => {
    const { job, events } = startedJob();
    for (let i = 0; i < numSlices; i++) await job.advance(0);
    expect(job.isDone).toBe(false);
    await job.cancel();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(job.isDone).toBe(true);
    expect(events.at(-1)).toEqual({ type: "requestCancelled", requestId: "quality" });
  });

  it("ends at once, without figures, when it is cancelled within a slice", async () => {
    const { job, events, allOf } = startedJob();
    const slice = job.advance(10_000);
    await job.cancel();
    await slice;
    expect(allOf("evaluationDone")).toEqual([]);
    expect(events.at(-1)?.type).toBe("requestCancelled");
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("tells why there is no classifier before it draws anything, and frees all", async () => {
    const { job, events } = startedJob(async () => {
      throw new Error("No classifier.");
    });
    await job.advance(0);
    const failed = { type: "requestFailed", requestId: "quality", message: "No classifier." };
    expect(events).toEqual([failed]);
    expect(job.isDone).toBe(true);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
