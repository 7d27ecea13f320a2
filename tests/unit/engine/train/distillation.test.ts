import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { NUM_PIXELS, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { distilledConfig } from "../../../../src/engine/config/studentSteps.ts";
import { encodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { writableTensors } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { checkpointTensors, positionOf } from "../../../../src/engine/train/checkpoint.ts";
import { epochImages } from "../../../../src/engine/train/liveValidation.ts";
import { decodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { replicaHere } from "./replicaHere.ts";
import { EVERY_STEP, smallConfig, smallDataset, smallSession, takeSteps } from "./smallRun.ts";
import { networkValues } from "./weightsFiles.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** From 8 steps to 2: two phases of three steps, which take more images than there are. */
const DISTILLED = {
  distilFrom: 8,
  phaseSteps: 3,
  epochs: 2,
  classes: 10,
  distilGuidance: 2,
  labelDropout: 0.3,
  lrDecay: "cosine",
  ...EVERY_STEP,
  emaDecay: 0.5,
} as const satisfies Partial<RunConfig>;

const teacher = () => networkValues(smallConfig({ classes: 10 }));

function distillation(
  changes: Partial<RunConfig> = {},
  options: Parameters<typeof smallSession>[1] = {},
) {
  const start = { from: "weights", values: teacher() } as const;
  return smallSession({ ...DISTILLED, ...changes }, { start, ...options });
}

describe("a distillation", () => {
  it("has an epoch for each phase, whose learning rate begins anew", async () => {
    const session = distillation();
    expect([session.stepsPerEpoch, session.totalSteps]).toEqual([3, 6]);
    const steps = await takeSteps(session.run());
    const rates = steps.map(({ learningRate }) => learningRate);
    expect(rates.slice(3)).toEqual(rates.slice(0, 3));
    expect(session.lastEpoch?.epoch).toBe(2);
    session.dispose();
  });

  it("goes on from the middle of a phase to the same bits", async () => {
    const whole = distillation();
    await takeSteps(whole.run());
    const expected = await whole.checkpoint();
    whole.dispose();

    const first = distillation();
    const reports = first.run();
    await takeSteps(reports, 4);
    const checkpoint = await first.checkpoint();
    const epochs = first.lastEpoch ? [first.lastEpoch] : [];
    first.dispose();
    const start = { from: "checkpoint", checkpoint, epochs, best: null } as const;
    const second = distillation({}, { start });
    await takeSteps(second.run());
    expect(await second.checkpoint()).toEqual(expected);
    second.dispose();
  });

  it("teaches the next student by the average of what the one before has learned", async () => {
    const session = distillation();
    const reports = session.run();
    await takeSteps(reports, 3);
    const before = await session.checkpoint();
    await takeSteps(reports, 1);
    const { teacher: next } = await session.checkpoint();
    expect(before.teacher).toEqual(Float32Array.from(teacher()));
    expect(next).toEqual(before.ema);
    session.dispose();
  });

  it("is the same to the last bit with two threads", async () => {
    const both = await Promise.all(
      [[], [replicaHere()]].map(async (replicas) => {
        const session = distillation({}, { replicas, microBatchSize: 2 });
        await takeSteps(session.run());
        const { values } = await session.checkpoint();
        session.dispose();
        return values;
      }),
    );
    expect(both[1]).toEqual(both[0]);
  });

  it("is not resumed without its teacher, or with one of another network", async () => {
    const session = distillation();
    const checkpoint = await session.checkpoint();
    const { config } = session;
    session.dispose();
    const tensors = checkpointTensors(config, checkpoint);
    const read = (changed: typeof tensors) =>
      decodeCheckpoint(
        config,
        encodeSafetensors({
          tensors: changed,
          metadata: { position: JSON.stringify(positionOf(checkpoint)) },
        }),
      );
    expect(read(tensors).teacher).toEqual(checkpoint.teacher);
    const student = [...tensors].filter(([name]) => !name.startsWith("teacher_model."));
    expect(() => read(new Map(student))).toThrow(/Expected the weights of the teacher.*got none/);
    const other = smallConfig({ classes: 10, dim: 6 });
    const wider = writableTensors(createUnet(other).parameters, networkValues(other), {
      prefix: "teacher_model.",
    });
    expect(() => read(new Map([...student, ...wider]))).toThrow("do not fit the network");
  });

  it("is validated on a thousand images, spread evenly, any other run on all", () => {
    const { validation } = smallDataset({ numValidation: 1500 });
    const seen = epochImages(validation, smallConfig(DISTILLED));
    expect(seen.images.length).toBe(1000 * NUM_PIXELS);
    expect(seen.images.subarray(-NUM_PIXELS)).toEqual(validation.images.subarray(-NUM_PIXELS));
    expect(epochImages(validation, smallConfig())).toEqual({
      images: validation.images,
      labels: null,
    });
  });

  it("needs a teacher", () => {
    expect(() => smallSession(DISTILLED)).toThrow("Expected the weights of a trained network");
  });

  it("frees its teachers", async () => {
    const before = tf.memory().numTensors;
    const session = distillation();
    session.rehearse();
    await takeSteps(session.run());
    session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the settings to sample with", () => {
  it("follow from the phase that a step is in", () => {
    const config = smallConfig({ distilFrom: 32, epochs: 5 });
    const numSteps = (step: number) => distilledConfig(config, step, 10).samplingTimesteps;
    expect([0, 1, 10, 11, 20, 50].map(numSteps)).toEqual([32, 16, 16, 8, 8, 1]);
    expect(distilledConfig(smallConfig(), 50, 10)).toEqual(smallConfig());
    // More than T = 100, and further than to one step.
    const beyond = smallConfig({ distilFrom: 512, epochs: 12 });
    expect(
      [0, 1, 11, 120].map((step) => distilledConfig(beyond, step, 10).samplingTimesteps),
    ).toEqual([100, 50, 50, 1]);
  });
});
