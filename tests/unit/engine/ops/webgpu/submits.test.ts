import { expect, it } from "vitest";
import { type PresetName, presetConfig } from "../../../../../src/engine/config/presets.ts";
import { numParameters } from "../../../../../src/engine/nn/networkBlocks.ts";
import { blackSession } from "../../../../../src/engine/train/blackSession.ts";
import { DigitSampler } from "../../../../../src/engine/train/digitSampler.ts";
import { STEPS_AHEAD } from "../../../../../src/runtime/run/device.ts";
import {
  FAST,
  MIDDLE,
  SLOW,
  type Speed,
  type Submit,
  startOnScriptedGpu,
} from "../../../scriptedGpu.ts";

/**
 * Trains a preset at its batch size on a device whose time is scripted.
 *
 * @returns the submits of training and of drawing digits, and the time of a step when all is measured
 */
async function train(
  preset: PresetName,
  { speed, numSteps = 8, submitShare }: { speed: Speed; numSteps?: number; submitShare?: number },
) {
  const { submits } = await startOnScriptedGpu(speed, { submitShare });
  const config = { ...presetConfig(preset), validateEvery: 0 };
  const endsMs: number[] = [];
  /** Submits before so many steps were reported. */
  const numSubmits: number[] = [];

  const { session, step } = blackSession({
    config,
    // The last ones are begun, and not waited for.
    numSteps: numSteps + 2 * STEPS_AHEAD.webgpu,
    microBatchSize: config.batchSize,
    stepsAhead: STEPS_AHEAD.webgpu,
    // Nothing computes with them, and millions of chance take seconds.
    values: new Float32Array(numParameters(config)),
  });
  for (let i = 0; i < numSteps; i++) {
    await step();
    endsMs.push(performance.now());
    numSubmits.push(submits.length);
  }
  for await (const _ of session.finishSteps());
  const numTraining = submits.length;
  const digits = new DigitSampler({
    denoiser: session.sampler,
    count: 100,
    seed: 0,
    chunkSize: 100,
    sampler: { kind: "ddim", timesteps: 1, eta: 0 },
    start: { from: "noise" },
  });
  while (!digits.isDone) await digits.nextFrame();
  digits.dispose();
  session.dispose();
  const half = numSteps / 2;
  const laterMs = (endsMs.at(-1) as number) - (endsMs[half - 1] as number);
  return {
    drawing: submits.slice(numTraining),
    first: submits.slice(0, numSubmits[0]),
    later: submits.slice(numSubmits[4], numTraining),
    stepMs: laterMs / half,
  };
}

const most = (submits: readonly Submit[], key: "gflop" | "ms") =>
  Math.max(...submits.map((submit) => submit[key]));

it("a submit has at most 20 GFLOP at first and about 50 ms of work when steps are measured, half as much after a loss", async () => {
  for (const submitShare of [1, 1 / 2]) {
    const { first, later, drawing, stepMs } = await train("assignment", {
      speed: SLOW,
      submitShare,
    });
    expect(stepMs).toBeGreaterThan(1000);
    expect(most(first, "gflop")).toBeLessThanOrEqual(submitShare * 20);
    expect(most(first, "gflop")).toBeGreaterThan(submitShare * 10);
    // Kernels of as much work differ in time, and a single one cannot be cut.
    for (const submits of [later, drawing]) {
      expect(most(submits, "ms")).toBeLessThanOrEqual(submitShare * 100);
      expect(most(submits, "ms")).toBeGreaterThan(submitShare * 40);
    }
  }
});

it.each([
  ["assignment", FAST, 1],
  ["assignment", MIDDLE, 3],
  ["quick", FAST, 1],
] as const)(
  "a faster device trains as fast as with one submit a step: %s, %o",
  async (preset, speed, numPieces) => {
    const numSteps = 40;
    const cut = await train(preset, { speed, numSteps });
    const whole = await train(preset, { speed, numSteps, submitShare: Number.POSITIVE_INFINITY });
    expect(cut.stepMs).toBeGreaterThan(4);
    expect(cut.stepMs / whole.stepMs).toBeLessThanOrEqual(1.01);
    expect(cut.later.length / whole.later.length).toBeGreaterThanOrEqual(0.9 * numPieces);
    expect(cut.later.length / whole.later.length).toBeLessThanOrEqual(2 * numPieces);
  },
);
