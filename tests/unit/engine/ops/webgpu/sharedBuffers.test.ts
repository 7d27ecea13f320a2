import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { linear, linearLayers } from "../../../../../src/engine/ops/linear.ts";
import { joinGradients, splitParameters } from "../../../../../src/engine/ops/parameterVector.ts";
import { valueAndGradients, withGradient } from "../../../../../src/engine/ops/tape.ts";
import { bindingOf } from "../../../../../src/engine/ops/webgpu/commands.ts";
import { compilePrograms } from "../../../../../src/engine/ops/webgpu/compilePrograms.ts";
import { startOnFakeGpu } from "../../../fakeGpu.ts";

let gpu: Awaited<ReturnType<typeof startOnFakeGpu>>;

beforeAll(async () => {
  gpu = await startOnFakeGpu();
});

// What stock programs used is given back when they are submitted.
beforeEach(() => gpu.pool.releaseFree());

const SHAPES = [[3, 50], [1], [64], [2]].map((shape) => ({ shape }));
const bindingsOf = (tensors: readonly tf.Tensor[]) =>
  tensors.map((tensor) => bindingOf(gpu.backend, tensor));
const buffersOf = (tensors: readonly tf.Tensor[]) =>
  new Set(bindingsOf(tensors).map(({ buffer }) => buffer));

describe("the parts of a vector", () => {
  it("are in one buffer, at places that every device allows, and have their own numbers", async () => {
    const parts = tf.tidy(() => splitParameters(SHAPES, tf.fill([217], 1)));
    onTestFinished(() => tf.dispose(parts));
    expect(buffersOf(parts).size).toBe(1);
    expect(bindingsOf(parts).map(({ offset, size }) => [offset, size])).toEqual([
      [0, 600],
      [768, 4],
      [1024, 256],
      [1280, 8],
    ]);
    vi.spyOn(gpu.backend, "getBufferData").mockResolvedValue(
      Float32Array.from({ length: 512 }, (_, i) => i).buffer,
    );
    expect(await parts[1]?.data()).toEqual(Float32Array.of(192));
    expect(await parts[3]?.data()).toEqual(Float32Array.of(320, 321));
    expect(await parts[3]?.data()).toEqual(Float32Array.of(320, 321));
  });

  it("keep their buffer until the last of them is gone", () => {
    const before = gpu.pool.numBytesUsed;
    const parts = tf.tidy(() => splitParameters(SHAPES, tf.fill([217], 1)));
    const during = gpu.pool.numBytesUsed;
    expect(during).toBeGreaterThan(before);
    const copy = tf.reshape(parts[0] as tf.Tensor, [150]);
    tf.dispose(parts);
    expect(gpu.pool.numBytesUsed).toBe(during);
    copy.dispose();
    gpu.pool.releaseFree();
    expect(gpu.pool.numBytesUsed).toBe(before);
  });
});

describe("gradients of parameters", () => {
  const parameters = () => [tf.zeros<tf.Rank.R2>([4, 8]), tf.zeros<tf.Rank.R1>([8])] as const;
  const gradientsOf = (weight: tf.Tensor2D, bias: tf.Tensor1D) => {
    const loss = () => {
      const y = linear(tf.zeros([2, 4]), weight, bias);
      return withGradient<tf.Scalar>([y], () => ({
        value: tf.scalar(0),
        gradient: () => [tf.zeros([2, 8])],
      }));
    };
    return tf.tidy(() => valueAndGradients(loss, [weight, bias]).gradients);
  };

  it("are beside each other as long as one of them is alive, and are joined without copies", () => {
    const before = gpu.pool.numBytesUsed;
    tf.tidy(() => {
      const [weight, bias] = parameters();
      const first = gradientsOf(weight, bias);
      tf.dispose(first[1]);
      const second = gradientsOf(weight, bias);
      const all = [first[0] as tf.Tensor, ...second];
      expect(buffersOf(all).size).toBe(1);
      expect(new Set(bindingsOf(all).map(({ offset }) => offset)).size).toBe(3);
      const bind = vi.spyOn(GPUDevice.prototype, "createBindGroup");
      joinGradients([{ shape: [4, 8] }, { shape: [4, 8] }, { shape: [8] }], all);
      expect(bind).toHaveBeenCalledTimes(1);
    });
    gpu.pool.releaseFree();
    expect(gpu.pool.numBytesUsed).toBe(before);
  });
});

describe("gradients of layers", () => {
  it("need no other program where those that they follow from are in several buffers", async () => {
    const compute = () => {
      tf.tidy(() => {
        const layers = [0, 1].map(() => {
          return { weight: tf.zeros<tf.Rank.R2>([4, 8]), bias: tf.zeros<tf.Rank.R1>([8]) };
        });
        const x = tf.zeros<tf.Rank.R2>([2, 4]);
        const loss = () =>
          withGradient<tf.Scalar>(linearLayers(x, layers), () => ({
            value: tf.scalar(0),
            gradient: () => [tf.zeros([2, 8]), tf.ones([2, 8])],
          }));
        valueAndGradients(loss, [x, ...layers.flatMap(({ weight, bias }) => [weight, bias])]);
      });
    };
    await compilePrograms(gpu.backend, compute, () => {});
    const compiledLate = vi.spyOn(GPUDevice.prototype, "createComputePipeline");
    compute();
    expect(compiledLate).not.toHaveBeenCalled();
  });
});
