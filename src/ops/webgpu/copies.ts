import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { bufferOf, encoderOf } from "./commands.ts";

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
  // Made first: to fill them takes copies, and these an encoder.
  const buffers = parts.map((part) => bufferOf(backend, part));
  const encoder = encoderOf(backend);
  let offset = 0;
  parts.forEach((part, i) => {
    const size = FLOAT_BYTES * lengthOf(part);
    copy(encoder, buffers[i] as GPUBuffer, offset, size);
    offset += size;
  });
}

function lengthOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
