import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";

const FLOAT_BYTES = 4;

/** Consecutive parts of a vector as vectors of these lengths: copies, for which no program runs. */
export function splitVector(
  backend: WebGPUBackend,
  vector: TensorInfo,
  lengths: readonly number[],
): TensorInfo[] {
  const source = bufferOf(backend, vector);
  const parts = lengths.map((length) => backend.makeTensorInfo([length], "float32"));
  copyInOrder(backend, parts, (encoder, part, offset, size) =>
    encoder.copyBufferToBuffer(source, offset, part, 0, size),
  );
  return parts;
}

/** The values of all tensors one after the other, `[P]`. */
export function joinVectors(backend: WebGPUBackend, tensors: readonly TensorInfo[]): TensorInfo {
  const length = tensors.reduce((sum, tensor) => sum + lengthOf(tensor), 0);
  const vector = backend.makeTensorInfo([length], "float32");
  const target = bufferOf(backend, vector);
  copyInOrder(backend, tensors, (encoder, part, offset, size) =>
    encoder.copyBufferToBuffer(part, 0, target, offset, size),
  );
  return vector;
}

function copyInOrder(
  backend: WebGPUBackend,
  parts: readonly TensorInfo[],
  copy: (encoder: GPUCommandEncoder, part: GPUBuffer, offset: number, size: number) => void,
): void {
  const encoder = backend.device.createCommandEncoder();
  let offset = 0;
  for (const part of parts) {
    const size = FLOAT_BYTES * lengthOf(part);
    copy(encoder, bufferOf(backend, part), offset, size);
    offset += size;
  }
  // What the backend has recorded so far comes first. At once, since a buffer of a tensor that is
  // disposed meanwhile may be given to another.
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  backend.device.queue.submit([encoder.finish()]);
}

/** The tensor's buffer, made and filled if it is not on the device yet. */
function bufferOf(backend: WebGPUBackend, { dataId }: TensorInfo): GPUBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

function lengthOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
