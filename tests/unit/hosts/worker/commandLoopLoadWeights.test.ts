import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import {
  FACTS,
  fileOf,
  foreignBytes,
  networkValues,
  ourBytes,
  tensorsOf,
} from "../../engine/train/weightsFiles.ts";
import { readyWorker } from "./startedWorker.ts";

const config = smallConfig();
const values = networkValues(config);
const file = fileOf(ourBytes());
/** Steps that change nothing: what the run then has is what it began with. */
const STANDING_STILL = { learningRate: 0 };

type Worker = Awaited<ReturnType<typeof readyWorker>>;

/** The first so many steps of a new run, which then stops. */
async function trainSteps(worker: Worker, runId: string, changes = {}, numSteps = 2) {
  worker.train(runId, changes);
  await worker.event(
    "steps",
    (e) => e.runId === runId && e.steps.some(({ step }) => step === numSteps),
  );
  return worker.stop(runId);
}

/** The weights that would be sampled now. */
async function sampledValues(worker: Worker, weights: "ema" | "raw" = "ema") {
  const [saved] = await worker.saveWeights({ weights });
  return decodeWeights(saved?.bytes ?? new Uint8Array()).values;
}

async function sampledPixels(worker: Worker, sampleId: string, weights: "ema" | "raw" = "ema") {
  worker.sample(sampleId, { weights, seed: 3 });
  return worker.digits(sampleId);
}

describe("a weights file", () => {
  it("is told with what it holds, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    expect(await worker.loadWeights(file)).toEqual({
      type: "weightsLoaded",
      requestId: "request-1",
      weights: {
        fileName: "digits.safetensors",
        config,
        hasSettings: true,
        hasAverage: false,
        trainedSteps: 12,
        numParameters: values.length,
        dataset: FACTS.dataset,
      },
    });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("is what digits are drawn from, until it is forgotten; neither leaves a tensor", async () => {
    const worker = await readyWorker();
    const untrained = await sampledPixels(worker, "untrained");
    const { numTensors } = tf.memory();
    await worker.loadWeights(file);
    const loaded = await sampledPixels(worker, "loaded");
    expect(loaded).not.toEqual(untrained);
    expect(await worker.event("sampleStarted", worker.isOf("loaded"))).toMatchObject({
      source: { kind: "file", fileName: "digits.safetensors" },
      trainedSteps: 12,
    });
    worker.handle({ type: "forgetWeights" });
    await worker.event("weightsForgotten");
    expect(await sampledPixels(worker, "forgotten")).toEqual(untrained);
    expect(worker.allOf("sampleStarted").at(-1)?.source).toEqual({ kind: "untrained" });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("draws the same digits as the run that it was saved from", async () => {
    const worker = await readyWorker();
    await trainSteps(worker, "run", { emaDecay: 0.9, emaUpdateAfter: 0, emaUpdateEvery: 1 });
    const pixels = {
      ema: await sampledPixels(worker, "run-ema", "ema"),
      raw: await sampledPixels(worker, "run-raw", "raw"),
    };
    expect(pixels.ema).not.toEqual(pixels.raw);
    for (const weights of ["ema", "raw"] as const) {
      const saved = await worker.saveWeights({ weights });
      // In another worker, which has seen nothing of the run.
      const other = await readyWorker();
      await other.loadWeights(fileOf(saved[0]?.bytes ?? new Uint8Array()));
      // The file has just one network, whichever of the two is asked for.
      for (const asked of ["ema", "raw"] as const) {
        expect(await sampledPixels(other, `${weights}-${asked}`, asked)).toEqual(pixels[weights]);
      }
    }
  });

  it("with a moving average besides draws from either", async () => {
    const worker = await readyWorker();
    const average = networkValues(config, 2);
    const both = foreignBytes(
      new Map([
        ...tensorsOf(config, values, "online_model."),
        ...tensorsOf(config, average, "ema_model."),
      ]),
    );
    await worker.loadWeights(fileOf(both));
    expect(worker.allOf("weightsLoaded")[0]?.weights.hasAverage).toBe(true);
    expect(await sampledValues(worker, "ema")).toEqual(average);
    expect(await sampledValues(worker, "raw")).toEqual(values);
  });

  it("takes the place of a run's network, which comes back when the file is forgotten", async () => {
    const worker = await readyWorker();
    const trainedSteps = await trainSteps(worker, "run");
    const ofRun = await sampledPixels(worker, "of-run");
    await worker.loadWeights(file);
    expect(await sampledPixels(worker, "of-file")).not.toEqual(ofRun);
    worker.handle({ type: "forgetWeights" });
    expect(await sampledPixels(worker, "of-run-again")).toEqual(ofRun);
    expect(worker.allOf("sampleStarted").at(-1)).toMatchObject({
      source: { kind: "run", runId: "run" },
      trainedSteps,
    });
  });

  it("takes the place of another", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    const other = networkValues(config, 2);
    await worker.loadWeights(fileOf(ourBytes({ values: other }), "other.safetensors"));
    expect(await sampledValues(worker)).toEqual(other);
  });
});

describe("a run after a weights file", () => {
  it("begins with its weights", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    worker.train("run", STANDING_STILL);
    expect((await worker.event("runStarted")).startedFrom).toBe("digits.safetensors");
    await worker.event("steps");
    const numSteps = await worker.stop("run");
    expect(await sampledValues(worker)).toEqual(values);
    await sampledPixels(worker, "digits");
    expect(worker.allOf("sampleStarted").at(-1)).toMatchObject({
      source: { kind: "run", runId: "run" },
      trainedSteps: 12 + numSteps,
    });
  });

  it("takes their place: the next begins anew", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    await trainSteps(worker, "first");
    expect(await sampledValues(worker)).not.toEqual(values);
    await trainSteps(worker, "second", STANDING_STILL);
    const begun = worker.allOf("runStarted").map(({ startedFrom }) => startedFrom);
    expect(begun).toEqual(["digits.safetensors", null]);
    expect(await sampledValues(worker)).toEqual(networkValues(config, config.seed));
  });

  it("begins with the weights, not with the average that the file has besides", async () => {
    const worker = await readyWorker();
    const both = new Map([
      ...tensorsOf(config, values, "online_model."),
      ...tensorsOf(config, networkValues(config, 2), "ema_model."),
    ]);
    await worker.loadWeights(fileOf(foreignBytes(both)));
    await trainSteps(worker, "run", { ...STANDING_STILL, emaDecay: 0.9 });
    expect(await sampledValues(worker, "raw")).toEqual(values);
    expect(await sampledValues(worker, "ema")).toEqual(values);
  });

  it("does not know its steps when the file does not tell them", async () => {
    const worker = await readyWorker();
    const facts = { ...FACTS, trainedSteps: null };
    await worker.loadWeights(fileOf(ourBytes({ facts })));
    await trainSteps(worker, "run");
    await sampledPixels(worker, "digits");
    expect(worker.allOf("sampleStarted").at(-1)?.trainedSteps).toBeNull();
  });

  it("that cannot begin leaves the file's weights to be sampled", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    worker.train("impossible", { dim: Number.NaN });
    await worker.event("runFailed");
    expect(worker.allOf("runStarted")).toEqual([]);
    expect(await sampledValues(worker)).toEqual(values);
  });

  it.each([
    ["of another network begins anew", { dim: 6 }],
    ["begins anew when the file was forgotten", {}],
  ])("%s", async (_, changes) => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    if (!("dim" in changes)) worker.handle({ type: "forgetWeights" });
    const other = smallConfig({ ...STANDING_STILL, seed: 4, ...changes });
    await trainSteps(worker, "run", { ...STANDING_STILL, seed: 4, ...changes });
    expect(worker.allOf("runStarted")[0]?.startedFrom).toBeNull();
    expect(await sampledValues(worker)).toEqual(networkValues(other, 4));
  });
});

describe("a weights file that is not taken", () => {
  it.each(["training", "paused"] as const)(
    "because a run is %s changes nothing",
    async (status) => {
      const worker = await readyWorker();
      worker.train("run");
      await worker.event("steps");
      if (status === "paused") worker.handle({ type: "pause", runId: "run" });
      await worker.status("run", status);
      const numStatuses = worker.allOf("runStatus").length;
      expect(await worker.loadWeights(file)).toMatchObject({
        type: "requestFailed",
        message: "Stop the run before you load other weights.",
      });
      expect(worker.allOf("runStatus")).toHaveLength(numStatuses);
      await worker.stop("run");
      await sampledPixels(worker, "digits");
      expect(worker.allOf("sampleStarted").at(-1)?.source).toEqual({ kind: "run", runId: "run" });
      worker.train("next");
      expect((await worker.event("runStarted", (e) => e.runId === "next")).startedFrom).toBeNull();
    },
  );

  const withNan = values.slice();
  withNan[5] = Number.NaN;
  const missing = tensorsOf(config, values);
  missing.delete("final_conv.bias");
  const whole = ourBytes();

  it.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ["is truncated", whole.slice(0, -100), "truncated"],
    ["has values that are no numbers", ourBytes({ values: withNan }), "init_conv.weight"],
    ["is no safetensors file", new TextEncoder().encode("PK\u0003\u0004 a zip of weights"), ""],
    ["is empty", new Uint8Array(), ""],
    ["lacks a tensor", foreignBytes(missing), "final_conv.bias"],
    [
      "has a network that cannot run",
      ourBytes({ config: smallConfig({ attnHeads: 17 }) }),
      "heads",
    ],
  ])("because it %s leaves what was there before", async (_, bytes, message) => {
    const worker = await readyWorker();
    await worker.loadWeights(file);
    const before = await sampledPixels(worker, "before");
    const answer = await worker.loadWeights(fileOf(bytes, "bad.safetensors"));
    expect(answer).toMatchObject({ type: "requestFailed" });
    expect(answer).toHaveProperty("message", expect.stringContaining(message));
    expect(await sampledPixels(worker, "after")).toEqual(before);
    worker.train("run");
    expect((await worker.event("runStarted")).startedFrom).toBe("digits.safetensors");
  });
});
