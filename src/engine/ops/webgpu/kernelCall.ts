import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { KernelArguments } from "../kernelArguments.ts";

/** One run of a kernel on WebGPU. */
export class KernelCall extends KernelArguments {
  readonly backend: WebGPUBackend;

  constructor(given: Parameters<KernelFunc>[0]) {
    super(given);
    this.backend = given.backend as WebGPUBackend;
  }

  /** Disposes intermediate tensors of the kernel. */
  dispose(tensors: readonly TensorInfo[]): void {
    for (const { dataId } of tensors) this.backend.disposeData(dataId);
  }
}
