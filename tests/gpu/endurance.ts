/** The browser's side of the endurance test: a long run, with all that goes on beside its steps. */
import * as tf from "@tensorflow/tfjs-core";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { registerWasmKernels } from "../../src/engine/ops/wasm/register.ts";
import { DigitSampler } from "../../src/engine/train/digitSampler.ts";
import type { TrainingReport } from "../../src/engine/train/reports.ts";
import { TrainingSession } from "../../src/engine/train/session.ts";
import { chooseWasmBinaries } from "../../src/hosts/worker/wasmBinaries.ts";
import { STEPS_AHEAD } from "../../src/runtime/run/device.ts";
import { RunRecorder } from "../../src/runtime/run/runRecorder.ts";
import { browserRuns } from "../../src/runtime/storage/browserRuns.ts";
import { RunLibrary } from "../../src/runtime/storage/runLibrary.ts";
import { computeNothing } from "./computeNothing.ts";
import { startedBackend } from "./startedBackend.ts";

export interface Holdings {
  step: number;
  numTensors: number;
  /** Of the graphics device; 0 on WebAssembly. */
  gpuBytes: number;
  /** Of the WebAssembly heap, which never shrinks; 0 on WebGPU. */
  wasmBytes: number;
}

/** Steps of an epoch, so that validations come by. */
const STEPS_PER_EPOCH = 5;
/** Steps between two previews with a checkpoint. */
const SIDE_EVERY = 10;

/** @param isComputed on WebGPU; without it only what is kept is right */
export async function startRun(backend: "webgpu" | "wasm", isComputed: boolean) {
  if (backend === "webgpu") {
    await startedBackend("card");
    if (!isComputed) computeNothing();
  } else {
    await chooseWasmBinaries();
    await tf.setBackend(backend);
    await registerWasmKernels();
  }
  const config = { ...presetConfig("tiny"), epochs: 1000, emaDecay: 0.99, maxGradNorm: 1 };
  const images = (count: number) => ({
    images: Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256),
    labels: new Uint8Array(count),
    count,
  });
  const dataset = { train: images(STEPS_PER_EPOCH * config.batchSize), validation: images(8) };
  const session = new TrainingSession({
    config,
    dataset,
    microBatchSize: config.batchSize,
    validationChunkSize: 8,
    start: { from: "weights", values: null },
    stepsAhead: STEPS_AHEAD[backend],
  });
  const reports = session.run();
  const recorder = new RunRecorder({
    identity: {
      runId: backend,
      name: backend,
      createdMs: 0,
      preset: "tiny",
      config,
      startedFrom: null,
      dataset: { id: "mnist", name: "", numTrain: 0, numValidation: 0, checksum: 0 },
    },
    library: new RunLibrary(
      () => {},
      null,
      browserRuns(() => {}),
    ),
    stored: null,
  });

  const take = (report: TrainingReport) => {
    if (report.type === "step") recorder.addStep(report.step);
    if (report.type === "epoch") recorder.addEpoch(report.epoch);
  };

  async function finishSteps(): Promise<void> {
    for await (const report of session.finishSteps()) take(report);
  }

  async function beside(): Promise<void> {
    await finishSteps();
    await recorder.save(await session.checkpoint(), session);
    const sampler = new DigitSampler({
      denoiser: session.sampler,
      count: 4,
      seed: 0,
      chunkSize: 4,
      sampler: { kind: "ddim", timesteps: 2, eta: 0 },
      start: { from: "noise" },
    });
    while (!sampler.isDone) await sampler.nextFrame();
    sampler.dispose();
  }

  return {
    async trainTo(step: number): Promise<Holdings> {
      while (session.numSteps < step) {
        const { value } = await reports.next();
        if (value) take(value);
        if (value?.type === "step" && value.step.step % SIDE_EVERY === 0) await beside();
      }
      await finishSteps();
      const memory = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
      const { wasm } = tf.backend() as { wasm?: { HEAPU8: Uint8Array } };
      return {
        step: session.numSteps,
        numTensors: memory.numTensors,
        gpuBytes: memory.numBytesInGPU ?? 0,
        wasmBytes: wasm?.HEAPU8.length ?? 0,
      };
    },
  };
}
