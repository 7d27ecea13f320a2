import * as tf from "@tensorflow/tfjs-core";
import { KERNELS as WASM_KERNELS } from "../../../src/engine/ops/wasm/register.ts";
import { KERNELS as WEBGPU_KERNELS } from "../../../src/engine/ops/webgpu/register.ts";

const NAMES = new Set([...Object.keys(WASM_KERNELS), ...Object.keys(WEBGPU_KERNELS)]);

/**
 * Computes as stock TensorFlow.js would, for comparison: without our kernels every operation uses its composed form, and
 * outside of our tape `tf.grads` and `tf.train` differentiate plain operations.
 */
export function asStock<T>(compute: () => T): T {
  const backendName = tf.getBackend();
  const ours = [...NAMES].flatMap((name) => tf.getKernel(name, backendName) ?? []);
  for (const { kernelName } of ours) tf.unregisterKernel(kernelName, backendName);
  try {
    return compute();
  } finally {
    for (const kernel of ours) tf.registerKernel(kernel);
  }
}
