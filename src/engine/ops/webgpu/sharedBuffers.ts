/** Tensors that share a buffer, which goes back to the pool with the last of them. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type BufferPool, type BufferUse, poolOf } from "./bufferPool.ts";
import { bindingOf, dataOf } from "./commands.ts";

/** On any device a program can be given a buffer from every 256th byte on. */
const ALIGNED_FLOATS = 64;

/** Each of the buffers that `makeBeside` fills is twice as large as the one before, up to the most, so that free buffers of activations can serve. */
const MIN_BYTES = 2 ** 21;
const MAX_BYTES = 2 ** 23;

/** The first of a buffer's numbers from `index` on with which a tensor may begin. */
export function nextStart(index: number): number {
  return ALIGNED_FLOATS * Math.ceil(index / ALIGNED_FLOATS);
}

/** The part of a tensor that begins with its number `first`; see `nextStart`. */
export function viewOf(
  backend: WebGPUBackend,
  tensor: TensorInfo,
  first: number,
  shape: number[],
): TensorInfo {
  const { resource, offset = 0 } = dataOf(backend, tensor);
  // While programs are only compiled, tensors have no buffers.
  if (!resource) return backend.makeTensorInfo(shape, "float32");
  return tensorIn(backend, resource, offset / 4 + first, shape);
}

/** A buffer, all of it as a tensor, and what is in it. */
export interface SharedBuffer<T> {
  whole: TensorInfo;
  /** Each with its first number in the buffer. */
  parts: (T & { first: number })[];
}

/** Tensors by the buffers that they are in. The caller disposes the `whole` of each. */
export function byBuffer<T extends { tensor: TensorInfo }>(
  backend: WebGPUBackend,
  items: readonly T[],
): SharedBuffer<T>[] {
  if (env().getBool("WEBGPU_ENGINE_COMPILE_ONLY")) {
    const parts = items.map((item) => ({ ...item, first: 0 }));
    return [{ whole: backend.makeTensorInfo([1], "float32"), parts }];
  }
  const buffers = new Map<GPUBuffer, SharedBuffer<T>>();
  for (const item of items) {
    const { buffer, offset = 0 } = bindingOf(backend, item.tensor);
    const shared = buffers.get(buffer) ?? {
      whole: tensorIn(backend, buffer, 0, [buffer.size / 4]),
      parts: [],
    };
    shared.parts.push({ ...item, first: offset / 4 });
    buffers.set(buffer, shared);
  }
  return [...buffers.values()];
}

interface Filling {
  buffer: GPUBuffer;
  use: BufferUse | undefined;
  /** How many of its numbers are taken. */
  end: number;
}

/** Tensors that lie side by side: gradients of parameters, and of scales and shifts (FiLM) by the time embedding. */
export type Kind = "gradient" | "filmGradient";

const fillings: Record<Kind, WeakMap<WebGPUBackend, Filling>> = {
  gradient: new WeakMap(),
  filmGradient: new WeakMap(),
};

/**
 * A tensor in the same buffer as the last of its kind, while any of those is alive and there is room. A program
 * must not read one of them and write another.
 */
export function makeBeside(backend: WebGPUBackend, kind: Kind, shape: number[]): TensorInfo {
  if (env().getBool("WEBGPU_ENGINE_COMPILE_ONLY")) return backend.makeTensorInfo(shape, "float32");
  const pool = poolOf(backend);
  const size = util.sizeFromShape(shape);
  const last = fillings[kind].get(backend);
  const before = last && pool.currentUse(last.buffer) === last.use ? last : null;
  const hasRoom = before !== null && 4 * (before.end + size) <= before.buffer.size;
  const filling = hasRoom ? before : newBuffer(pool, 4 * size, 2 * (before?.buffer.size ?? 0));
  const tensor = tensorIn(backend, filling.buffer, filling.end, shape);
  filling.end = nextStart(filling.end + size);
  // From now on it is its tensors'.
  if (!hasRoom) pool.releaseBuffer(filling.buffer);
  fillings[kind].set(backend, filling);
  return tensor;
}

function newBuffer(pool: BufferPool, leastBytes: number, wantedBytes: number): Filling {
  const numBytes = Math.max(leastBytes, MIN_BYTES, Math.min(wantedBytes, MAX_BYTES));
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = pool.acquireBuffer(numBytes, STORAGE | COPY_SRC | COPY_DST);
  return { buffer, use: pool.currentUse(buffer), end: 0 };
}

function tensorIn(backend: WebGPUBackend, resource: GPUBuffer, first: number, shape: number[]) {
  const tensor = backend.makeTensorInfo(shape, "float32");
  Object.assign(dataOf(backend, tensor), { resource, offset: 4 * first });
  const use = poolOf(backend).currentUse(resource);
  if (use) use.numOwners++;
  return tensor;
}
