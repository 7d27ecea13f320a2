/** The command stream of TensorFlow.js' backend, which our programs and copies share with its own. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { allocateHalf, isHalf, numberBytes } from "./halves.ts";

/** Members that the backend declares as private. */
interface CommandStream {
  commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  /** It counts the work that is recorded and not submitted, see `submits.ts`. */
  dispatchCountInPass: number;
}

export function streamOf(backend: WebGPUBackend): CommandStream {
  backend.ensureCommandEncoderReady();
  return backend as unknown as CommandStream;
}

/** The compute pass that is being recorded. */
export function passOf(backend: WebGPUBackend): GPUComputePassEncoder {
  const stream = streamOf(backend);
  stream.computePassEncoder ??= stream.commandEncoder.beginComputePass();
  return stream.computePassEncoder;
}

/** Submits what is recorded, if anything is. */
export function submitRecorded(backend: WebGPUBackend): void {
  const { commandEncoder } = backend as unknown as { commandEncoder: GPUCommandEncoder | null };
  if (!commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** What the backend knows of a tensor; `offset` is ours. */
interface TensorData {
  resource?: GPUBuffer | null;
  /** Where it begins in its buffer, in bytes. */
  offset?: number;
}

export function dataOf(backend: WebGPUBackend, { dataId }: Pick<TensorInfo, "dataId">): TensorData {
  return backend.tensorMap.get(dataId) as TensorData;
}

/**
 * The binding of a tensor's buffer, which is created and filled if it is not on the device yet. It may be larger:
 * programs see nothing beyond the tensor. When the tensor is disposed, the buffer may be reused at once, since
 * commands run in the order in which they are recorded.
 */
export function bindingOf(backend: WebGPUBackend, tensor: TensorInfo): GPUBufferBinding {
  const data = dataOf(backend, tensor);
  if (!data.resource) {
    if (isHalf(tensor)) allocateHalf(backend, tensor);
    backend.uploadToGPU(tensor.dataId);
  }
  const { resource, offset = 0 } = data;
  const size = numberBytes(tensor) * util.sizeFromShape(tensor.shape);
  return { buffer: resource as GPUBuffer, offset, size };
}
