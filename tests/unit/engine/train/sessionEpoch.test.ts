import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { Denoiser } from "../../../../src/engine/train/gradient.ts";
import type { TrainingReport } from "../../../../src/engine/train/reports.ts";
import { validate } from "../../../../src/engine/train/validation.ts";
import { EVERY_STEP, smallConfig, smallDataset, smallSession, takeSteps } from "./smallRun.ts";
import { networkValues } from "./weightsFiles.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("an epoch", () => {
  it("takes every image once and weighs the last, smaller batch by its size", async () => {
    const dataset = smallDataset({ numTrain: 10, numValidation: 2 });
    const session = smallSession({ epochs: 2 }, { dataset });
    expect(session.stepsPerEpoch).toBe(3);
    const reports: TrainingReport[] = [];
    for await (const report of session.run()) reports.push(report);
    const losses = reports.flatMap((r) => (r.type === "step" ? [r.step.loss] : []));
    const epochs = reports.flatMap((r) => (r.type === "epoch" ? [r.epoch] : []));
    expect(losses).toHaveLength(6);
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 3],
      [2, 6],
    ]);
    const [a, b, c] = losses as [number, number, number];
    expect(epochs[0]?.trainLoss).toBeCloseTo((4 * a + 4 * b + 2 * c) / 10, 6);
    expect(epochs.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true);
    session.dispose();
  });

  it("and its steps say when they were done, as Unix time", async () => {
    const session = smallSession();
    const times = [Date.now()];
    for await (const report of session.run()) {
      if (report.type === "step") times.push(report.step.wallTimeMs);
      if (report.type === "epoch") times.push(report.epoch.wallTimeMs);
    }
    times.push(Date.now());
    expect(times).toHaveLength(5);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    session.dispose();
  });

  it("tells the progress of the validation before its result", async () => {
    const session = smallSession({}, { microBatchSize: 2 });
    const kinds: string[] = [];
    const times: number[] = [];
    for await (const report of session.run()) {
      if (report.type === "validationProgress") times.push(report.elapsedMs);
      kinds.push(report.type === "validationProgress" ? `${report.numImages}/3` : report.type);
    }
    expect(kinds).toEqual(["step", "step", "2/3", "3/3", "epoch"]);
    expect(times[0]).toBeGreaterThan(0);
    expect(times[1]).toBeGreaterThan(times[0] as number);
    session.dispose();
  });
});

describe("the validation of an epoch", () => {
  async function validationLosses(changes: Partial<RunConfig>): Promise<number[]> {
    // Weights that stay, and are not the seed's: whatever differs comes from noise and timesteps.
    const settings = { learningRate: 0, epochs: 2, ...changes };
    const session = smallSession(settings, {
      start: { from: "weights", values: networkValues(smallConfig()) },
    });
    const losses: number[] = [];
    for await (const report of session.run()) {
      if (report.type === "epoch") losses.push(report.epoch.validationLoss);
    }
    session.dispose();
    return losses;
  }

  it("with fixed noise is the same for the same weights, in every epoch and of every seed", async () => {
    const of = (seed: number) => validationLosses({ validationNoise: "fixed", seed });
    const losses = [...(await of(0)), ...(await of(1))];
    expect(losses).toHaveLength(4);
    expect(new Set(losses).size).toBe(1);
  });

  it("with fresh noise is another in every epoch and of every seed", async () => {
    const of = (seed: number) => validationLosses({ validationNoise: "fresh", seed });
    const losses = [...(await of(0)), ...(await of(1))];
    expect(losses).toHaveLength(4);
    expect(new Set(losses).size).toBe(4);
    expect(await of(0)).toEqual(losses.slice(0, 2));
  });

  it("is of the weights themselves, not of their moving average", async () => {
    const dataset = smallDataset();
    const session = smallSession(
      { emaDecay: 0.99, ...EVERY_STEP, learningRate: 1e-2 },
      { dataset },
    );
    await takeSteps(session.run());
    const lossOf = async (denoiser: Denoiser) => {
      const { images } = dataset.validation;
      const reports = validate({
        denoiser,
        images,
        labels: null,
        chunkSize: 2,
        replicas: [],
        freshKey: null,
      });
      let loss = Number.NaN;
      for await (const { meanLoss } of reports) loss = meanLoss;
      return loss;
    };
    expect(session.lastEpoch?.validationLoss).toBe(await lossOf(session.rawSampler));
    expect(session.lastEpoch?.validationLoss).not.toBe(await lossOf(session.sampler));
    session.dispose();
  });
});
