/** The browser's side of the kernels' tests: every case on WebGPU and on WebAssembly. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { encoderOf } from "../../src/engine/ops/webgpu/commands.ts";
import { run } from "../../src/engine/ops/webgpu/program.ts";
import { forceTuning } from "../../src/engine/ops/webgpu/tuning.ts";
import { chooseWasmBinaries } from "../../src/hosts/worker/wasmBinaries.ts";
import { relativeError } from "../relativeError.ts";
import { TUNINGS, type TuningName } from "./kernelShapes.ts";
import { CASES, evaluateCase } from "./operations.ts";
import { startedBackend } from "./startedBackend.ts";

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
      /** The sums of each 4 of so many ones, as subgroups that have 4 invocations or more add them. */
      sumInSubgroups(count: number): Promise<number[]>;
    };
  }
}

window.gpu = {
  async start() {
    await chooseWasmBinaries();
    poisonBuffers(await startedBackend());
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

  async sumInSubgroups(count) {
    await tf.setBackend("webgpu");
    const { sums } = run(tf.backend() as WebGPUBackend, {
      name: "sumInSubgroups",
      enables: ["subgroups"],
      inputs: { x: [tf.ones([count]), 1] },
      outputs: { sums: [[count], 1] },
      uniforms: { count },
      numInvocations: count,
      code: () => `
fn main(index: i32) {
  let pairs = x[index] + subgroupShuffleXor(x[index], 1u);
  sums[index] = pairs + subgroupShuffleXor(pairs, 2u);
}`,
    });
    return [...(await tf.engine().makeTensorFromTensorInfo(sums).data<"float32">())];
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
