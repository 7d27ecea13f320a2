/** What a training step asks of the device, without computing it. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { type Counts, DeviceWatch } from "../../src/bench/deviceWatch.ts";
import { fusedTrainer } from "../../src/bench/training.ts";
import type { RunConfig } from "../../src/config/hyperparameters.ts";
import { registerWebgpuKernels } from "../../src/ops/webgpu/register.ts";
import { forceTuning, type Tuning } from "../../src/ops/webgpu/tuning.ts";
import { computeNothing } from "./computeNothing.ts";

/** Of the second step, which has all its constants. Nothing is computed from here on. */
export async function stepCounts(config: RunConfig, tuning: Tuning): Promise<Counts> {
  registerWebgpuKernels();
  if (!(await tf.setBackend("webgpu"))) throw new Error("This browser has no WebGPU adapter.");
  forceTuning((tf.backend() as WebGPUBackend).device, tuning);
  computeNothing();
  const watch = new DeviceWatch();
  const trainer = fusedTrainer(config, 2);
  await trainer.step();
  watch.takeCounts();
  await trainer.step();
  return watch.takeCounts() as Counts;
}
