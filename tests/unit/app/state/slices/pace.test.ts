import { describe, expect, it } from "vitest";
import { firstValidationMs, paceOf } from "../../../../../src/app/state/slices/pace.ts";
import { newRun, type Run } from "../../../../../src/app/state/slices/run.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { EpochMetrics, StepMetrics } from "../../../../../src/runtime/run/events.ts";

const config = { ...presetConfig("tiny"), batchSize: 8, epochs: 3, validateEvery: 0 };
const size = {
  numParameters: 1,
  stepsPerEpoch: 10,
  totalSteps: 30,
  microBatchSize: 8,
  numThreads: 1,
  startedFrom: null,
};

function runOf(stepMs: number[]): Run {
  const steps = stepMs.map((ms, i): StepMetrics => {
    return {
      step: i + 1,
      loss: 0.5,
      gradNorm: 1,
      learningRate: 1e-3,
      stepMs: ms,
      wallTimeMs: 1000 * i,
    };
  });
  return {
    ...newRun({ runId: "run-1", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
    size,
    steps,
  };
}

describe("paceOf", () => {
  it("tells the speed of the last steps, and the time left by those of a minute", () => {
    // Half a minute at 100 ms a step, then 10 s in which something else had the processor.
    const steps = [...Array(300).fill(100), ...Array(40).fill(250)];
    const run = runOf(steps);
    const timed = run.steps.map((step, i) => {
      const wallTimeMs = steps.slice(0, i + 1).reduce((sum, ms) => sum + ms, 0);
      return { ...step, wallTimeMs };
    });
    const long = { ...size, totalSteps: 1340 };
    const pace = paceOf({ ...run, size: long, steps: timed, status: "training" });
    expect(pace?.stepsPerSecond).toBe(4);
    expect(pace?.leftMs).toBe(1000 * 100);
  });

  it("knows nothing before the worker has said how long the run is", () => {
    expect(
      paceOf(
        newRun({ runId: "run-1", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
      ),
    ).toBeNull();
  });

  it("knows no speed before the first step", () => {
    expect(paceOf(runOf([]))).toMatchObject({ step: 0, epoch: 1, stepInEpoch: 0, leftMs: null });
  });

  it("leaves the first step, which compiles, out of the speed", () => {
    expect(paceOf(runOf([9000, 100, 100]))).toMatchObject({
      stepsPerSecond: 10,
      imagesPerSecond: 80,
      leftMs: 2700,
    });
  });

  it("goes to the budget of a run that has one; where that is in minutes, nobody knows the step", () => {
    const run = runOf([9000, 100, 100]);
    run.size = { ...size, budget: { steps: 8 } };
    expect(paceOf(run)).toMatchObject({ totalSteps: 8, leftMs: 500, leftOf: "training" });
    expect(paceOf({ ...run, status: "stopped" })).toMatchObject({ totalSteps: 30 });
    run.size = { ...size, budget: { steps: 99 } };
    expect(paceOf(run)).toMatchObject({ totalSteps: 30, leftMs: 2700 });
    run.size = { ...size, budget: { minutes: 1 } };
    expect(paceOf(run)).toMatchObject({ totalSteps: 30, leftMs: null });
  });

  it("counts the images of all batches that a step is made of", () => {
    const run = runOf([9000, 100, 100]);
    run.config = { ...config, gradientAccumulation: 4 };
    expect(paceOf(run)?.imagesPerSecond).toBe(320);
  });

  it("counts in the live validations of the steps that are to come, whose time is not in theirs", () => {
    const run = runOf([9000, 100, 100]);
    run.config = { ...config, gradientAccumulation: 2, validateEvery: 5 };
    // Of 100 images each, forward only, for 80 that are trained on.
    expect(paceOf(run)?.leftMs).toBeCloseTo(2700 * (1 + 100 / 3 / 80), 6);
    expect(paceOf(run)?.stepsPerSecond).toBe(10);
  });

  it("counts in the validations that are to come, by how long the shortest of the last took", () => {
    const run = runOf(new Array<number>(12).fill(100));
    run.config = { ...config, epochs: 3 };
    const epochAt = (epoch: number, wallTimeMs: number): EpochMetrics => {
      const losses = { trainLoss: 1, validationLoss: 1, bucketLosses: [] };
      return { epoch, step: epoch, ...losses, wallTimeMs };
    };
    expect(paceOf(run)?.leftMs).toBe(1800);
    run.epochs = [epochAt(1, 5000)];
    expect(paceOf(run)?.leftMs).toBe(1800 + 2 * 5000);
    run.epochs = [epochAt(1, 5000), epochAt(2, 60_000)];
    expect(paceOf(run)?.leftMs).toBe(1800 + 5000);
    // Since the last step of the epoch, and of older epochs nothing counts.
    run.epochs = [epochAt(1, 50), epochAt(2, 9000), epochAt(2, 10_000), epochAt(2, 8000)];
    expect(paceOf(run)?.leftMs).toBe(1800 + 7000);
    run.epochs = [epochAt(1, 5000), epochAt(2, 60_000)];
    run.validation = { numImages: 25, totalImages: 100, elapsedMs: 1 };
    expect(paceOf(run)?.leftMs).toBe(1800 + 3750);
    run.steps = [];
    expect(paceOf(run)?.leftMs).toBeNull();
  });

  it("takes the first validation's time from how far it is", () => {
    const run = runOf(new Array<number>(10).fill(100));
    run.status = "validating";
    run.validation = { numImages: 25, totalImages: 100, elapsedMs: 500 };
    // The rest of this one, and two more.
    expect(paceOf(run)).toMatchObject({ leftMs: 2000 + 1500 + 2 * 2000, leftOf: "all" });
  });

  it("leaves validations out, and says so, before anything is known of them", () => {
    const run = runOf(new Array<number>(10).fill(100));
    expect(paceOf(run)).toMatchObject({ leftMs: 2000, leftOf: "training" });
  });

  it("knows no time left where only a validation is left of which nothing is known", () => {
    const run = runOf(new Array<number>(30).fill(100));
    expect(paceOf(run)?.leftMs).toBeNull();
    run.steps = run.steps.slice(0, 10);
    run.status = "validating";
    expect(paceOf(run)?.leftMs).toBeNull();
    run.validation = { numImages: 0, totalImages: 100, elapsedMs: 0 };
    expect(paceOf(run)?.leftMs).toBeNull();
  });

  it("counts in the measurements that are to come, as soon as one was made", () => {
    const run = runOf(new Array<number>(10).fill(100));
    run.config = { ...config, evaluateEvery: 2 };
    run.status = "validating";
    run.validation = { numImages: 25, totalImages: 100, elapsedMs: 500 };
    expect(paceOf(run)?.leftMs).toBeNull();
    // Those after epochs 2 and 3, of which one is under way.
    run.measurementMs = 700;
    expect(paceOf(run)).toMatchObject({ leftMs: 2000 + 1500 + 2 * 2000 + 2 * 700, leftOf: "all" });
    run.measurement = { doing: "comparing", fraction: 0.1, elapsedMs: 600 };
    expect(paceOf(run)?.leftMs).toBe(2000 + 1500 + 2 * 2000 + 700 + 100);
  });

  it("leaves measurements out, and says so, before one was made", () => {
    const run = runOf(new Array<number>(11).fill(100));
    run.config = { ...config, evaluateEvery: 1 };
    run.validation = { numImages: 25, totalImages: 100, elapsedMs: 500 };
    expect(paceOf(run)).toMatchObject({ leftMs: 1900, leftOf: "training" });
  });

  it("uses the first step where there is no other", () => {
    expect(paceOf(runOf([500]))?.stepsPerSecond).toBe(2);
  });

  it("ends an epoch with its last step and not before the next", () => {
    const steps = (count: number) => new Array<number>(count).fill(100);
    expect(paceOf(runOf(steps(10)))).toMatchObject({ epoch: 1, stepInEpoch: 10 });
    expect(paceOf(runOf(steps(11)))).toMatchObject({ epoch: 2, stepInEpoch: 1 });
    expect(paceOf(runOf(steps(30)))).toMatchObject({ epoch: 3, stepInEpoch: 10 });
  });
});

describe("firstValidationMs", () => {
  const training: Run = { ...runOf([9000, 100, 100]), status: "training" };

  it("is the time that the rest of the first epoch takes", () => {
    expect(firstValidationMs(training)).toBe(700);
    const live = { ...training, config: { ...config, validateEvery: 10 } };
    expect(firstValidationMs(live)).toBeCloseTo(700 * (1 + 100 / 3 / 80), 6);
  });

  it("is not told before a step is timed, while none is trained, and after the first epoch", () => {
    const epoch = { epoch: 1, step: 3, trainLoss: 1, validationLoss: 1, bucketLosses: [] };
    expect(firstValidationMs({ ...training, steps: [] })).toBeNull();
    expect(firstValidationMs({ ...training, status: "paused" })).toBeNull();
    expect(firstValidationMs({ ...training, epochs: [{ ...epoch, wallTimeMs: 0 }] })).toBeNull();
  });
});
