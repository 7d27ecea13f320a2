/** Memory of a forward-backward pass on WebGPU, without computing it. */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { DeviceWatch } from "../../src/bench/deviceWatch.ts";
import { initialValues } from "../../src/nn/parameters.ts";
import { createUnet } from "../../src/nn/unet.ts";
import type { UnetConfig } from "../../src/nn/unetBlocks.ts";
import { registerWebgpuKernels } from "../../src/ops/webgpu/register.ts";
import { lossAndGradient } from "../../src/train/gradient.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";

/** Large enough for gradients of parameters to have all the parts they are ever given. */
const BATCH_SIZES = [32, 48] as const;

/**
 * Bytes that an image adds to the peak of a pass: the difference between two batches, so that what does
 * not depend on the batch drops out. Nothing is dispatched from here on: buffers are what counts.
 */
export async function peakBytesPerImage(config: UnetConfig): Promise<number> {
  registerWebgpuKernels();
  if (!(await tf.setBackend("webgpu"))) throw new Error("This browser has no WebGPU adapter.");
  GPUComputePassEncoder.prototype.dispatchWorkgroups = () => {};
  const watch = new DeviceWatch();
  const [few, many] = BATCH_SIZES;
  const atFew = await peakBytes(config, few, watch);
  return ((await peakBytes(config, many, watch)) - atFew) / (many - few);
}

async function peakBytes(
  config: UnetConfig,
  numImages: number,
  watch: DeviceWatch,
): Promise<number> {
  const unet = createUnet(config);
  const values = tf.tensor1d(initialValues(unet.parameters, 0));
  const images = () => tf.zeros<tf.Rank.R4>([numImages, 28, 28, 1]);
  const batch = { x0: images(), eps: images(), timesteps: new Int32Array(numImages).fill(500) };
  watch.takeCounts();
  const denoiser = { unet, values, schedule: sigmoidSchedule(1000) };
  const { lossSum, gradient } = lossAndGradient(denoiser, batch);
  await lossSum.data();
  tf.dispose([lossSum, gradient, values, batch.x0, batch.eps]);
  return watch.takeCounts()?.peakBytes ?? Number.NaN;
}
