/** What a run needs of the device that it is computed on, in the browser and in Node. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { type CompileProgress, compilePrograms } from "../../engine/ops/webgpu/compilePrograms.ts";
import { releaseFreeMemory } from "../../engine/train/memory.ts";
import type { BackendReport, FaultCause } from "./events.ts";

/** Steps begun before the last has ended: a GPU computes beside JavaScript, WebAssembly does not. */
export const STEPS_AHEAD: Record<BackendReport["backend"], number> = { webgpu: 1, wasm: 0 };

/** Compiles the programs that `rehearse` runs. */
export type Compile = (
  rehearse: () => void,
  onProgress: (progress: CompileProgress) => void,
) => Promise<void>;

/** On WebGPU, compiles all programs at once, before the first one is waited for. */
export const compileAhead: Compile = async (rehearse, onProgress) => {
  if (tf.getBackend() !== "webgpu") return;
  await compilePrograms(tf.backend() as WebGPUBackend, rehearse, onProgress);
  // The rehearsal's buffers are not those of a step: it fills none of ours.
  releaseFreeMemory();
};

/** Why the backend can no longer compute. */
export interface BackendFault {
  cause: FaultCause;
  message: string;
  /** For a bug report, where there is more to say. */
  details?: string;
}

/**
 * Reports the loss of the graphics device, after which every result is zeros or never comes, and errors of
 * it, such as a lack of memory, after which results are wrong. TensorFlow.js notices neither.
 */
export function reportFaults(onFault: (fault: BackendFault) => void): void {
  const { device } = tf.backend() as WebGPUBackend;
  device.lost.then(({ message }) => {
    const reason = message ? `: ${message}` : ".";
    onFault({ cause: "deviceLost", message: `The graphics device was lost${reason}` });
  });
  device.addEventListener(
    "uncapturederror",
    ({ error }) =>
      onFault({
        cause: error instanceof GPUOutOfMemoryError ? "outOfMemory" : "error",
        message: `The graphics device reported an error: ${error.message}`,
      }),
    // One follows from the other.
    { once: true },
  );
}

/** Waits for a fault of the graphics device, which may be reported after the errors that follow from it. */
export function waitForDeviceError(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}
