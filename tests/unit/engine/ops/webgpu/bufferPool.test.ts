import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { mixImages } from "../../../../../src/engine/ops/elementwise.ts";
import { startOnFakeGpu } from "../../../fakeGpu.ts";

type Started = Awaited<ReturnType<typeof startOnFakeGpu>>;

let gpu: Started;
let usage: number;

beforeAll(async () => {
  gpu = await startOnFakeGpu();
  usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
});

beforeEach(() => {
  gpu.pool.releaseFree();
  gpu.pool.budgetBytes = Number.POSITIVE_INFINITY;
  gpu.account.peakBytes = gpu.account.bytes;
});

/** By a program of ours. */
const mixed = (x: tf.Tensor4D) => mixImages([x, x], [x, x]);
const acquired = (...sizes: number[]) => sizes.map((size) => gpu.pool.acquireBuffer(size, usage));
const release = (buffers: readonly GPUBuffer[]) => {
  for (const buffer of buffers) gpu.pool.releaseBuffer(buffer);
};

describe("a free buffer", () => {
  it("is taken for what fills half of it, the smallest that will do", () => {
    const [small, middle, large] = acquired(1000, 1200, 4000) as [GPUBuffer, GPUBuffer, GPUBuffer];
    release([large, small, middle]);
    const taken = acquired(1001, 900, 2000, 1999);
    expect(taken.slice(0, 3)).toEqual([middle, small, large]);
    expect(taken[3]).not.toBe(large);
    expect(gpu.pool.numBytesUsed).toBe(1001 + 900 + 2000 + 1999);
    release(taken);
    expect(gpu.pool.numBytesUsed).toBe(0);
  });

  it("is not taken for another use", () => {
    const [buffer] = acquired(1000);
    release([buffer as GPUBuffer]);
    const uniform = gpu.pool.acquireBuffer(1000, GPUBufferUsage.UNIFORM);
    expect(uniform).not.toBe(buffer);
    release([uniform]);
  });

  it("that is larger than the tensor is bound as far as the tensor goes, to programs of either side", () => {
    release(acquired(4 * 16, 4 * 16));
    const bind = vi.spyOn(gpu.backend.device, "createBindGroup");
    const x = tf.fill<tf.Rank.R4>([10, 1, 1, 1], 1);
    const y = mixed(x);
    const tensors = bind.mock.calls.flatMap(([{ entries }]) =>
      [...entries].map(({ resource }) => resource as GPUBufferBinding).slice(0, -1),
    );
    expect(tensors.map(({ buffer, size }) => [buffer.size, size])).toEqual(
      Array.from({ length: 6 }, () => [64, 40]),
    );
    tf.dispose([x, y]);
    bind.mockRestore();
  });

  it("that is larger than the tensor gives the tensor's values and no more", async () => {
    release(acquired(4 * 16));
    const ten = tf.fill([10], 1);
    expect(await ten.data()).toHaveLength(10);
    expect(await ten.data()).toHaveLength(10);
    ten.dispose();
  });
});

describe("the buffers together", () => {
  it("stay within the budget while what is in use does", () => {
    gpu.pool.budgetBytes = 10_000;
    const before = gpu.account.bytes - gpu.pool.numBytesAllocated;
    release(acquired(1000, 2000, 7000));
    // 3,000 too much: the smallest that is enough goes.
    const used = acquired(3000);
    expect(gpu.pool.numBytesAllocated).toBe(1000 + 2000 + 3000);
    // 2,500 too much: the largest goes, and then what is enough.
    used.push(...acquired(6500));
    expect(gpu.pool.numBytesAllocated).toBe(3000 + 6500);
    expect(gpu.account.peakBytes - before).toBe(10_000);
    // Nothing is free: the device has the last word.
    used.push(...acquired(600));
    expect(gpu.pool.numBytesAllocated).toBe(10_100);
    release(used);
  });

  it("are what the device has, and none of them is left when all free ones are destroyed", () => {
    const before = gpu.account.bytes;
    release(acquired(1000, 2000));
    expect(gpu.account.bytes - before).toBe(3000);
    gpu.pool.releaseFree();
    expect(gpu.account.bytes).toBe(before);
  });

  it("leave no uniforms behind", async () => {
    const y = tf.tidy(() => mixed(tf.fill<tf.Rank.R4>([50, 1, 1, 1], 1)));
    await y.data();
    y.dispose();
    const { numBytesAllocated } = gpu.pool;
    expect(gpu.account.bytes).toBeGreaterThan(numBytesAllocated);
    gpu.pool.releaseFree();
    expect(gpu.account.bytes).toBe(gpu.pool.numBytesAllocated);
  });
});

// The device refuses commands on a buffer that was destroyed before they were submitted.
describe("a buffer that commands not submitted yet read", () => {
  const record = async () => {
    const x = tf.fill<tf.Rank.R4>([64, 1, 1, 1], 1);
    // So that the backend does not keep it for commands of its own.
    await x.data();
    const y = mixed(x);
    // Free at once, since what is recorded later runs later.
    x.dispose();
    return y;
  };

  it("is destroyed after they are submitted, when all free ones are", async () => {
    const y = await record();
    gpu.pool.releaseFree();
    expect(await y.data()).toHaveLength(64);
    y.dispose();
  });

  it("is destroyed after they are submitted, when a new one would pass the budget", async () => {
    const y = await record();
    gpu.pool.budgetBytes = gpu.pool.numBytesAllocated;
    release(acquired(64));
    expect(await y.data()).toHaveLength(64);
    y.dispose();
  });
});
