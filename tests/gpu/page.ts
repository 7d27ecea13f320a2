/** The browser's side of the kernels' tests: every case on WebGPU and on WebAssembly. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { poolBuffers } from "../../src/engine/ops/webgpu/bufferPool.ts";
import { encoderOf } from "../../src/engine/ops/webgpu/commands.ts";
import { registerWebgpuKernels } from "../../src/engine/ops/webgpu/register.ts";
import { forceTuning } from "../../src/engine/ops/webgpu/tuning.ts";
import { MEMORY_BUDGET_BYTES } from "../../src/engine/train/memory.ts";
import { chooseWasmBinaries } from "../../src/hosts/worker/wasmBinaries.ts";
import { relativeError } from "../relativeError.ts";
import { TUNINGS, type TuningName } from "./kernelShapes.ts";
import { CASES, evaluateCase } from "./operations.ts";

export interface CaseErrors {
  /** In which the kernels were; null: as they fit themselves to the adapter that there is. */
  tuning: TuningName | null;
  value: number;
  /** Of each input. */
  gradients: number[];
}

declare global {
  interface Window {
    gpu: {
      start(): Promise<void>;
      /** In each of the case's tunings the norm of the difference over the norm of what WebAssembly computes. */
      compare(name: string): Promise<CaseErrors[]>;
    };
  }
}

window.gpu = {
  async start() {
    await chooseWasmBinaries();
    registerWebgpuKernels();
    if (!(await tf.setBackend("webgpu"))) throw new Error("This browser has no WebGPU adapter.");
    const backend = tf.backend() as WebGPUBackend;
    // As in the app: kernels are given buffers that are larger than their tensors.
    poolBuffers(backend, MEMORY_BUDGET_BYTES.webgpu);
    poisonBuffers(backend);
  },

  async compare(name) {
    const { device } = tf.findBackend("webgpu") as WebGPUBackend;
    const expected = await evaluateCase("wasm", name);
    const errors: CaseErrors[] = [];
    for (const tuning of CASES.get(name)?.tunings ?? [null]) {
      forceTuning(device, tuning && TUNINGS[tuning]);
      const { value, gradients } = await evaluateCase("webgpu", name);
      errors.push({
        tuning,
        value: relativeError(value.values, expected.value.values),
        gradients: gradients.map(({ values }, i) =>
          relativeError(values, expected.gradients[i]?.values ?? []),
        ),
      });
    }
    return errors;
  },
};

/**
 * Every buffer begins full of NaN, so that what a kernel does not write shows. By a copy in the command
 * stream: the buffer may have been another tensor's that commands recorded before still read.
 */
function poisonBuffers(backend: WebGPUBackend): void {
  const { bufferManager, device } = backend;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, usage, ...rest) => {
    const buffer = acquire(size, usage, ...rest);
    if (usage & GPUBufferUsage.STORAGE && buffer.mapState === "unmapped") {
      const poison = device.createBuffer({
        size: buffer.size,
        usage: GPUBufferUsage.COPY_SRC,
        mappedAtCreation: true,
      });
      new Float32Array(poison.getMappedRange()).fill(Number.NaN);
      poison.unmap();
      encoderOf(backend).copyBufferToBuffer(poison, 0, buffer, 0, buffer.size);
    }
    return buffer;
  };
}
