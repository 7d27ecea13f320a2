import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { NonFiniteLossError } from "../../../../src/engine/train/reports.ts";
import { StepsInFlight } from "../../../../src/engine/train/stepsInFlight.ts";
import { relativeError } from "../../../relativeError.ts";
import {
  EVERY_STEP,
  noiseImages,
  samplerValues,
  smallConfig,
  smallDataset,
  smallSession,
  takeSteps,
} from "./smallRun.ts";
import { networkValues } from "./weightsFiles.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("a training step", () => {
  it("moves every weight", async () => {
    const session = smallSession({ weightDecay: 0 });
    const before = await samplerValues(session);
    await takeSteps(session.run(), 1);
    const after = await samplerValues(session);
    expect(before.filter((value, i) => value === after[i])).toHaveLength(0);
    session.dispose();
  });

  it("lowers the loss on images that are easy to learn", async () => {
    const black = (count: number) => ({
      ...noiseImages(count),
      images: new Uint8Array(count * 784),
    });
    const dataset = { train: black(20), validation: black(5) };
    const session = smallSession({ epochs: 5, learningRate: 5e-3 }, { dataset });
    const losses: number[] = [];
    for await (const report of session.run()) {
      if (report.type === "epoch") losses.push(report.epoch.validationLoss);
    }
    expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] as number));
    session.dispose();
  });

  it("repeats bit for bit with the same seed, and not with another", async () => {
    const [a, b, c] = [smallSession(), smallSession(), smallSession({ seed: 1 })];
    const withoutTime = async (session: typeof a) =>
      (await takeSteps(session.run())).map(
        ({ stepMs: _, wallTimeMs: __, memoryBytes: ___, ...step }) => step,
      );
    const steps = await withoutTime(a);
    expect(await withoutTime(b)).toEqual(steps);
    expect(relativeError(await samplerValues(b), await samplerValues(a))).toBe(0);
    expect((await withoutTime(c))[0]?.loss).not.toBe(steps[0]?.loss);
    for (const session of [a, b, c]) session.dispose();
  });

  it("is the same when steps are begun before the losses of those before are known", async () => {
    // Steps seem to take no time, so that as many losses are read together as may be.
    vi.spyOn(performance, "now").mockReturnValue(0);
    const changes = { epochs: 2, validateEvery: 9, batchSize: 1 };
    const dataset = smallDataset({ numTrain: 12 });
    const one = smallSession(changes, { dataset });
    const two = smallSession(changes, { dataset, stepsAhead: 15 });
    const reports = async (session: typeof one) => {
      const all = [];
      for await (const report of session.run()) all.push(report);
      return all.map((report) => {
        if (report.type === "step") {
          // Of the machine, not of the run.
          const { stepMs: _, wallTimeMs: __, memoryBytes: ___, ...step } = report.step;
          return step;
        }
        if (report.type === "epoch") return { ...report.epoch, wallTimeMs: undefined };
        return { ...report, elapsedMs: undefined };
      });
    };
    expect(await reports(two)).toEqual(await reports(one));
    expect(relativeError(await samplerValues(two), await samplerValues(one))).toBe(0);
    for (const session of [one, two]) session.dispose();
  });

  it("can be rehearsed without effect", async () => {
    const [plain, rehearsed] = [smallSession(), smallSession()];
    const { numTensors } = tf.memory();
    rehearsed.rehearse();
    expect(tf.memory().numTensors).toBe(numTensors);
    const losses = async (session: typeof plain) =>
      (await takeSteps(session.run())).map(({ loss }) => loss);
    expect(await losses(rehearsed)).toEqual(await losses(plain));
    for (const session of [plain, rehearsed]) session.dispose();
  });

  it("meets new noise and timesteps every time", async () => {
    const dataset = smallDataset({ numTrain: 1, numValidation: 1 });
    const session = smallSession({ epochs: 3, learningRate: 1e-7 }, { dataset });
    const [a, b, c] = (await takeSteps(session.run())).map(({ loss }) => loss);
    for (const pair of [
      [a, b],
      [b, c],
      [a, c],
    ] as [number, number][]) {
      // The weights move by 1e-7 a step: with the same draws the losses would agree to six digits.
      expect(Math.abs(pair[0] / pair[1] - 1)).toBeGreaterThan(1e-3);
    }
    session.dispose();
  });

  it("does not depend on how the batch is cut into micro-batches", async () => {
    // With a large epsilon the update is near to linear in the gradient, also where that is 0.
    const changes = { adamEps: 1e-2, batchSize: 8, epochs: 2 };
    const whole = smallSession(changes, { microBatchSize: 8 });
    const cut = smallSession(changes, { microBatchSize: 3 });
    const start = await samplerValues(whole);
    const [expected, actual] = [await takeSteps(whole.run()), await takeSteps(cut.run())];
    expect(expected).toHaveLength(2);
    for (const quantity of ["loss", "gradNorm"] as const) {
      const of = (steps: typeof expected) => steps.map((step) => step[quantity]);
      expect(relativeError(of(actual), of(expected)), quantity).toBeLessThan(1e-5);
    }
    const update = async (session: typeof cut) =>
      (await samplerValues(session)).map((value, i) => value - (start[i] as number));
    expect(relativeError(await update(cut), await update(whole))).toBeLessThan(1e-3);
    for (const session of [whole, cut]) session.dispose();
  });

  it("is told with its number and the learning rate of its warm-up", async () => {
    const session = smallSession({ epochs: 2, warmupSteps: 4, learningRate: 8e-3 });
    const steps = await takeSteps(session.run());
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    steps.forEach(({ learningRate }, i) => {
      expect(learningRate).toBeCloseTo(2e-3 * (i + 1), 12);
    });
    session.dispose();
  });

  it("has the rate of a cosine that ends with the last epoch, and moves the weights by it", async () => {
    const changes = { epochs: 4, warmupSteps: 2, learningRate: 8e-3 } as const;
    const session = smallSession({ ...changes, lrDecay: "cosine" });
    const constant = smallSession(changes);
    expect(session.totalSteps).toBe(8);
    const steps = await takeSteps(session.run());
    expect(steps).toHaveLength(8);
    steps.slice(2).forEach(({ learningRate }, t) => {
      expect(learningRate).toBeCloseTo(4e-3 * (1 + Math.cos((Math.PI * t) / 6)), 12);
    });
    const others = await takeSteps(constant.run());
    const losses = (of: typeof steps) => of.map(({ loss }) => loss);
    // The rates are the same up to the third step, whose weights the fourth sees, and so is the fourth's loss.
    expect(losses(steps).slice(0, 4)).toEqual(losses(others).slice(0, 4));
    expect(losses(steps)[4]).not.toBe(losses(others)[4]);
    for (const each of [session, constant]) each.dispose();
  });

  it("with a gradient clip still tells the norm before clipping", async () => {
    const [free, clipped] = [smallSession(), smallSession({ maxGradNorm: 1e-3 })];
    const [[a], [b]] = [await takeSteps(free.run(), 1), await takeSteps(clipped.run(), 1)];
    expect(a?.gradNorm).toBeGreaterThan(1e-3);
    expect(b?.gradNorm).toBe(a?.gradNorm);
    for (const session of [free, clipped]) session.dispose();
  });
});

describe("a session that is given weights to begin with", () => {
  const startValues = networkValues(smallConfig(), 5);

  it("begins with exactly these, and its moving average with them", async () => {
    const session = smallSession(
      { emaDecay: 0.9 },
      { start: { from: "weights", values: startValues } },
    );
    expect(await session.rawSampler.values.data()).toEqual(startValues);
    expect(await samplerValues(session)).toEqual(startValues);
    expect(session.numSteps).toBe(0);
    session.dispose();
  });

  it("trains as one whose seed draws them, and leaves them as they are", async () => {
    const given = startValues.slice();
    const drawn = smallSession({ seed: 5 });
    expect(await samplerValues(drawn)).toEqual(startValues);
    const session = smallSession({ seed: 5 }, { start: { from: "weights", values: given } });
    const losses = async (of: typeof session) =>
      (await takeSteps(of.run())).map(({ loss }) => loss);
    expect(await losses(session)).toEqual(await losses(drawn));
    expect(await samplerValues(session)).toEqual(await samplerValues(drawn));
    expect(await samplerValues(session)).not.toEqual(startValues);
    expect(given).toEqual(startValues);
    for (const each of [session, drawn]) each.dispose();
  });
});

describe("memory", () => {
  it("holds as many tensors after 20 steps, validation and sampling as after one step", async () => {
    const before = tf.memory().numTensors;
    const dataset = smallDataset({ numTrain: 40, numValidation: 3 });
    const changes = { epochs: 2, emaDecay: 0.9, maxGradNorm: 1 };
    const session = smallSession(changes, { dataset });
    const reports = session.run();
    await takeSteps(reports, 1);
    const afterOne = tf.memory().numTensors;
    const { length } = await takeSteps(reports);
    expect(length).toBe(19);
    const sampler = new DigitSampler({
      denoiser: session.sampler,
      count: 2,
      seed: 0,
      chunkSize: 1,
      start: { from: "noise" },
      sampler: { kind: "ddim", timesteps: 3, eta: 0 },
    });
    while (!sampler.isDone) await sampler.nextFrame();
    sampler.dispose();
    expect(tf.memory().numTensors).toBe(afterOne);
    session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a loss that is no number", () => {
  it("ends the run with an error that names step, learning rate and remedies", async () => {
    const session = smallSession({ epochs: 10, learningRate: 1e30 });
    const run = takeSteps(session.run());
    await expect(run).rejects.toThrow(NonFiniteLossError);
    await expect(run).rejects.toThrow(/at step \d+ with learning rate 1e\+30.*lower learning rate/);
    session.dispose();
  });

  it("ends it at its step also where more are begun", async () => {
    vi.spyOn(performance, "now").mockReturnValue(0);
    const { add } = StepsInFlight.prototype;
    vi.spyOn(StepsInFlight.prototype, "add").mockImplementation(function (
      this: StepsInFlight,
      begun,
    ) {
      if (begun.step === 12) begun.scalars.loss = tf.mul(begun.scalars.loss, Number.NaN);
      add.call(this, begun);
    });
    const dataset = smallDataset({ numTrain: 30 });
    const session = smallSession({ batchSize: 1 }, { dataset, stepsAhead: 15 });
    const steps: number[] = [];
    const train = async () => {
      for await (const report of session.run()) {
        if (report.type === "step") steps.push(report.step.step);
      }
    };
    await expect(train()).rejects.toMatchObject({ name: "NonFiniteLossError", step: 12 });
    expect(session.numSteps).toBeGreaterThan(12);
    expect(steps).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    session.dispose();
  });
});

describe("the sampler", () => {
  it("has the weights themselves when the run keeps no average", async () => {
    const session = smallSession({ emaDecay: 0 });
    const start = await samplerValues(session);
    await takeSteps(session.run(), 1);
    expect(relativeError(await samplerValues(session), start)).toBeGreaterThan(1e-4);
    session.dispose();
  });

  it("has the moving average of the weights, with its warm-up", async () => {
    const plain = smallSession({ epochs: 2 });
    const averaged = smallSession({ epochs: 2, emaDecay: 0.5, ...EVERY_STEP });
    const runs = [plain.run(), averaged.run()] as const;
    let average: ArrayLike<number> = await samplerValues(plain);
    for (const step of [1, 2, 3]) {
      for (const run of runs) await takeSteps(run, 1);
      const values = await samplerValues(plain);
      const decay = Math.min(1 - step ** (-2 / 3), 0.5);
      average = Array.from(values, (v, i) => (average[i] as number) * decay + v * (1 - decay));
    }
    const ema = await samplerValues(averaged);
    expect(relativeError(ema, average)).toBeLessThan(1e-6);
    expect(relativeError(await samplerValues(plain), average)).toBeGreaterThan(1e-4);
    for (const session of [plain, averaged]) session.dispose();
  });
});
