/** The command stream of TensorFlow.js' backend, which our programs and copies share with its own. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { allocateHalf, isHalf, numberBytes } from "./halves.ts";

/** Members that the backend declares as private. */
interface CommandStream {
  commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
}

function streamOf(backend: WebGPUBackend): CommandStream {
  backend.ensureCommandEncoderReady();
  return backend as unknown as CommandStream;
}

/** The compute pass that is being recorded. */
export function passOf(backend: WebGPUBackend): GPUComputePassEncoder {
  const stream = streamOf(backend);
  stream.computePassEncoder ??= stream.commandEncoder.beginComputePass();
  return stream.computePassEncoder;
}

/** The encoder between two passes, for copies. */
export function encoderOf(backend: WebGPUBackend): GPUCommandEncoder {
  backend.endComputePassEncoder();
  return streamOf(backend).commandEncoder;
}

/** Submits the stream to the device when enough has been recorded, as the backend does. */
export function countDispatch(backend: WebGPUBackend): void {
  const stream = streamOf(backend);
  stream.dispatchCountInPass++;
  if (stream.dispatchCountInPass < env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/**
 * The tensor's buffer, created and filled if it is not on the device yet. When the tensor is disposed, the
 * buffer may be reused at once, since commands run in the order in which they are recorded.
 */
export function bufferOf(backend: WebGPUBackend, tensor: TensorInfo): GPUBuffer {
  if (isHalf(tensor)) allocateHalf(backend, tensor);
  backend.uploadToGPU(tensor.dataId);
  return backend.tensorMap.get(tensor.dataId).resource as GPUBuffer;
}

/** The binding of a tensor's buffer, which may be larger: programs see nothing beyond the tensor's end. */
export function bindingOf(backend: WebGPUBackend, tensor: TensorInfo): GPUBufferBinding {
  const size = numberBytes(tensor) * util.sizeFromShape(tensor.shape);
  return { buffer: bufferOf(backend, tensor), size };
}
