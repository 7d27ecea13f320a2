import "fake-indexeddb/auto";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { CommandOf } from "../../../../src/hosts/worker/protocol.ts";
import { Replicas } from "../../../../src/runtime/threads/replicas.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { CLOCK_STEP_MS, emptyWorker, readyWorker } from "./startedWorker.ts";
import { threadBeside } from "./threadBeside.ts";

type Worker = Awaited<ReturnType<typeof readyWorker>>;

function time(
  worker: Worker | ReturnType<typeof emptyWorker>,
  requestId: string,
  changes: Partial<CommandOf<"timeBatch">> = {},
) {
  const request = { config: smallConfig(), maxMicroBatch: null, ...changes };
  worker.handle({ type: "timeBatch", requestId, ...request });
  const isOf = (event: { requestId: string }) => event.requestId === requestId;
  return {
    batchMs: async () => (await worker.event("batchTimed", isOf)).batchMs,
    progress: () => worker.event("timingProgress", isOf),
    failed: async () => (await worker.event("requestFailed", isOf)).message,
  };
}

describe("a batch that is timed", () => {
  it("takes what its step takes, and it is told how far that is", async () => {
    const worker = await readyWorker();
    expect(await time(worker, "one").batchMs()).toBe(CLOCK_STEP_MS);
    const fractions = worker.allOf("timingProgress").map(({ fraction }) => fraction);
    expect(fractions.length).toBeGreaterThan(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBe(0);
  });

  it.each([
    ["16 images of a large one", { config: smallConfig({ batchSize: 40 }) }, 40 / 16],
    ["a micro-batch where memory is short", { maxMicroBatch: 1 }, 4],
    ["one of those that are accumulated", { config: smallConfig({ gradientAccumulation: 8 }) }, 1],
  ])("is timed by %s", async (_, changes, numSteps) => {
    const worker = await readyWorker();
    expect(await time(worker, "one", changes).batchMs()).toBe(numSteps * CLOCK_STEP_MS);
  });

  it("is larger by as much as there are threads, which end with it", async () => {
    let numThreads = 0;
    const replicas = new Replicas(2, () => {
      numThreads++;
      const thread = threadBeside();
      return Object.assign(thread, { end: () => void numThreads-- });
    });
    const worker = await readyWorker(replicas);
    const large = { config: smallConfig({ batchSize: 40 }) };
    expect(await time(worker, "one", large).batchMs()).toBe((40 / 32) * CLOCK_STEP_MS);
    expect(numThreads).toBe(0);
  });

  it("leaves no tensor, also where it is cancelled, and then has no time", async () => {
    const worker = await readyWorker();
    await time(worker, "warm").batchMs();
    const { numTensors } = tf.memory();
    await time(worker, "one").batchMs();
    await time(worker, "cancelled").progress();
    worker.handle({ type: "cancel", requestId: "cancelled" });
    await time(worker, "last").batchMs();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(worker.allOf("batchTimed").map(({ requestId }) => requestId)).not.toContain("cancelled");
  });

  it("takes the place of an earlier one", async () => {
    const worker = await readyWorker();
    await time(worker, "first").progress();
    await time(worker, "second").batchMs();
    expect(worker.allOf("batchTimed").map(({ requestId }) => requestId)).toEqual(["second"]);
  });

  it("is not timed without a backend", async () => {
    expect(await time(emptyWorker(), "early").failed()).toContain("needs a backend");
  });
});

describe("beside a run", () => {
  it("that trains, nothing is timed before the run has ended", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    const timing = time(worker, "one");
    const before = worker.allOf("steps").length;
    await worker.event("steps", () => worker.allOf("steps").length > before + 2);
    expect(worker.allOf("timingProgress")).toEqual([]);
    await worker.stop("run");
    expect(await timing.batchMs()).toBeGreaterThan(0);
  });

  it("that is paused, a batch is timed, and the run goes on as if nothing had been", async () => {
    const losses = async (isTimed: boolean) => {
      const worker = await readyWorker(new Replicas(2, () => threadBeside()));
      const runId = isTimed ? "timed" : "plain";
      worker.train(runId, { batchSize: 4 });
      await worker.event("steps");
      worker.handle({ type: "pause", runId });
      await worker.status(runId, "paused");
      if (isTimed) await time(worker, "one").batchMs();
      const before = worker.allOf("steps").length;
      worker.handle({ type: "resume", runId });
      await worker.event("steps", () => worker.allOf("steps").length > before);
      await worker.stop(runId);
      return worker.allOf("steps").flatMap(({ steps }) => steps.map(({ loss }) => loss));
    };
    const [plain, timed] = [await losses(false), await losses(true)];
    const count = Math.min(plain.length, timed.length);
    expect(count).toBeGreaterThan(1);
    expect(timed.slice(0, count)).toEqual(plain.slice(0, count));
  });
});
