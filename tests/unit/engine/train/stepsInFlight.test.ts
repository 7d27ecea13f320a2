import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { StepReport } from "../../../../src/engine/train/reports.ts";
import { StepsInFlight } from "../../../../src/engine/train/stepsInFlight.ts";
import { STEPS_AHEAD } from "../../../../src/runtime/run/device.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

interface Device {
  stepMs: number;
  /** The browser notices only at multiples of this that something has been read. */
  pollMs: number;
}

/** JavaScript of a step. */
const BEGIN_MS = 2;

/**
 * Trains on a device that takes its time by a clock of its own.
 *
 * @returns the reports, what they say of the later half of the run, when the groups have found their size,
 *   and how far steps were begun ahead
 */
async function train({ stepMs, pollMs }: Device, numSteps: number) {
  let nowMs = 0;
  let doneMs = 0;
  let reading: { knownMs: number; resolve: () => void }[] = [];
  const readingsMs = new Set<number>();
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
  vi.spyOn(tf.Tensor.prototype, "data").mockImplementation(async function (this: tf.Tensor) {
    const knownMs = Math.ceil(doneMs / pollMs) * pollMs;
    readingsMs.add(knownMs);
    await new Promise<void>((resolve) => reading.push({ knownMs, resolve }));
    return this.dataSync();
  });
  const inFlight = new StepsInFlight(STEPS_AHEAD.webgpu);
  const reports: StepReport[] = [];
  let [mostAhead, mostWorkMs] = [0, 0];

  async function takeOldest() {
    let report: StepReport | null = null;
    const taken = inFlight.oldest().then((oldest) => {
      report = oldest;
    });
    await new Promise(setImmediate);
    // Until its loss is known the clock goes on.
    while (!report) {
      nowMs = Math.max(nowMs, Math.min(...reading.map(({ knownMs }) => knownMs)));
      for (const { knownMs, resolve } of reading) if (knownMs <= nowMs) resolve();
      reading = reading.filter(({ knownMs }) => knownMs > nowMs);
      await new Promise(setImmediate);
    }
    await taken;
    reports.push(report);
  }

  for (let step = 1; step <= numSteps; step++) {
    const startMs = nowMs;
    nowMs += BEGIN_MS;
    doneMs = Math.max(doneMs, nowMs) + stepMs;
    const scalars = { loss: tf.scalar(step / 2), gradNorm: tf.scalar(1) };
    const numbers = { learningRate: 1 };
    inFlight.add({ step, numImages: 1, startMs, startWork: 0, numbers, scalars });
    mostAhead = Math.max(mostAhead, inFlight.count - 1);
    mostWorkMs = Math.max(mostWorkMs, doneMs - nowMs);
    while (inFlight.isFull) await takeOldest();
  }
  while (inFlight.count > 0) await takeOldest();

  const numbers = Array.from({ length: numSteps }, (_, i) => i + 1);
  expect(reports.map(({ step }) => step)).toEqual(numbers);
  expect(reports.map(({ loss }) => loss)).toEqual(numbers.map((step) => step / 2));
  const halfMs = nowMs / 2;
  const laterReadings = [...readingsMs].filter((ms) => ms > halfMs).length;
  const later = reports.filter(({ wallTimeMs }) => wallTimeMs > halfMs);
  return {
    reports,
    mostAhead,
    mostWorkMs,
    msPerStep: halfMs / later.length,
    msPerReading: halfMs / laterReadings,
  };
}

describe("losses that are read in groups", () => {
  it("keep no device waiting whose browser notices only every 100 ms that one was read", async () => {
    const { msPerStep } = await train({ stepMs: 8, pollMs: 100 }, 400);
    expect(msPerStep).toBeLessThan(1.1 * 8);
  });

  it.each([
    [5, 8 * 5],
    [10, 8 * 10],
    [30, 3 * 30],
    [45, 2 * 45],
    // Twice two of them would be more than 250 ms in flight.
    [65, 65],
    [300, 300],
  ])("come ten times a second, eight at most: a step of %d ms, every %d ms", async (...times) => {
    const [stepMs, intervalMs] = times;
    const trained = await train({ stepMs, pollMs: 0.1 }, 200);
    expect(trained.msPerStep / stepMs).toBeCloseTo(1, 1);
    expect(trained.msPerReading / intervalMs).toBeCloseTo(1, 1);
    expect(trained.mostAhead).toBeLessThan((2 * intervalMs) / stepMs);
    expect(trained.mostWorkMs).toBeLessThanOrEqual(2 * intervalMs + stepMs);
    expect(trained.mostWorkMs).toBeLessThanOrEqual(Math.max(250, 2 * stepMs));
  });

  it("give each of their steps an equal part of the time, one after the other", async () => {
    const { reports } = await train({ stepMs: 10, pollMs: 0.1 }, 100);
    const between = reports.slice(50).map(({ wallTimeMs }, i) => {
      return wallTimeMs - (reports[49 + i]?.wallTimeMs ?? 0);
    });
    expect(reports.slice(50).map(({ stepMs }) => Math.round(stepMs))).toEqual(Array(50).fill(10));
    for (const ms of between) expect(Math.abs(ms - 10)).toBeLessThanOrEqual(1);
  });
});
