import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";

export interface Counts {
  dispatches: number;
  /** Tensors and uniforms written from JavaScript. */
  uploads: number;
  /** Most bytes of GPU buffers in use at one time. */
  peakBytes: number;
}

/** Counts what the WebGPU backend is asked to do. */
export class Counters {
  readonly #counts: Counts = { dispatches: 0, uploads: 0, peakBytes: 0 };

  constructor() {
    const backend = tf.backend();
    if (!("bufferManager" in backend)) return;
    const { bufferManager, device } = backend as WebGPUBackend;
    const counts = this.#counts;
    countCalls(backend as WebGPUBackend, "runWebGPUProgram", () => counts.dispatches++);
    countCalls(device.queue, "writeBuffer", () => counts.uploads++);
    countCalls(bufferManager, "acquireBuffer", () => {
      counts.peakBytes = Math.max(counts.peakBytes, bufferManager.numBytesUsed);
    });
  }

  /** Starts anew, and gives what was counted until now. */
  take(): Counts {
    const counts = { ...this.#counts };
    Object.assign(this.#counts, { dispatches: 0, uploads: 0, peakBytes: 0 });
    return counts;
  }
}

function countCalls<K extends string>(
  owner: { [key in K]: (...args: never[]) => unknown },
  name: K,
  count: () => void,
): void {
  const original = owner[name].bind(owner);
  owner[name] = ((...args: never[]) => {
    const result = original(...args);
    count();
    return result;
  }) as (typeof owner)[K];
}
