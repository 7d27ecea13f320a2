/** What a run needs of the device that it is computed on, in the browser and in Node. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { type CompileProgress, compilePrograms } from "../../engine/ops/webgpu/compilePrograms.ts";
import { releaseFreeMemory } from "../../engine/train/memory.ts";
import type { BackendReport, FaultCause } from "./events.ts";

/** A card computes beside JavaScript; on WebAssembly a step that is begun is done. */
export const STEPS_AHEAD: Record<BackendReport["backend"], number> = { webgpu: 1, wasm: 0 };

/** Has the programs compiled that `rehearse` runs. */
export type Compile = (
  rehearse: () => void,
  onProgress: (progress: CompileProgress) => void,
) => Promise<void>;

/** Where programs are compiled for the device, all at once and before the first one is waited for. */
export const compileAhead: Compile = async (rehearse, onProgress) => {
  if (tf.getBackend() !== "webgpu") return;
  await compilePrograms(tf.backend() as WebGPUBackend, rehearse, onProgress);
  // The rehearsal's buffers are not those of a step: it fills none of ours.
  releaseFreeMemory();
};

/** Why the backend can compute no more. */
export interface BackendFault {
  cause: FaultCause;
  message: string;
  /** For a bug report, where there is more to say. */
  details?: string;
}

/**
 * TensorFlow.js notices neither: after a loss every result is zeros or never comes, and after an error,
 * such as a lack of memory, what was asked for is left out and the next results are wrong.
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

/**
 * Until the graphics device has told of a fault of its own: that may come a moment after the errors
 * that follow from it.
 */
export function waitForDeviceError(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}
