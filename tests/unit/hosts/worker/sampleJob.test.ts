import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { SampleJob } from "../../../../src/hosts/worker/sampleJob.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { untrainedNetwork } from "../../../../src/runtime/run/network.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { FAST, startOnScriptedGpu } from "../../scriptedGpu.ts";

// What is kept of 25,000 digits, which would take half a minute to draw, here of a dozen.
vi.mock("../../../../src/engine/config/sampling.ts", async (original) => ({
  ...(await original<object>()),
  frameStride: (numSteps: number, count: number) => Math.ceil((numSteps * count) / 12),
}));

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
  return newJob(of);
}

function newJob(
  of: Denoiser,
  options: { timesteps?: number; givesX0?: boolean; backend?: "wasm" | "webgpu" } = {},
) {
  const { timesteps = 3, givesX0 = false, backend = "wasm" } = options;
  onTestFinished(() => void vi.restoreAllMocks());
  const events: WorkerEvent[] = [];
  const transfers: Transferable[] = [];
  const job = new SampleJob({
    request: {
      sampleId: "digits",
      count: 2,
      sampler: { kind: "ddim", timesteps, eta: 0 },
      seed: 0,
      network: { kind: "current" },
      weights: "ema",
      start: { kind: "noise" },
      condition: null,
      givesX0,
    },
    network: {
      ...untrainedNetwork(smallConfig()),
      denoiser: () => ({ ...of, values: tf.clone(of.values) }),
    },
    dataset: null,
    backend,
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
    const { job, events } = startedJob({ ...denoiser, network: { ...denoiser.network, forward } });
    await job.advance(1000);
    expect(job.isDone).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "sampleFailed", message: "Out of memory." });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe("a sample job of a graphics card, of many digits in many steps", () => {
  const framesOf = async (givesX0: boolean) => {
    const { job, events } = await jobOnCard(givesX0);
    while (!job.isDone) {
      if (job.isFullyQueued) await new Promise(setImmediate);
      else await job.advance(1000);
    }
    return events.flatMap((event) => (event.type === "sampleFrame" ? [event.index] : []));
  };

  it("reads the frames that are kept", async () => {
    expect(await framesOf(false)).toEqual([0, 4, 8, 12, 16, 20, 24]);
  });

  it("reads all where the page tells how much each step changes", async () => {
    expect(await framesOf(true)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });
});

async function jobOnCard(givesX0: boolean) {
  await startOnScriptedGpu(FAST);
  return newJob(denoiserOf(smallConfig(), null), { timesteps: 24, givesX0, backend: "webgpu" });
}
