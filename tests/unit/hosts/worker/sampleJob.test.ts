import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { SampleJob } from "../../../../src/hosts/worker/sampleJob.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { untrainedNetwork } from "../../../../src/runtime/run/network.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(smallConfig(), null);
});

/** A generation of 3 steps, under a clock that goes on by 10 ms whenever it is read. */
function startedJob(of = denoiser) {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += 10;
    return nowMs;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const events: WorkerEvent[] = [];
  const transfers: Transferable[] = [];
  const job = new SampleJob({
    request: {
      sampleId: "digits",
      count: 2,
      sampler: { kind: "ddim", timesteps: 3, eta: 0 },
      seed: 0,
      network: { kind: "current" },
      weights: "ema",
      start: { kind: "noise" },
      condition: null,
      givesX0: false,
    },
    network: {
      ...untrainedNetwork(smallConfig()),
      denoiser: () => ({ ...of, values: tf.clone(of.values) }),
    },
    dataset: null,
    backend: "wasm",
    maxChunk: null,
    post: (event, transfer = []) => {
      events.push(event);
      transfers.push(...transfer);
    },
  });
  return { job, events, transfers };
}

describe("a sample job", () => {
  it("makes at least one frame a slice, and as many as fit", async () => {
    const { job, events } = startedJob();
    const numFrames = () => events.filter((e) => e.type === "sampleFrame").length;
    await job.advance(0);
    expect(numFrames()).toBe(1);
    await job.advance(15);
    expect(numFrames()).toBe(3);
    expect(job.isDone).toBe(false);
    await job.advance(1000);
    expect(numFrames()).toBe(4);
    expect(job.isDone).toBe(true);
  });

  it("hands the pixels over without a copy", async () => {
    const { job, events, transfers } = startedJob();
    await job.advance(1000);
    const buffers = events.flatMap((e) => (e.type === "sampleFrame" ? [e.pixels.buffer] : []));
    expect(transfers).toEqual(buffers);
    expect(new Set(buffers).size).toBe(4);
  });

  it("counts only the time it spends itself", async () => {
    const { job, events } = startedJob();
    while (!job.isDone) {
      await job.advance(0);
      for (let i = 0; i < 100; i++) performance.now(); // A second of training.
    }
    const done = events.find((e) => e.type === "sampleDone");
    expect(done?.elapsedMs).toBeGreaterThan(0);
    expect(done?.elapsedMs).toBeLessThan(200);
  });

  it("that fails says why, and leaves no tensor", async () => {
    const { numTensors } = tf.memory();
    const forward = () => {
      throw new Error("Out of memory.");
    };
    const { job, events } = startedJob({ ...denoiser, unet: { ...denoiser.unet, forward } });
    await job.advance(1000);
    expect(job.isDone).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "sampleFailed", message: "Out of memory." });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
