/** What an epoch of a preset is made of on this device, as the app trains it. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../../src/engine/config/hyperparameters.ts";
import { type PresetName, presetConfig } from "../../src/engine/config/presets.ts";
import { messageOf } from "../../src/engine/messageOf.ts";
import { blackSession } from "../../src/engine/train/blackSession.ts";
import { microBatchSize } from "../../src/engine/train/memory.ts";
import { median } from "../../src/engine/train/passTime.ts";
import { validate } from "../../src/engine/train/validation.ts";
import { startBackend } from "../../src/hosts/worker/backend.ts";
import { compileAhead, STEPS_AHEAD } from "../../src/runtime/run/device.ts";
import { VALIDATION_CHUNK } from "../../src/runtime/run/trainingRun.ts";
import { type CardName, cardOf, predictedMs } from "./cards.ts";
import type { Dispatch } from "./dispatch.ts";
import {
  type KernelFigures,
  kernelFigures,
  type TimedDispatch,
  timeDispatches,
} from "./kernelTimes.ts";
import { costOfStep } from "./stepCost.ts";
import { type BenchmarkProgress, type Effort, spread } from "./stock/figures.ts";

export interface EpochFigures {
  device: string;
  preset: PresetName;
  batchSize: number;
  /** Of a pass of training, of which a batch takes one or more. */
  imagesPerPass: number;
  /** With the next step in flight, as the app trains; medians and their spread. */
  stepMs: number;
  stepSpreadMs: number;
  numSteps: number;
  imagesPerValidationPass: number;
  validationPassMs: number;
  validationPassSpreadMs: number;
  /** Of MNIST, by the two medians; without previews, checkpoints, and validation within the epoch. */
  epochMs: number;
  /** Of a training step, the longest first; null where they could not be timed. */
  kernels: KernelFigures[] | null;
  kernelsFailure: string | null;
}

/** Of MNIST. */
const [NUM_TRAIN, NUM_VALIDATION] = [60_000, 10_000];
const NUM_TIMED_STEPS = 3;

/**
 * @param onFault called when the device fails, after which what is measured may never end
 * @throws Error when the device cannot train so many images
 */
export async function measureEpoch(
  options: { preset: PresetName; batchSize: number; effort: Effort },
  tellProgress: (progress: BenchmarkProgress) => void,
  onFault: (message: string) => void,
): Promise<EpochFigures> {
  const { preset, batchSize, effort } = options;
  let [kernels, kernelsFailure]: [KernelFigures[] | null, string | null] = [null, null];
  let isTimingKernels = false;
  const report = await startBackend("webgpu", ({ message }) => {
    if (isTimingKernels) kernelsFailure ??= message;
    else onFault(message);
  });
  if (report.backend !== "webgpu") throw new Error(report.reason ?? "WebGPU does not start here.");
  const config = { ...presetConfig(preset), batchSize, gradientAccumulation: 1, validateEvery: 0 };
  const imagesPerPass = microBatchSize(config, batchSize, "webgpu");
  const imagesPerValidationPass = microBatchSize(config, VALIDATION_CHUNK, "webgpu");

  tellProgress({ doing: "training step, first", fraction: 0 });
  const { session, step } = blackSession({
    config,
    numSteps: 2 + effort.maxRounds,
    microBatchSize: imagesPerPass,
    stepsAhead: STEPS_AHEAD.webgpu,
  });
  await compileAhead(
    () => session.rehearse(),
    () => {},
  );
  await step();
  tellProgress({ doing: "training step", fraction: 0.1 });
  const stepMs = await timed(effort, async () => (await step()).stepMs);
  for await (const _ of session.finishSteps());

  const numPasses = 1 + effort.maxRounds;
  tellProgress({ doing: "validation", fraction: 0.5 });
  const numImages = numPasses * imagesPerValidationPass;
  const validation = validate({
    denoiser: session.sampler,
    images: new Uint8Array(numImages * NUM_PIXELS),
    labels: config.classes > 0 ? new Uint8Array(numImages) : null,
    chunkSize: imagesPerValidationPass,
    replicas: [],
    freshKey: null,
  });
  let elapsedMs = 0;
  const pass = async () => {
    const { value } = await validation.next();
    const beforeMs = elapsedMs;
    if (value) elapsedMs = value.elapsedMs;
    return elapsedMs - beforeMs;
  };
  await pass();
  const passMs = await timed(effort, pass);
  session.dispose();

  tellProgress({ doing: "kernels", fraction: 0.8 });
  isTimingKernels = true;
  try {
    kernels = await timeKernels();
  } catch (error) {
    kernelsFailure ??= messageOf(error);
  }
  const [stepMedian, passMedian] = [median(stepMs) as number, median(passMs) as number];
  return {
    device: report.device,
    preset,
    batchSize,
    imagesPerPass,
    stepMs: stepMedian,
    stepSpreadMs: spread(stepMs) as number,
    numSteps: stepMs.length,
    imagesPerValidationPass,
    validationPassMs: passMedian,
    validationPassSpreadMs: spread(passMs) as number,
    epochMs:
      Math.ceil(NUM_TRAIN / batchSize) * stepMedian +
      Math.ceil(NUM_VALIDATION / imagesPerValidationPass) * passMedian,
    kernels,
    kernelsFailure,
  };

  /** Of steps that are done one after the other. */
  async function timeKernels() {
    const { device } = tf.backend() as WebGPUBackend;
    const { session, step } = blackSession({
      config,
      numSteps: 1 + NUM_TIMED_STEPS,
      microBatchSize: imagesPerPass,
      stepsAhead: 0,
    });
    try {
      // Its constants are not there before.
      await step();
      const { dispatches } = await costOfStep(config);
      const card = cardOf(report.device);
      const steps = [];
      for (let i = 0; i < Math.min(NUM_TIMED_STEPS, effort.maxRounds); i++) {
        const timed = await timeDispatches(device, step);
        // The same step, in the same order.
        const isCounted = timed.length === dispatches.length;
        steps.push(isCounted ? timed.map((each, k) => withCost(each, dispatches[k], card)) : timed);
      }
      return kernelFigures(steps);
    } finally {
      session.dispose();
    }
  }
}

function withCost(
  timed: TimedDispatch,
  dispatch: Dispatch | undefined,
  card: CardName | null,
): TimedDispatch {
  if (!dispatch) return timed;
  const { flops, bytesRead, bytesWritten } = dispatch;
  const paper = card && { paperMs: predictedMs(card, dispatch) };
  return { ...timed, flops, bytes: bytesRead + bytesWritten, ...paper };
}

/** Half of the time is for steps, half for passes. */
async function timed({ minRounds, maxRounds, budgetMs }: Effort, measure: () => Promise<number>) {
  const startMs = performance.now();
  const times: number[] = [];
  while (times.length < maxRounds) {
    if (times.length >= minRounds && performance.now() - startMs >= budgetMs / 2) break;
    times.push(await measure());
  }
  return times;
}
