import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { batchGradient, parallelGradient } from "../../../../src/engine/train/batchGradient.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { Replica } from "../../../../src/engine/train/replica.ts";
import { replicaHere } from "./replicaHere.ts";
import { noiseImages, smallConfig, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const broken: Replica = {
  setWeights: () => {},
  gradient: () => Promise.reject(new Error("The thread is gone.")),
  losses: () => Promise.reject(new Error("The thread is gone.")),
};

function batchOf(numImages: number, { microBatchSize = numImages, hasLabels = false } = {}) {
  const { images, labels } = noiseImages(numImages);
  const indices = Uint32Array.from({ length: numImages }, (_, i) => numImages - 1 - i);
  return { images, labels: hasLabels ? labels : null, indices, step: 3, microBatchSize };
}

/** The same batch by one thread, cut as the threads cut it, and by several. */
async function bothWays(changes: Partial<RunConfig>, numImages: number, replicas: Replica[]) {
  const config = smallConfig(changes);
  const denoiser = denoiserOf(config, null);
  const hasLabels = config.classes > 0;
  const perThread = Math.ceil(numImages / (1 + replicas.length));
  const alone = batchGradient(
    config,
    denoiser,
    batchOf(numImages, { microBatchSize: perThread, hasLabels }),
  );
  const together = await parallelGradient(
    config,
    denoiser,
    batchOf(numImages, { hasLabels }),
    replicas,
  );
  const read = async ({ loss, gradient }: typeof alone) => {
    const values = { loss: (await loss.data())[0], gradient: await gradient.data() };
    tf.dispose([loss, gradient]);
    return values;
  };
  const both = { alone: await read(alone), together: await read(together) };
  denoiser.values.dispose();
  return both;
}

describe("a gradient by several threads", () => {
  it.each<[string, Partial<RunConfig>, number, number]>([
    ["of two threads", {}, 4, 1],
    ["of three threads and a last shard that is smaller", {}, 5, 2],
    ["with noise that is offset", { offsetNoise: 0.5 }, 4, 1],
    ["with dropout", { dropout: 0.5 }, 4, 1],
    ["with self-conditioning", { selfCondition: true, seed: 1 }, 4, 1],
    ["with labels", { classes: 10, labelDropout: 0.4 }, 7, 1],
  ])("is that of one thread to the last bit: %s", async (_, changes, numImages, numReplicas) => {
    const replicas = Array.from({ length: numReplicas }, replicaHere);
    const { alone, together } = await bothWays(changes, numImages, replicas);
    expect(together).toEqual(alone);
    for (const { shards } of replicas) expect(shards).toHaveLength(1);
  });

  it.each<[string, Partial<RunConfig>]>([
    ["with dropout", { dropout: 0.5 }],
    [
      "with self-conditioning, labels and offset noise",
      { selfCondition: true, classes: 10, seed: 1, offsetNoise: 0.5 },
    ],
  ])(
    "differs from that of one thread in one pass by its last bits alone: %s",
    async (_, changes) => {
      const config = smallConfig(changes);
      const denoiser = denoiserOf(config, null);
      const batch = batchOf(6, { hasLabels: config.classes > 0 });
      const gradients = [
        batchGradient(config, denoiser, batch),
        await parallelGradient(config, denoiser, batch, [replicaHere()]),
        await parallelGradient(config, denoiser, batch, [replicaHere(), replicaHere()]),
      ];
      const [alone, ...others] = await Promise.all(
        gradients.map(({ gradient }) => gradient.data()),
      );
      const size = Math.hypot(...(alone ?? []));
      for (const other of others) {
        const difference = Math.hypot(...other.map((value, i) => value - (alone?.[i] ?? 0)));
        expect(difference / size).toBeLessThan(1e-5);
      }
      tf.dispose([gradients.map(Object.values), denoiser.values]);
    },
  );

  it("asks nothing of threads that there are no images for", async () => {
    const replicas = Array.from({ length: 3 }, replicaHere);
    await bothWays({}, 2, replicas);
    expect(replicas.map(({ shards }) => shards.length)).toEqual([1, 0, 0]);
  });

  it("makes passes as small as memory asks for in every thread", async () => {
    const replica = replicaHere();
    const config = smallConfig();
    const denoiser = denoiserOf(config, null);
    const { loss, gradient } = await parallelGradient(
      config,
      denoiser,
      batchOf(8, { microBatchSize: 2 }),
      [replica],
    );
    expect(replica.shards.map(({ start, microBatchSize }) => [start, microBatchSize])).toEqual([
      [4, 2],
    ]);
    tf.dispose([loss, gradient, denoiser.values]);
  });

  it("fails with a thread that fails", async () => {
    const config = smallConfig();
    const denoiser = denoiserOf(config, null);
    const gradient = parallelGradient(config, denoiser, batchOf(4), [broken]);
    await expect(gradient).rejects.toThrow("The thread is gone.");
  });
});

describe("a session with replicas", () => {
  it("tells the losses of one without, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const alone = smallSession({}, { microBatchSize: 2 });
    const together = smallSession({}, { replicas: [replicaHere()] });
    const expected = await takeSteps(alone.run());
    const steps = await takeSteps(together.run());
    expect(steps).toHaveLength(2);
    steps.forEach(({ loss, gradNorm }, i) => {
      expect(loss).toBe(expected[i]?.loss);
      expect(gradNorm).toBe(expected[i]?.gradNorm);
    });
    expect(together.lastEpoch?.validationLoss).toBe(alone.lastEpoch?.validationLoss);
    expect(together.lastEpoch?.bucketLosses).toEqual(alone.lastEpoch?.bucketLosses);
    alone.dispose();
    together.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("validates as many images at a time as its threads take together", async () => {
    const numImages: number[] = [];
    const session = smallSession({}, { replicas: [replicaHere()] });
    for await (const report of session.run()) {
      if (report.type === "validationProgress") numImages.push(report.numImages);
    }
    // Two a thread, of three.
    expect(numImages).toEqual([3]);
    session.dispose();
  });

  it("ends with what a thread fails with", async () => {
    const session = smallSession({}, { replicas: [broken] });
    await expect(takeSteps(session.run())).rejects.toThrow("The thread is gone.");
    session.dispose();
  });
});
