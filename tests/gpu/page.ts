/** The browser's side of the kernels' tests: every case on WebGPU and on WebAssembly. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerWebgpuKernels } from "../../src/ops/webgpu/register.ts";
import { WASM_PATHS } from "../../src/worker/wasmPaths.ts";
import { evaluate, gradientsOf, normal } from "../evaluate.ts";
import { relativeError } from "../relativeError.ts";
import { CASES, type GpuCase } from "./operations.ts";

export interface CaseErrors {
  value: number;
  /** Of each input. */
  gradients: number[];
}

declare global {
  interface Window {
    gpu: {
      start(): Promise<void>;
      /** Norm of the difference over the norm of what WebAssembly computes. */
      compare(name: string): Promise<CaseErrors>;
    };
  }
}

window.gpu = {
  async start() {
    setWasmPaths(WASM_PATHS);
    registerWebgpuKernels();
    if (!(await tf.setBackend("webgpu"))) throw new Error("This browser has no WebGPU adapter.");
    poisonBuffers(tf.backend() as WebGPUBackend);
  },

  async compare(name) {
    const { inputs: shapes, scales = [], operation, hasGradient } = CASES.get(name) as GpuCase;
    const inputs = shapes.map((shape, index) => {
      const { values } = normal(shape, index);
      return { shape, values: values.map((value) => value * (scales[index] ?? 1)) };
    });
    const gradients = hasGradient === false ? () => [] : gradientsOf;
    const actual = await evaluate("webgpu", inputs, operation, gradients);
    const expected = await evaluate("wasm", inputs, operation, gradients);
    return {
      value: relativeError(actual.value.values, expected.value.values),
      gradients: actual.gradients.map(({ values }, i) =>
        relativeError(values, expected.gradients[i]?.values ?? []),
      ),
    };
  },
};

/** Every buffer begins full of NaN, so that what a kernel does not write shows. */
function poisonBuffers({ bufferManager, device }: WebGPUBackend): void {
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, usage, ...rest) => {
    const buffer = acquire(size, usage, ...rest);
    if (usage & GPUBufferUsage.STORAGE && !buffer.mapState.startsWith("m")) {
      device.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(Number.NaN));
    }
    return buffer;
  };
}
