import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { BufferPool } from "../../../src/engine/ops/webgpu/bufferPool.ts";

export interface Counts {
  dispatches: number;
  /** Tensors, uniforms and staging buffers written from JavaScript. */
  uploads: number;
  /** Peak of the bytes of buffers in use. */
  peakBytes: number;
}

/** Counts a WebGPU device's work by wrapping its methods for good: use it in a page or worker of its own. */
export class DeviceWatch {
  readonly #counts: Counts = { dispatches: 0, uploads: 0, peakBytes: 0 };
  readonly #backend: WebGPUBackend | null;
  #error: string | null = null;

  /** The backend must be set before. */
  constructor() {
    const backend = tf.backend();
    this.#backend = "bufferManager" in backend ? (backend as WebGPUBackend) : null;
    if (!this.#backend) return;
    this.#count(this.#backend);
    const { bufferManager } = this.#backend as { bufferManager: unknown };
    // Our memory budget must not slow down stock TensorFlow.js.
    if (bufferManager instanceof BufferPool) bufferManager.budgetBytes = Number.POSITIVE_INFINITY;
    this.#backend.device.addEventListener("uncapturederror", ({ error }) => {
      this.#error ??= error.message;
    });
  }

  /** Bytes of buffers in use now. */
  get residentBytes(): number {
    return this.#backend?.bufferManager.numBytesUsed ?? 0;
  }

  /** Returns the counts since the last call, and starts anew; null on a backend without a device. */
  takeCounts(): Counts | null {
    const counts = { ...this.#counts };
    Object.assign(this.#counts, { dispatches: 0, uploads: 0, peakBytes: 0 });
    return this.#backend && counts;
  }

  /** The first error since the last call that no method threw, such as a lack of memory; null for none. */
  takeError(): string | null {
    const error = this.#error;
    this.#error = null;
    return error;
  }

  #count({ bufferManager }: WebGPUBackend): void {
    const counts = this.#counts;
    const passes = GPUComputePassEncoder.prototype;
    countCalls(passes, "dispatchWorkgroups", () => counts.dispatches++);
    countCalls(passes, "dispatchWorkgroupsIndirect", () => counts.dispatches++);
    countCalls(GPUQueue.prototype, "writeBuffer", () => counts.uploads++);
    countCalls(GPUDevice.prototype, "createBuffer", (descriptor) => {
      if ((descriptor as GPUBufferDescriptor).mappedAtCreation) counts.uploads++;
    });
    countCalls(GPUBuffer.prototype, "mapAsync", (mode) => {
      if ((mode as number) & GPUMapMode.WRITE) counts.uploads++;
    });
    countCalls(bufferManager, "acquireBuffer", () => {
      counts.peakBytes = Math.max(counts.peakBytes, bufferManager.numBytesUsed);
    });
  }
}

/** Calls `count` after every call of a method, with its first argument. */
function countCalls<T, K extends keyof T>(owner: T, name: K, count: (first: unknown) => void) {
  const original = owner[name] as (...args: unknown[]) => unknown;
  owner[name] = function (this: unknown, ...args: unknown[]) {
    const result = original.apply(this, args);
    count(args[0]);
    return result;
  } as T[K];
}
