import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { inPrecision } from "../../../../../src/engine/ops/precision.ts";
import { type Program, run, runKept } from "../../../../../src/engine/ops/webgpu/program.ts";
import { CARD, SOFTWARE, setTuning } from "../../../../../src/engine/ops/webgpu/tuning.ts";
import { watchDispatches } from "../../../../../src/engine/ops/webgpu/work.ts";
import { type Dispatch, dispatchOf } from "../../../../bench/dispatch.ts";
import { startOnFakeGpu } from "../../../fakeGpu.ts";

let gpu: Awaited<ReturnType<typeof startOnFakeGpu>>;
let backend: WebGPUBackend;

beforeAll(async () => {
  gpu = await startOnFakeGpu();
  ({ backend } = gpu);
});

const compose = vi.fn((x: TensorInfo, factor: number): Program => {
  const size = tf.util.sizeFromShape(x.shape);
  return {
    name: "scaled",
    variant: String(factor),
    inputs: { x: [x, 4] },
    outputs: { y: [x.shape, 4, "activation"], firsts: [[1], 1] },
    uniforms: { size },
    numInvocations: size / 4,
    work: () => ({ flops: size }),
    code: () => `fn main(index: i32) { y[index] = ${factor} * x[index]; firsts[0] = 1.0; }`,
  };
});

const scaled = (x: TensorInfo, factor = 2) =>
  runKept(backend, { name: "scaled", inputs: { x, unread: undefined }, values: [factor] }, () =>
    compose(x, factor),
  );

beforeEach(() => {
  compose.mockClear();
});

describe("a program that is kept", () => {
  it("is composed once for its shapes and values, and runs each time as any other", () => {
    const dispatches: Dispatch[] = [];
    watchDispatches(backend.device, (facts) => dispatches.push(dispatchOf(facts)));
    const [x, other] = [tf.ones([64, 8]), tf.zeros([64, 8])];
    const [y] = scaled(x);
    const [again, firsts] = scaled(other);
    const { y: plain } = run(backend, compose(x, 2));
    watchDispatches(backend.device, null);
    expect(compose).toHaveBeenCalledTimes(2);
    expect([y?.shape, again?.shape, firsts?.shape]).toEqual([[64, 8], [64, 8], [1]]);
    expect(new Set([y?.dataId, again?.dataId, plain?.dataId]).size).toBe(3);
    expect(dispatches).toHaveLength(3);
    expect(new Set(dispatches.map((dispatch) => JSON.stringify(dispatch))).size).toBe(1);
  });

  it("is another for other shapes, values, tunings, precisions and tensors of halves", () => {
    const x = tf.ones([64, 8]);
    scaled(x);
    scaled(x, 3);
    scaled(tf.ones([32, 16]));
    const [half] = inPrecision("mixed", () => scaled(x));
    scaled(half as TensorInfo);
    for (const tuning of [CARD, SOFTWARE]) {
      setTuning(backend.device, tuning);
      scaled(x);
    }
    setTuning(backend.device, null);
    // One of the two is the adapter's own.
    expect(compose).toHaveBeenCalledTimes(5);
  });

  it("is composed anew when the buffers of uniforms have been destroyed", async () => {
    const x = tf.ones([16, 4]);
    scaled(x);
    gpu.pool.releaseFree();
    const [y] = scaled(x);
    expect(compose).toHaveBeenCalledTimes(2);
    // The device refuses commands on a buffer that was destroyed.
    expect(await backend.read(y?.dataId as object)).toHaveLength(64);
  });
});
