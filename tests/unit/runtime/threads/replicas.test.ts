import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { OutOfMemoryError } from "../../../../src/engine/ops/outOfMemory.ts";
import { shardGradient } from "../../../../src/engine/train/batchGradient.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { partLosses } from "../../../../src/engine/train/validation.ts";
import { Replicas, type ReplicaThread } from "../../../../src/runtime/threads/replicas.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { threadBeside } from "../../hosts/worker/threadBeside.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const config = smallConfig();
const shard = () => ({
  x0: new Float32Array(2 * 784).fill(0.5),
  labels: null,
  start: 2,
  numImages: 4,
  step: 1,
  microBatchSize: 2,
});
const part = () => ({
  x0: new Float32Array(784).fill(-1),
  labels: null,
  noiseKeys: [{ seed: 0, stream: "validationNoise", index: 3 } as const],
  timesteps: Int32Array.of(7),
});

async function startedReplica(thread: ReplicaThread = threadBeside()) {
  const [replica] = await new Replicas(2, () => thread).start();
  if (!replica) throw new Error("There is no replica.");
  return replica;
}

describe("a replica", () => {
  it("computes with the weights it was given last what this thread would", async () => {
    const replica = await startedReplica();
    const denoiser = denoiserOf(config, null);
    const values = Float32Array.from(await denoiser.values.data());
    replica.setWeights(config, { values: new Float32Array(values.length), teacher: null });
    replica.setWeights(config, { values, teacher: null });
    // Asked for together, answered in order.
    const [gradient, losses] = await Promise.all([
      replica.gradient(shard()),
      replica.losses(part()),
    ]);
    expect(gradient).toEqual(await shardGradient(config, denoiser, shard()));
    expect(losses).toEqual(await partLosses(denoiser, part()));
    // Still the caller's.
    expect(values.length).toBe(denoiser.values.size);
    denoiser.values.dispose();
  });

  it("holds one set of weights, whatever it was asked for", async () => {
    const replica = await startedReplica();
    const values = await denoiserValues();
    replica.setWeights(config, { values, teacher: null });
    await replica.losses(part());
    const before = tf.memory().numTensors;
    replica.setWeights(config, { values, teacher: null });
    await replica.gradient(shard());
    replica.setWeights(config, { values, teacher: null });
    await replica.losses(part());
    expect(tf.memory().numTensors).toBe(before);
  });

  it("says what it lacks", async () => {
    const replica = await startedReplica();
    await expect(replica.losses(part())).rejects.toThrow(
      "A replica needs weights before it is asked for anything.",
    );
  });

  it("has failed for good when it has failed once, with all that was asked of it", async () => {
    const thread = threadBeside();
    const replica = await startedReplica(thread);
    replica.setWeights(config, { values: await denoiserValues(), teacher: null });
    const asked = [replica.gradient(shard()), replica.losses(part())];
    thread.onReply({
      type: "failed",
      message: "It broke.",
      details: "at some place",
      isOutOfMemory: false,
    });
    for (const promise of asked) {
      await expect(promise).rejects.toMatchObject({ message: "It broke.", stack: "at some place" });
    }
    await expect(replica.gradient(shard())).rejects.toThrow("It broke.");
  });

  it("lacks memory as this thread would", async () => {
    const thread = threadBeside();
    const replica = await startedReplica(thread);
    const asked = replica.losses(part());
    thread.onReply({
      type: "failed",
      message: "No room.",
      details: "at some place",
      isOutOfMemory: true,
    });
    await expect(asked).rejects.toThrow(OutOfMemoryError);
  });
});

describe("replicas", () => {
  it("are ended when they are no longer needed, and when others are started", async () => {
    const threads: ReplicaThread[] = [];
    const replicas = new Replicas(2, () => {
      const thread = Object.assign(threadBeside(), { end: vi.fn() });
      threads.push(thread);
      return thread;
    });
    const numEnds = () => threads.map(({ end }) => vi.mocked(end).mock.calls.length);
    expect(await replicas.start()).toHaveLength(1);
    expect(await replicas.start()).toHaveLength(1);
    expect(numEnds()).toEqual([1, 0]);
    replicas.end();
    replicas.end();
    expect(numEnds()).toEqual([1, 1]);
  });

  it("are fewer where one does not start, which is ended, and tried again the next time", async () => {
    let numStarted = 0;
    const ends: ReplicaThread["end"][] = [];
    const replicas = new Replicas(6, () => {
      const isBroken = numStarted++ === 1;
      const thread = threadBeside(async () => {
        if (isBroken) throw new Error("There is no WebAssembly.");
      });
      ends.push(vi.spyOn(thread, "end"));
      return thread;
    });
    expect(await replicas.start()).toHaveLength(1);
    expect(ends.map((end) => vi.mocked(end).mock.calls.length)).toEqual([0, 1]);
    expect(await replicas.start()).toHaveLength(2);
  });

  it("are as many as are asked for, but no more than the machine has processors, or four", async () => {
    const count = async (numLogical: number, asked?: number) =>
      1 + (await new Replicas(numLogical, () => threadBeside()).start(asked)).length;
    expect([await count(8), await count(8, 6), await count(8, 4096)]).toEqual([4, 6, 8]);
    expect([await count(1), await count(1, 3), await count(1, 4096)]).toEqual([1, 3, 4]);
  });

  it("are none where a thread cannot even be made", async () => {
    const replicas = new Replicas(2, () => {
      throw new Error("Workers start no workers here.");
    });
    expect(await replicas.start()).toEqual([]);
    expect(replicas.numThreads).toBe(2);
  });
});

async function denoiserValues(): Promise<Float32Array<ArrayBuffer>> {
  const { values } = denoiserOf(config, null);
  const read = Float32Array.from(await values.data());
  values.dispose();
  return read;
}
