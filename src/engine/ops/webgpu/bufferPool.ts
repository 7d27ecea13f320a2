import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { bindingOf, dataOf, submitRecorded } from "./commands.ts";
import { releaseUniforms } from "./pipelines.ts";

/** A free buffer is reused for tensors of at least this share of its size. */
const LEAST_FILLED = 1 / 2;

/** With what the device would be asked for: each of its answers takes longer than all else here. */
interface PooledBuffer {
  buffer: GPUBuffer;
  numBytes: number;
  usage: GPUBufferUsageFlags;
  /** A number of its own, in the order in which they were made. */
  id: number;
}

export interface BufferUse {
  of: PooledBuffer;
  /** The bytes that were requested. */
  size: number;
  /** It is free when as many have released it. */
  numOwners: number;
}

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
  /**
   * By size, then by age: which buffer a tensor gets follows from which are free, not from the order in which they
   * were released. So steps repeat the buffers of those before, and with them the bind groups.
   */
  readonly #free: PooledBuffer[] = [];
  #numMade = 0;
  readonly #used = new Map<GPUBuffer, BufferUse>();

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
    const pooled =
      (reuse ? this.#take(size, usage) : undefined) ??
      this.#create({ size, usage, mappedAtCreation });
    this.#used.set(pooled.buffer, { of: pooled, size, numOwners: 1 });
    this.numBytesUsed += size;
    return pooled.buffer;
  }

  /** Another each time that it is acquired; undefined while it is not in use. */
  currentUse(buffer: GPUBuffer): BufferUse | undefined {
    return this.#used.get(buffer);
  }

  /** @param reuse whether it is kept; else it is destroyed */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    const use = this.#used.get(buffer);
    if (!use) throw new Error("The buffer is not in use.");
    if (--use.numOwners > 0) return;
    this.#used.delete(buffer);
    this.numBytesUsed -= use.size;
    if (reuse) this.#free.splice(this.#firstOfSize(use.of.numBytes, use.of.id), 0, use.of);
    else this.#destroy(use.of);
  }

  /** Destroys the buffers that are not in use, and those of our programs' uniforms. */
  releaseFree(): void {
    // Commands that are recorded but not submitted may still use buffers that are free already (`bindingOf`).
    submitRecorded(this.#backend);
    releaseUniforms(this.#backend.device);
    for (const pooled of this.#free.splice(0)) this.#destroy(pooled);
  }

  /** Destroys all buffers. */
  dispose(): void {
    const used = Array.from(this.#used.values(), (use) => use.of);
    for (const pooled of [...used, ...this.#free.splice(0)]) this.#destroy(pooled);
    this.#used.clear();
    this.numBytesUsed = 0;
  }

  /** The smallest free buffer of the usage that is large enough, and not much too large. */
  #take(size: number, usage: GPUBufferUsageFlags): PooledBuffer | undefined {
    for (let index = this.#firstOfSize(size); ; index++) {
      const pooled = this.#free[index];
      if (!pooled || size < LEAST_FILLED * pooled.numBytes) return undefined;
      if (pooled.usage === usage) return this.#free.splice(index, 1)[0];
    }
  }

  #create(descriptor: GPUBufferDescriptor): PooledBuffer {
    const { size: numBytes, usage } = descriptor;
    this.#makeRoom(numBytes);
    this.numBytesAllocated += numBytes;
    const buffer = this.#backend.device.createBuffer(descriptor);
    return { buffer, numBytes, usage, id: ++this.#numMade };
  }

  /** Destroys the smallest free buffer that is enough; where none is, the largest ones. */
  #makeRoom(size: number): void {
    if (this.numBytesAllocated + size <= this.budgetBytes) return;
    // See `releaseFree`.
    submitRecorded(this.#backend);
    for (;;) {
      const excess = this.numBytesAllocated + size - this.budgetBytes;
      const index = Math.min(this.#firstOfSize(excess), this.#free.length - 1);
      const pooled = this.#free[index];
      if (excess <= 0 || !pooled) return;
      this.#free.splice(index, 1);
      this.#destroy(pooled);
    }
  }

  /** Where among the free buffers the first of at least so many bytes is, or would be; of these the first from `id` on. */
  #firstOfSize(size: number, id = 0): number {
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { numBytes, id: other } = this.#free[middle] as PooledBuffer;
      if (numBytes < size || (numBytes === size && other < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #destroy({ buffer, numBytes }: PooledBuffer): void {
    this.numBytesAllocated -= numBytes;
    buffer.destroy();
  }
}

/** Has the backend take its buffers from a pool with this budget. */
export function poolBuffers(backend: WebGPUBackend, budgetBytes: number): void {
  const pool = new BufferPool(backend, budgetBytes);
  backend.bufferManager = pool as unknown as WebGPUBackend["bufferManager"];
  // The backend reads all of a buffer, which may be larger than the tensor.
  const readBuffer = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const data = backend.tensorMap.get(dataId);
    const values = await readBuffer(dataId);
    const size = util.sizeFromShape(data.shape);
    const first = (dataOf(backend, { dataId }).offset ?? 0) / 4;
    if (values.length > size) data.values = values.slice(first, first + size);
    return data.values;
  };
  // Programs of the backend read beyond a tensor's end, where data of other tensors would be left.
  const stock = backend as unknown as {
    tensorToBinding(tensor?: TensorInfo): GPUBindingResource | null;
  };
  stock.tensorToBinding = (tensor) => (tensor ? bindingOf(backend, tensor) : null);
}

/** @throws Error when the backend does not take its buffers from a pool (`poolBuffers`) */
export function poolOf({ bufferManager }: { bufferManager: unknown }): BufferPool {
  if (bufferManager instanceof BufferPool) return bufferManager;
  throw new Error(
    "Expected a backend with a pool of buffers, got TensorFlow.js' own: call poolBuffers.",
  );
}
