import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { relativeError } from "../../../relativeError.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { FACTS, fileOf, networkValues, ourBytes } from "../../engine/train/weightsFiles.ts";
import { readyWorker } from "./startedWorker.ts";

/** A moving average that is another network than the weights. */
const AVERAGED = { emaDecay: 0.9, emaUpdateAfter: 0, emaUpdateEvery: 1 };

type Worker = Awaited<ReturnType<typeof readyWorker>>;
type Saved = Awaited<ReturnType<Worker["saveWeights"]>>;

/** A worker whose run has ended by itself: 3 steps an epoch. */
async function afterRun(changes = {}) {
  const worker = await readyWorker();
  worker.train("run", { epochs: 1, ...changes });
  await worker.status("run", "finished");
  return worker;
}

function namesOf(files: Saved) {
  return files.map(({ fileName }) => fileName);
}

function decoded([file]: Saved) {
  const { values, metadata } = decodeWeights(file?.bytes ?? new Uint8Array());
  return {
    values,
    config: JSON.parse(metadata.config ?? ""),
    facts: JSON.parse(metadata.training ?? ""),
  };
}

describe("the weights of a run", () => {
  it("are saved as safetensors with its settings and what it has seen", async () => {
    const worker = await afterRun({ epochs: 2 });
    const { numTensors } = tf.memory();
    const files = await worker.saveWeights();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(namesOf(files)).toEqual(["diffusion-mnist-6-steps.safetensors"]);
    const { values, config, facts } = decoded(files);
    expect(values).not.toEqual(networkValues(smallConfig(), 0));
    expect(config).toEqual(smallConfig({ epochs: 2, previewEvery: 0 }));
    const [, lastEpoch] = worker.allOf("epoch").map((e) => e.epoch);
    expect(lastEpoch?.epoch).toBe(2);
    expect(facts).toEqual({
      trainedSteps: 6,
      isAverage: false,
      dataset: "first",
      startedFrom: null,
      // Without numbers that JSON does not have, where no image fell.
      lastEpoch: JSON.parse(JSON.stringify(lastEpoch)),
    });
  });

  it("are saved in the middle of an epoch, and training goes on", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    const { facts } = decoded(await worker.saveWeights());
    const from = worker.events.length;
    await worker.event("steps", () => true, from);
    expect(facts.trainedSteps).toBeGreaterThan(0);
    expect(facts.trainedSteps).toBeLessThanOrEqual(worker.stepsOf("run", from)[0] ?? 0);
  });

  it("have no epoch before the end of the first", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    await worker.stop("run");
    expect(decoded(await worker.saveWeights()).facts).toMatchObject({ lastEpoch: null });
  });

  it("of half precision are half as large, and say so in their name", async () => {
    const worker = await afterRun();
    const whole = await worker.saveWeights({ format: "float32" });
    const half = await worker.saveWeights({ format: "float16" });
    expect(namesOf(half)).toEqual(["diffusion-mnist-3-steps-float16.safetensors"]);
    const { values } = decoded(whole);
    const sizes = [whole, half].map(([file]) => file?.bytes.length ?? 0) as [number, number];
    expect(sizes[0] - sizes[1]).toBeGreaterThan(values.length * 1.9);
    expect(relativeError(decoded(half).values, values)).toBeLessThan(2 ** -11);
    expect(decoded(half).facts).toEqual(decoded(whole).facts);
  });

  it("are saved for TensorFlow.js as two files, the first of which names the second", async () => {
    const worker = await afterRun();
    const { numTensors } = tf.memory();
    const files = await worker.saveWeights({ format: "tfjs" });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(namesOf(files)).toEqual([
      "diffusion-mnist-3-steps.model.json",
      "diffusion-mnist-3-steps.model.weights.bin",
    ]);
    const { weightsManifest, userDefinedMetadata } = JSON.parse(
      new TextDecoder().decode(files[0]?.bytes),
    );
    const ours = decoded(await worker.saveWeights());
    expect(userDefinedMetadata).toEqual({ config: ours.config, training: ours.facts });
    expect(weightsManifest[0].paths).toEqual([files[1]?.fileName]);
    // In our own order and layout, one after the other.
    const stored = files[1]?.bytes ?? new Uint8Array();
    expect(new Float32Array(stored.slice().buffer)).toEqual(ours.values);
  });

  it("are the moving average or those of the last step, where it keeps an average", async () => {
    const worker = await afterRun(AVERAGED);
    const ema = await worker.saveWeights({ weights: "ema" });
    const raw = await worker.saveWeights({ weights: "raw" });
    expect(namesOf(ema)).toEqual(["diffusion-mnist-3-steps.safetensors"]);
    expect(namesOf(raw)).toEqual(["diffusion-mnist-3-steps-latest.safetensors"]);
    expect(decoded(ema).values).not.toEqual(decoded(raw).values);
    expect(decoded(ema).facts.isAverage).toBe(true);
    expect(decoded(raw).facts.isAverage).toBe(false);
    const half = await worker.saveWeights({ weights: "raw", format: "float16" });
    expect(namesOf(half)).toEqual(["diffusion-mnist-3-steps-latest-float16.safetensors"]);
  });

  it("are the same, under the same name, where it keeps none", async () => {
    const worker = await afterRun();
    const [ema] = await worker.saveWeights({ weights: "ema" });
    const [raw] = await worker.saveWeights({ weights: "raw" });
    expect(raw).toEqual(ema);
  });
});

describe("the weights of a loaded file", () => {
  it("are saved as they came, with the steps they had", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(fileOf(ourBytes()));
    const files = await worker.saveWeights();
    expect(namesOf(files)).toEqual(["diffusion-mnist-12-steps.safetensors"]);
    const { values, facts } = decoded(files);
    expect(values).toEqual(networkValues(smallConfig()));
    expect(facts).toMatchObject({ trainedSteps: 12, startedFrom: "digits.safetensors" });
  });

  it("keep the settings they were trained with, whatever the page's are meanwhile", async () => {
    const worker = await readyWorker();
    const trained = smallConfig({ objective: "noise", learningRate: 5e-3, epochs: 7 });
    await worker.loadWeights(fileOf(ourBytes({ config: trained })));
    const page = smallConfig({ objective: "v", learningRate: 1e-4, dim: 8, ddimEta: 0.5 });
    const { config } = decoded(await worker.saveWeights({}, page));
    expect(config).toEqual({ ...trained, ddimEta: 0.5 });
  });

  it("that are an average stay one", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(fileOf(ourBytes({ facts: { ...FACTS, isAverage: true } })));
    expect(decoded(await worker.saveWeights()).facts).toMatchObject({
      isAverage: true,
      dataset: "MNIST",
    });
  });

  it("that were trained on count the steps before as well, and name the file", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(fileOf(ourBytes()));
    worker.train("run", { epochs: 1 });
    await worker.status("run", "finished");
    const files = await worker.saveWeights();
    expect(namesOf(files)).toEqual(["diffusion-mnist-15-steps.safetensors"]);
    expect(decoded(files).facts).toMatchObject({
      trainedSteps: 15,
      startedFrom: "digits.safetensors",
      dataset: "first",
      lastEpoch: { epoch: 1, step: 3 },
    });
  });

  it("claim no number of steps when the file does not tell any", async () => {
    const worker = await readyWorker();
    await worker.loadWeights(fileOf(ourBytes({ facts: { ...FACTS, trainedSteps: null } })));
    expect(namesOf(await worker.saveWeights())).toEqual(["diffusion-mnist.safetensors"]);
    worker.train("run", { epochs: 1 });
    await worker.status("run", "finished");
    const files = await worker.saveWeights();
    expect(namesOf(files)).toEqual(["diffusion-mnist.safetensors"]);
    expect(decoded(files).facts.trainedSteps).toBeNull();
  });
});

describe("weights that cannot be saved", () => {
  it("because nothing is trained are not, with the reason", async () => {
    const worker = await readyWorker();
    const request = { weights: "ema", format: "float32" } as const;
    worker.handle({ type: "saveWeights", requestId: "saving", request, config: smallConfig() });
    const { message } = await worker.event("requestFailed");
    expect(message).toBe("There is no trained network to save: train one first, or load one.");
  });

  it("because float16 has no such numbers are told so, and saved as float32", async () => {
    const worker = await readyWorker();
    const values = networkValues(smallConfig());
    values[0] = 1e6;
    await worker.loadWeights(fileOf(ourBytes({ values })));
    const request = { weights: "ema", format: "float16" } as const;
    worker.handle({ type: "saveWeights", requestId: "saving", request, config: smallConfig() });
    expect((await worker.event("requestFailed")).message).toContain("Save it as float32");
    expect(decoded(await worker.saveWeights()).values).toEqual(values);
  });
});
