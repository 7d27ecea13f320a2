/** One more entry in a table is all that one more way to train takes. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { bucketWords } from "../../src/app/shared/charts/series/bucketRows.ts";
import { isUsed, type RunConfig } from "../../src/engine/config/hyperparameters.ts";
import { LOSS_WEIGHTS } from "../../src/engine/diffusion/objectives.ts";
import { createSchedule } from "../../src/engine/diffusion/schedule.ts";
import { TIMESTEP_SAMPLINGS } from "../../src/engine/diffusion/timestepSamplings.ts";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { DECAYS } from "../../src/engine/optim/decays.ts";
import { OPTIMIZERS } from "../../src/engine/optim/optimizers.ts";
import { drawsOfStep } from "../../src/engine/train/draws.ts";
import type { TrainingSession } from "../../src/engine/train/session.ts";
import { learningRateAt, OPTIMIZER_STEPS } from "../../src/engine/train/trainState.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runtime/files/checkpointFile.ts";
import { notebookProblem } from "../../src/runtime/files/notebook/python.ts";
import { smallConfig, smallDataset, smallSession, takeSteps } from "./engine/train/smallRun.ts";
import { expectChoice, withEntry } from "./madeEntry.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("one more optimizer", () => {
  const config = smallConfig({ optimizer: "sign" as never, emaDecay: 0.5 });
  withEntry(OPTIMIZERS, "sign", {
    label: "Sign",
    help: "Steps by the sign (Nobody 2026).",
    hyperparameters: ["beta2"],
    state: { last: { prefix: "optimizer.last_sign." } },
  });
  withEntry(OPTIMIZER_STEPS, "sign", (({ values, gradient, state, learningRate }) => {
    const last = tf.sign(gradient);
    const step = tf.mul(tf.add(last, state.last as tf.Tensor1D), learningRate);
    return { values: tf.sub(values, step), state: { last } };
  }) satisfies (typeof OPTIMIZER_STEPS)["adamw"]);

  const session = (options: Parameters<typeof smallSession>[1] = {}) =>
    smallSession(config, { dataset: smallDataset({ numTrain: 12, numValidation: 1 }), ...options });
  const checkpointAfter = async (trained: TrainingSession, numSteps: number) => {
    await takeSteps(trained.run(), numSteps);
    const checkpoint = await trained.checkpoint();
    trained.dispose();
    return checkpoint;
  };

  it("is a choice of the settings", () => {
    expectChoice("optimizer", "sign", "Sign", "Steps by the sign (Nobody 2026).");
  });

  it("has the settings that its entry names, and those of every optimizer", () => {
    const names = ["beta1", "beta2", "muonMomentum", "warmupSteps"] as const;
    const used = (of: RunConfig) => names.filter((name) => isUsed(name, of));
    expect(used(config)).toEqual(["beta2", "warmupSteps"]);
    expect(used({ ...config, optimizer: "adamw" })).toEqual(["beta1", "beta2", "warmupSteps"]);
    expect(used({ ...config, optimizer: "muon" })).toEqual(names);
  });

  it("trains, and goes on from a checkpoint file to the same bits", async () => {
    const end = await checkpointAfter(session(), 3);
    const bytes = encodeCheckpoint(config, await checkpointAfter(session(), 2));
    expect(decodeSafetensors(bytes).tensors.has("optimizer.last_sign.init_conv.bias")).toBe(true);
    const checkpoint = decodeCheckpoint(config, bytes);
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    expect(await checkpointAfter(session({ start }), 1)).toEqual(end);
    expect(new Set(end.optimizerState.last)).toEqual(new Set([-1, 0, 1]));
    expect(() => decodeCheckpoint({ ...config, optimizer: "adamw" }, bytes)).toThrow(
      /checkpoint with AdamW, got also \d+ others, such as "optimizer.last_sign/,
    );
  });
});

describe("one more decay of the learning rate", () => {
  const config = smallConfig({ lrDecay: "line" as never, learningRate: 0.5, warmupSteps: 2 });
  withEntry(DECAYS, "line", {
    label: "Line",
    help: "Straight down to 0 (Nobody 2026).",
    factor: (share: number) => 1 - share,
  });

  it("is a choice of the settings", () => {
    expectChoice("lrDecay", "line", "Line", "Straight down to 0 (Nobody 2026).");
  });

  it("is what the rate follows after the warm-up", () => {
    const rates = [1, 2, 3, 4, 5, 6].map((step) =>
      learningRateAt(step, { ...config, totalSteps: 6 }),
    );
    expect(rates).toEqual([0.25, 0.5, 0.5, 0.375, 0.25, 0.125]);
  });

  it("is not in a notebook, which says so", () => {
    expect(notebookProblem(config)).toContain("cannot train with the rate decay Line.");
    expect(notebookProblem({ ...config, lrDecay: "cosine" })).toBeNull();
  });
});

describe("one more choice of timesteps", () => {
  const config = smallConfig({ timestepSampling: "last" as never, timesteps: 10 });
  withEntry(TIMESTEP_SAMPLINGS, "last", {
    label: "Last",
    help: "Only noise (Nobody 2026).",
    timesteps: (_: unknown, numImages: number, numTimesteps: number) =>
      new Int32Array(numImages).fill(numTimesteps - 1),
  });

  it("is a choice of the settings", () => {
    expectChoice("timestepSampling", "last", "Last", "Only noise (Nobody 2026).");
  });

  it("is what the training images get", () => {
    expect(drawsOfStep(config, 5, 3).timesteps).toEqual(Int32Array.of(9, 9, 9));
  });
});

describe("one more weight of the loss", () => {
  const config = smallConfig({ lossWeight: "double" as never, objective: "x0", minSnrGamma: 0.5 });
  withEntry(LOSS_WEIGHTS, "double", {
    label: "Double",
    help: "Twice that of the library (Nobody 2026).",
    hyperparameters: ["minSnrGamma"],
    weight: (ofLibrary: number) => 2 * ofLibrary,
    weighting: (ofLibrary: string) => `twice ${ofLibrary}`,
  });

  it("is a choice of the settings, with those that it has", () => {
    expectChoice("lossWeight", "double", "Double", "Twice that of the library (Nobody 2026).");
    expect(isUsed("minSnrGamma", config)).toBe(true);
    expect(isUsed("minSnrGamma", { ...config, lossWeight: "none" })).toBe(false);
  });

  it("counts the errors, and is in what is said of the loss", () => {
    const { lossWeights } = createSchedule(config);
    const ofLibrary = createSchedule({ ...config, lossWeight: "library" }).lossWeights;
    expect(lossWeights).toEqual(ofLibrary.map((weight) => 2 * weight));
    expect(bucketWords(config)).toContain("image x₀, twice weighted by t with Min-SNR gamma 0.5.");
  });
});
