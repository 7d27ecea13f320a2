import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import type { UnetConfig } from "../../../../src/engine/nn/unetBlocks.ts";
import { registerWasmKernels } from "../../../../src/engine/ops/wasm/register.ts";
import { lossAndGradient } from "../../../../src/engine/train/gradient.ts";
import { microBatchSize, trainingBytes } from "../../../../src/engine/train/memory.ts";
import { MEASURED_NETWORKS } from "../../../measuredNetworks.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

// Memory is what counts: the kernels need not compute.
vi.mock("../../../../src/engine/ops/wasm/module.ts", async (original) => ({
  ...(await original<object>()),
  loadKernels: async () =>
    new Proxy({}, { get: (_, name) => (name === "then" ? undefined : () => {}) }),
}));

describe("the estimate of a training step's memory on WebAssembly", () => {
  beforeAll(async () => {
    await tf.setBackend("wasm");
    await registerWasmKernels();
  });

  it.each(MEASURED_NETWORKS)(
    "is at least the measured peak of a pass, and not twice it: %s",
    async (_, config) => {
      // The slope between two batch sizes: what does not depend on the batch drops out.
      const measured = ((await peakBytes(config, 24)) - (await peakBytes(config, 16))) / 8;
      const ratio = perImage(config, "wasm") / measured;
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(2);
    },
  );
});

describe("the micro-batch", () => {
  it("is the assignment's whole batch of 128 on WebGPU, and half of it on WebAssembly", () => {
    const config = presetConfig("assignment");
    expect(microBatchSize(config, config.batchSize, "webgpu")).toBe(128);
    expect(trainingBytes(config, 128, "webgpu")).toBeLessThanOrEqual(1.5e9);
    expect(microBatchSize(config, config.batchSize, "wasm")).toBe(64);
  });

  it("keeps every tensor within what a buffer of the device may have", () => {
    const config = presetConfig("assignment");
    // Of tiled linear attention's gradient, of one image: 28 x 28 x 128 floats.
    const maxTensorBytes = 32 * 2 ** 20;
    const size = microBatchSize(config, config.batchSize, "webgpu", { maxTensorBytes });
    expect(size).toBe(64);
    expect(size * 28 * 28 * 128 * 4).toBeLessThanOrEqual(maxTensorBytes);
  });

  it("is larger in mixed precision", () => {
    const sizeIn = (precision: "float32" | "mixed") =>
      microBatchSize({ ...presetConfig("assignment"), precision }, 224, "webgpu");
    expect(sizeIn("float32")).toBe(112);
    expect(sizeIn("mixed")).toBe(224);
  });

  it("is the whole batch where that fits, and one image where nothing does", () => {
    const config = presetConfig("tiny");
    expect(microBatchSize(config, 8, "wasm", { budgetBytes: 1e9 })).toBe(8);
    expect(microBatchSize(config, 8, "wasm", { budgetBytes: 1 })).toBe(1);
  });

  it("cuts a batch into equal parts, if need be into more than the budget asks for", () => {
    const config = presetConfig("quick");
    const budgetBytes = trainingBytes(config, 44, "wasm");
    expect(microBatchSize(config, 128, "wasm", { budgetBytes })).toBe(32);
  });

  it("keeps a batch of a prime size in few parts", () => {
    const config = presetConfig("quick");
    const budgetBytes = trainingBytes(config, 44, "wasm");
    expect(microBatchSize(config, 127, "wasm", { budgetBytes })).toBe(43);
  });
});

function perImage(unet: UnetConfig, backend: "webgpu" | "wasm"): number {
  const config = { ...presetConfig("tiny"), ...unet };
  return trainingBytes(config, 1, backend) - trainingBytes(config, 0, backend);
}

async function peakBytes(config: UnetConfig, numImages: number): Promise<number> {
  const network = createUnet(config);
  const values = tf.zeros<tf.Rank.R1>([totalElements(network.parameters)]);
  const images = (): tf.Tensor4D => tf.zeros([numImages, 28, 28, 1]);
  const batch = { x0: images(), eps: images(), timesteps: new Int32Array(numImages).fill(500) };
  const denoiser = { network, values, schedule: sigmoidSchedule(1000) };
  const profile = await tf.profile(() => {
    const { loss, gradient } = lossAndGradient(denoiser, batch);
    gradient.dispose();
    return loss;
  });
  tf.dispose([values, batch.x0, batch.eps]);
  return profile.peakBytes;
}
