/** The browser's side of the kernels' tests: every case on WebGPU and on WebAssembly. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { inPrecision, type Precision } from "../../src/engine/ops/precision.ts";
import { run } from "../../src/engine/ops/webgpu/program.ts";
import { type Rung, setTuning, tuningOn } from "../../src/engine/ops/webgpu/tuning.ts";
import { watchDispatches } from "../../src/engine/ops/webgpu/work.ts";
import { checkDevice, WrongNumbersError } from "../../src/engine/train/deviceCheck.ts";
import { denoiserOf, lossAndGradient, type NoisyBatch } from "../../src/engine/train/gradient.ts";
import { chooseWasmBinaries } from "../../src/hosts/worker/wasmBinaries.ts";
import { dispatchOf } from "../bench/dispatch.ts";
import { normal, tensorOf } from "../evaluate.ts";
import { relativeError } from "../relativeError.ts";
import { type FaultName, simulateDriver } from "./driverFaults.ts";
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

export interface MixedErrors {
  loss: number;
  gradient: number;
  /** Bytes that our programs write in a pass forward and backward, over those in float32. */
  written: number;
}

declare global {
  interface Window {
    gpu: {
      start(): Promise<void>;
      /** In each of the case's tunings the norm of the difference over the norm of what WebAssembly computes. */
      compare(name: string): Promise<CaseErrors[]>;
      /** How far loss and gradient of a network in mixed precision are from those in float32, and what it writes. */
      compareMixed(tuning: TuningName): Promise<MixedErrors>;
      /** Numbers stored as halves, as they are read, and as a program loads them one by one, the last first. */
      storeAsHalves(numbers: number[]): Promise<Record<"read" | "loaded", number[]>>;
      /**
       * What is wrong with a driver as a device on this rung finds out before it trains; null where nothing is.
       */
      check(rung: Rung, fault: FaultName | null): Promise<string | null>;
      /** The sums of each 4 of so many ones, as subgroups that have 4 invocations or more add them. */
      sumInSubgroups(count: number): Promise<number[]>;
    };
  }
}

/** A network of one level, wide enough for the tiles of a card and for subgroups of more than four in its norms. */
const CHECKED: RunConfig = {
  ...presetConfig("tiny"),
  dim: 20,
  dimMults: [1],
  attnHeads: 1,
  attnDimHead: 4,
};

let setFault: ReturnType<typeof simulateDriver> | null = null;

/** WebGPU as the app starts it, on a driver that can be made to fail. */
async function startFaultyDriver() {
  await chooseWasmBinaries();
  const set = simulateDriver();
  await startedBackend();
  return set;
}

/** Two images of noise. */
function noisyBatch(): NoisyBatch {
  const images = (index: number) => tensorOf<tf.Tensor4D>(normal([2, 28, 28, 1], index));
  return { x0: images(0), eps: images(1), timesteps: Int32Array.of(100, 900) };
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
      setTuning(device, tuning && TUNINGS[tuning]);
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

  async compareMixed(tuning) {
    await tf.setBackend("webgpu");
    const { device } = tf.backend() as WebGPUBackend;
    setTuning(device, TUNINGS[tuning]);
    const passIn = async (precision: Precision) => {
      const denoiser = denoiserOf({ ...presetConfig("tiny"), classes: 3, precision }, null);
      let written = 0;
      watchDispatches(device, (facts) => (written += dispatchOf(facts).bytesWritten));
      const { loss, gradient } = lossAndGradient(denoiser, noisyBatch());
      watchDispatches(device, null);
      return { loss: await loss.data(), gradient: await gradient.data(), written };
    };
    const [full, mixed] = [await passIn("float32"), await passIn("mixed")];
    return {
      loss: relativeError(mixed.loss, full.loss),
      gradient: relativeError(mixed.gradient, full.gradient),
      written: mixed.written / full.written,
    };
  },

  async storeAsHalves(numbers) {
    await tf.setBackend("webgpu");
    const backend = tf.backend() as WebGPUBackend;
    const size = numbers.length;
    const { halves } = inPrecision("mixed", () =>
      run(backend, {
        name: "storeAsHalves",
        inputs: { x: [tf.tensor1d(numbers), 4] },
        outputs: { halves: [[size], 4, "activation"] },
        uniforms: { size },
        numInvocations: size / 4,
        code: () =>
          "fn main(index: i32) { if (index < uniforms.size / 4) { halves[index] = x[index]; } }",
      }),
    );
    const { loaded } = run(backend, {
      name: "loadHalves",
      inputs: { x: [halves, 1] },
      outputs: { loaded: [[size], 1] },
      uniforms: { size },
      numInvocations: size,
      code: () => `
fn main(index: i32) { if (index < uniforms.size) { loaded[index] = x[uniforms.size - 1 - index]; } }`,
    });
    const valuesOf = async (tensor: tf.TensorInfo) => [
      ...(await tf.engine().makeTensorFromTensorInfo(tensor).data<"float32">()),
    ];
    return { read: await valuesOf(halves), loaded: await valuesOf(loaded) };
  },

  async check(rung, name) {
    setFault ??= await startFaultyDriver();
    const { device } = tf.findBackend("webgpu") as WebGPUBackend;
    await tf.setBackend("webgpu");
    // A tuning of its own, so that programs are composed anew.
    setTuning(device, { ...tuningOn(rung, device.adapterInfo) });
    const hasSubgroups = name === "subgroups of another size";
    const { adapterInfo } = device;
    const subgroupMinSize = hasSubgroups ? 32 : adapterInfo.subgroupMinSize;
    // One of a card says that it is one, and how large its subgroups are.
    const info = { vendor: adapterInfo.vendor, architecture: adapterInfo.architecture };
    Object.defineProperty(device, "adapterInfo", {
      value: { ...info, subgroupMinSize },
      configurable: true,
    });
    setFault(hasSubgroups ? null : name);
    try {
      const startReference = async () => void (await tf.setBackend("wasm"));
      await checkDevice(CHECKED, { numImages: 2, startReference });
      return null;
    } catch (error) {
      if (error instanceof WrongNumbersError) return error.message;
      throw error;
    } finally {
      setFault(null);
      delete (device as { adapterInfo?: unknown }).adapterInfo;
    }
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
      backend.endComputePassEncoder();
      backend.ensureCommandEncoderReady();
      const { commandEncoder } = backend as unknown as { commandEncoder: GPUCommandEncoder };
      commandEncoder.copyBufferToBuffer(poison, 0, buffer, 0, buffer.size);
    }
    return buffer;
  };
}
