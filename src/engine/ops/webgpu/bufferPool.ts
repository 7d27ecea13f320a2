import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { bindingOf } from "./commands.ts";
import { releaseUniforms } from "./pipelines.ts";

/** A free buffer is reused for tensors of at least this share of its size. */
const LEAST_FILLED = 1 / 2;

/**
 * The buffers of a WebGPU backend, in place of TensorFlow.js' `BufferManager`, which reuses a buffer for
 * tensors of exactly its size and never destroys one. Here a free buffer also serves a smaller tensor,
 * free ones are destroyed before a new one would pass the budget, and all of them on request.
 */
export class BufferPool {
  /** Bytes requested and not released; the buffers may be larger. */
  numBytesUsed = 0;
  /** Bytes of all buffers, used and free. */
  numBytesAllocated = 0;
  /** Most bytes to allocate, unless more are in use at one time. */
  budgetBytes: number;
  readonly #backend: WebGPUBackend;
  /** By usage, each list by size. */
  readonly #free = new Map<GPUBufferUsageFlags, GPUBuffer[]>();
  /** With the bytes that were requested. */
  readonly #used = new Map<GPUBuffer, number>();

  constructor(backend: WebGPUBackend, budgetBytes: number) {
    this.#backend = backend;
    this.budgetBytes = budgetBytes;
  }

  /** @param reuse whether a buffer that was used before will do */
  acquireBuffer(
    size: number,
    usage: GPUBufferUsageFlags,
    mappedAtCreation = false,
    reuse = true,
  ): GPUBuffer {
    const buffer =
      (reuse ? this.#take(size, usage) : null) ?? this.#create({ size, usage, mappedAtCreation });
    this.#used.set(buffer, size);
    this.numBytesUsed += size;
    return buffer;
  }

  /** @param reuse whether it is kept; else it is destroyed */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    const size = this.#used.get(buffer);
    if (size === undefined) throw new Error("The buffer is not in use.");
    this.#used.delete(buffer);
    this.numBytesUsed -= size;
    if (!reuse) {
      this.#destroy(buffer);
      return;
    }
    const ofUsage = this.#free.get(buffer.usage) ?? [];
    this.#free.set(buffer.usage, ofUsage);
    // Before those of its size: what was used last is taken first.
    ofUsage.splice(firstOfSize(ofUsage, buffer.size), 0, buffer);
  }

  /** Destroys the buffers that are not in use, and those of our programs' uniforms. */
  releaseFree(): void {
    this.#submit();
    releaseUniforms(this.#backend.device);
    for (const buffer of [...this.#free.values()].flat()) this.#destroy(buffer);
    this.#free.clear();
  }

  /** Destroys all buffers. */
  dispose(): void {
    for (const buffer of [...this.#used.keys(), ...[...this.#free.values()].flat()]) {
      this.#destroy(buffer);
    }
    this.#used.clear();
    this.#free.clear();
    this.numBytesUsed = 0;
  }

  /** The smallest free buffer that is large enough, and not much too large. */
  #take(size: number, usage: GPUBufferUsageFlags): GPUBuffer | null {
    const ofUsage = this.#free.get(usage) ?? [];
    const index = firstOfSize(ofUsage, size);
    const buffer = ofUsage[index];
    if (!buffer || size < LEAST_FILLED * buffer.size) return null;
    ofUsage.splice(index, 1);
    return buffer;
  }

  #create(descriptor: GPUBufferDescriptor): GPUBuffer {
    this.#makeRoom(descriptor.size);
    this.numBytesAllocated += descriptor.size;
    return this.#backend.device.createBuffer(descriptor);
  }

  #makeRoom(size: number): void {
    if (this.numBytesAllocated + size <= this.budgetBytes) return;
    this.#submit();
    for (;;) {
      const excess = this.numBytesAllocated + size - this.budgetBytes;
      const buffer = excess > 0 && this.#takeForExcess(excess);
      if (!buffer) return;
      this.#destroy(buffer);
    }
  }

  /** The smallest free buffer of so many bytes; where there is none, the largest free one. */
  #takeForExcess(excess: number): GPUBuffer | null {
    const lists = [...this.#free.values()].filter(({ length }) => length > 0);
    const candidates = lists.map((list) => {
      const index = Math.min(firstOfSize(list, excess), list.length - 1);
      return { list, index, buffer: list[index] as GPUBuffer };
    });
    const [first] = candidates.sort(({ buffer: a }, { buffer: b }) => {
      const isEnough = a.size >= excess && b.size >= excess;
      return isEnough ? a.size - b.size : b.size - a.size;
    });
    first?.list.splice(first.index, 1);
    return first?.buffer ?? null;
  }

  #destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }

  /** Commands that are recorded but not submitted may still use buffers that are free already (`bufferOf`). */
  #submit(): void {
    const backend = this.#backend as unknown as { commandEncoder: GPUCommandEncoder | null };
    if (!backend.commandEncoder) return;
    this.#backend.endComputePassEncoder();
    this.#backend.submitQueue();
  }
}

/** Where in a list by size the first buffer of at least so many bytes is; its length if there is none. */
function firstOfSize(buffers: readonly GPUBuffer[], size: number): number {
  let [low, high] = [0, buffers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buffers[middle] as GPUBuffer).size < size) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Has the backend take its buffers from a pool.
 *
 * @param budgetBytes as of `BufferPool`
 */
export function poolBuffers(backend: WebGPUBackend, budgetBytes: number): void {
  const pool = new BufferPool(backend, budgetBytes);
  backend.bufferManager = pool as unknown as WebGPUBackend["bufferManager"];
  // The backend reads all of a buffer, which may be larger than the tensor.
  const readBuffer = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const data = backend.tensorMap.get(dataId);
    const values = await readBuffer(dataId);
    const size = util.sizeFromShape(data.shape);
    if (values.length > size) data.values = values.slice(0, size);
    return data.values;
  };
  // Programs of the backend read beyond a tensor's end, where data of other tensors would be left.
  const stock = backend as unknown as {
    tensorToBinding(tensor?: TensorInfo): GPUBindingResource | null;
  };
  stock.tensorToBinding = (tensor) => (tensor ? bindingOf(backend, tensor) : null);
}
