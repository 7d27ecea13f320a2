import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import type { UnetConfig } from "../../../../src/engine/nn/unetBlocks.ts";
import type { Precision } from "../../../../src/engine/ops/precision.ts";
import { trainingBytes } from "../../../../src/engine/train/memory.ts";
import { TrainingSession } from "../../../../src/engine/train/session.ts";
import { MEASURED_NETWORKS } from "../../../measuredNetworks.ts";
import { startOnFakeGpu } from "../../fakeGpu.ts";
import { takeSteps } from "./smallRun.ts";

let gpu: Awaited<ReturnType<typeof startOnFakeGpu>>;

beforeAll(async () => {
  gpu = await startOnFakeGpu();
  gpu.pool.budgetBytes = Number.POSITIVE_INFINITY;
});

const blackImages = (count: number) => ({
  images: new Uint8Array(count * 784),
  labels: new Uint8Array(count),
  count,
});

/** The steps of a session that has the device for itself. */
function stepsOf(config: UnetConfig & { precision?: Precision }, numImages: number) {
  gpu.pool.releaseFree();
  const session = new TrainingSession({
    config: {
      ...presetConfig("tiny"),
      ...config,
      batchSize: numImages,
      epochs: 1,
      validateEvery: 0,
    },
    // More steps than are taken: the last of an epoch also reads the weights.
    dataset: { train: blackImages(8 * numImages), validation: blackImages(1) },
    microBatchSize: numImages,
    validationChunkSize: 1,
    stepsAhead: 1,
    start: {
      from: "weights",
      values: new Float32Array(totalElements(createUnet(config).parameters)),
    },
  });
  onTestFinished(() => session.dispose());
  return session.run();
}

describe.each(["float32", "mixed"] as const)(
  "in %s, the estimate of a training step's memory",
  (precision) => {
    it.each(MEASURED_NETWORKS)(
      "is at least what the device allocates for two, and at most 1.2 times that: %s",
      async (_, network) => {
        const config = { ...network, precision };
        await takeSteps(stepsOf(config, 128), 2);
        const settings = { ...presetConfig("tiny"), ...config };
        const ratio = trainingBytes(settings, 128, "webgpu") / gpu.account.bytes;
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(ratio).toBeLessThan(1.2);
      },
    );
  },
);

describe("a training step", () => {
  it("of Assignment with 128 images takes 0.93 GB", async () => {
    await takeSteps(stepsOf(presetConfig("assignment"), 128), 3);
    expect(gpu.account.bytes).toBeLessThan(0.94e9);
  });

  it("from the fourth on has no buffers made", async () => {
    const steps = stepsOf(presetConfig("laptop"), 64);
    await takeSteps(steps, 3);
    gpu.account.numCreated = 0;
    await takeSteps(steps, 2);
    expect(gpu.account.numCreated).toBe(0);
  });
});
