import "fake-indexeddb/auto";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it, vi } from "vitest";
import { Replicas, type ReplicaThread } from "../../../../src/runtime/threads/replicas.ts";
import { keptCheckpoint, keptRecords } from "../../runtime/storage/browserStorage.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";
import { threadBeside } from "./threadBeside.ts";

/** One replica at a time, all that were ever started, and those that were ended. */
function watchedReplicas() {
  const threads: ReplicaThread[] = [];
  const ended: ReplicaThread[] = [];
  const replicas = new Replicas(2, () => {
    const thread = threadBeside();
    threads.push(thread);
    thread.end = () => ended.push(thread);
    return thread;
  });
  return { threads, ended, replicas };
}

/** The replicas of a worker on a machine of so many logical processors. */
const replicasOf = (numLogical: number) => new Replicas(numLogical, () => threadBeside());

const broken = { type: "failed", details: "at some place" } as const;

describe("a worker with replicas", () => {
  it("names its threads with the backend", async () => {
    const worker = emptyWorker(watchedReplicas().replicas);
    worker.handle({ type: "init", backend: "wasm" });
    const { report } = await worker.event("backendReady");
    expect(report.device).toMatch(/, 2 threads$/);
  });

  it("starts them with a run, which takes a part of each batch on each, and ends them with it", async () => {
    const { threads, ended, replicas } = watchedReplicas();
    const worker = await readyWorker(replicas);
    expect(threads).toHaveLength(0);
    worker.train("first", { batchSize: 4 });
    const started = await worker.event("runStarted");
    expect(started).toMatchObject({ numThreads: 2, microBatchSize: 2 });
    await worker.event("steps");
    await worker.stop("first");
    await vi.waitFor(() => expect(ended).toEqual(threads));
    worker.train("second");
    await worker.status("second", "training");
    expect(threads).toHaveLength(2);
    expect(ended).toHaveLength(1);
  });

  it("goes on with as many threads as the run had, to the same bits, on a machine of more or fewer cores", async () => {
    const settings = {
      epochs: 2,
      batchSize: 5,
      dropout: 0.2,
      previewEvery: 0,
      checkpointMinutes: 0,
    };
    const straight = await readyWorker(replicasOf(6));
    straight.train("straight", settings);
    await straight.status("straight", "finished");
    const { step = 0 } = straight.allOf("checkpointSaved").at(-1) ?? {};

    const first = await readyWorker(replicasOf(6));
    first.train("parted", settings);
    await first.event("steps");
    await first.stop("parted");
    for (const numLogical of [1, 8]) {
      const next = await readyWorker(replicasOf(numLogical));
      const command = { type: "continueRun", runId: "parted", learningRateFactor: 1 } as const;
      next.handle({ ...command, maxMicroBatch: null });
      const started = await next.event("runStarted");
      expect(started.numThreads).toBe(3);
      expect(next.allOf("fewerThreads")).toEqual([]);
      if (numLogical === 1) {
        await next.event("steps");
        await next.stop("parted");
      } else await next.status("parted", "finished");
    }
    const records = await keptRecords();
    expect(records.find(({ runId }) => runId === "parted")?.device).toMatch(/, 3 threads$/);
    expect(await keptCheckpoint("parted", step)).toEqual(await keptCheckpoint("straight", step));
  });

  it("says where it goes on with fewer threads than the run had", async () => {
    const first = await readyWorker(replicasOf(8));
    first.train("many", { batchSize: 5 });
    await first.event("steps");
    await first.stop("many");
    let numStarted = 0;
    const short = new Replicas(8, () =>
      threadBeside(async () => {
        if (++numStarted > 1) throw new Error("There is no memory for it.");
      }),
    );
    const next = await readyWorker(short);
    const command = { type: "continueRun", runId: "many", learningRateFactor: 1 } as const;
    next.handle({ ...command, maxMicroBatch: null });
    const told = await next.event("fewerThreads");
    expect(told).toMatchObject({ runId: "many", numThreads: 2, numBefore: 4 });
    await next.event("steps");
    await next.stop("many");
    const records = await keptRecords();
    expect(records.find(({ runId }) => runId === "many")?.device).toMatch(/, 2 threads$/);
  });

  it("ends the run whose replica breaks down, says why, and starts another with the next run", async () => {
    const { threads, replicas } = watchedReplicas();
    const worker = await readyWorker(replicas);
    worker.train("first");
    await worker.event("steps");
    threads[0]?.onReply({ ...broken, message: "The roof came down.", isOutOfMemory: false });
    const failed = await worker.event("runFailed");
    expect(failed).toMatchObject({ message: "The roof came down.", details: "at some place" });
    worker.train("second");
    await worker.status("second", "training");
    expect(threads).toHaveLength(2);
  });

  it("ends them where the run cannot begin", async () => {
    const { threads, ended, replicas } = watchedReplicas();
    const worker = await readyWorker(replicas);
    const backend = tf.backend() as { device?: { limits: Partial<GPUSupportedLimits> } };
    backend.device = { limits: { maxStorageBufferBindingSize: 4 } };
    worker.train("first");
    await worker.event("runFailed");
    delete backend.device;
    expect(threads).toHaveLength(1);
    expect(ended).toEqual(threads);
  });

  it("tells the page where a replica lacks memory", async () => {
    const { threads, replicas } = watchedReplicas();
    const worker = await readyWorker(replicas);
    worker.train("first");
    await worker.event("steps");
    threads[0]?.onReply({ ...broken, message: "No room.", isOutOfMemory: true });
    const fault = await worker.event("fault");
    expect(fault).toMatchObject({ cause: "outOfMemory", message: "No room." });
  });
});
