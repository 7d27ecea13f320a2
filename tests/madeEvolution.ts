/** Snapshots of digits that no network drew, for tests and the benchmark of the views. */
import { IMAGE_SIZE } from "../src/engine/config/hyperparameters.ts";
import type { EpochMetrics, Snapshot, StepMetrics } from "../src/runtime/run/events.ts";

export interface MadeEvolution {
  snapshots: Snapshot[];
  steps: StepMetrics[];
  epochs: EpochMetrics[];
}

/** Start of the first epoch, as it is recorded: more often than later. */
const EARLY_STEPS = [0, 50, 100, 200, 400];

/**
 * Rings that come out of noise, the better the later in training.
 *
 * @param options.numFrames noise and denoising steps
 */
export function madeEvolution(options: {
  numSnapshots: number;
  count: number;
  numFrames: number;
  stepsPerEpoch: number;
}): MadeEvolution {
  const { numSnapshots, count, numFrames, stepsPerEpoch } = options;
  const early = EARLY_STEPS.filter((step) => step < stepsPerEpoch).slice(0, numSnapshots);
  const numEpochs = numSnapshots - early.length;
  const epochs = Array.from({ length: numEpochs }, (_, i) => madeEpoch(i + 1, stepsPerEpoch));
  const snapshotSteps = [...early, ...epochs.map(({ step }) => step)];
  const lastStep = snapshotSteps.at(-1) ?? 0;
  const steps = Array.from({ length: lastStep }, (_, i) => madeStep(i + 1));
  const random = randomGray();
  const noise = Uint8Array.from({ length: count * IMAGE_SIZE ** 2 }, random);
  return {
    steps,
    epochs,
    snapshots: snapshotSteps.map((step, index) => ({
      step,
      wallTimeMs: 1000 * step,
      count,
      numFrames,
      pixels: madePixels({ noise, numFrames, skill: (index + 1) / numSnapshots }),
    })),
  };
}

/** `[numFrames, count, 28, 28]`. */
function madePixels(options: { noise: Uint8Array; numFrames: number; skill: number }) {
  const { noise, numFrames, skill } = options;
  const pixels = new Uint8Array(numFrames * noise.length);
  for (let frame = 0; frame < numFrames; frame++) {
    const done = numFrames > 1 ? frame / (numFrames - 1) : 1;
    for (let i = 0; i < noise.length; i++) {
      const share = done * (0.3 + 0.7 * skill);
      pixels[frame * noise.length + i] = (1 - share) * (noise[i] ?? 0) + share * ringGray(i);
    }
  }
  return pixels;
}

/** Of an ellipse; its shape depends on the digit. */
function ringGray(i: number): number {
  const digit = Math.floor(i / IMAGE_SIZE ** 2);
  const x = (i % IMAGE_SIZE) - 13.5;
  const y = (Math.floor(i / IMAGE_SIZE) % IMAGE_SIZE) - 13.5;
  const radius = Math.hypot(x * (1 + (digit % 4) / 3), y * (1 + (digit % 3) / 6));
  return Math.max(0, 255 - 90 * Math.abs(radius - 8));
}

function madeStep(step: number): StepMetrics {
  const loss = 0.8 / Math.sqrt(step) + 0.02 * (1 + Math.sin(step * 12.9898) ** 3);
  return { step, loss, gradNorm: 1, learningRate: 1e-3, stepMs: 100, wallTimeMs: 1000 * step };
}

function madeEpoch(epoch: number, stepsPerEpoch: number): EpochMetrics {
  const step = epoch * stepsPerEpoch;
  const { loss, wallTimeMs } = madeStep(step);
  return {
    epoch,
    step,
    wallTimeMs,
    trainLoss: loss,
    validationLoss: loss,
    bucketLosses: [],
  };
}

/** The same at every call of a fresh one. */
function randomGray(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}
