/** What a run needs of the device that it is computed on, in the browser and in Node. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { NETWORK_SETTINGS } from "../../engine/config/network.ts";
import { isOfArchitecture } from "../../engine/nn/architectures.ts";
import { OutOfMemoryError } from "../../engine/ops/outOfMemory.ts";
import { poolBuffers } from "../../engine/ops/webgpu/bufferPool.ts";
import {
  type CompileProgress,
  compilePrograms,
  ProgramRefusedError,
} from "../../engine/ops/webgpu/compilePrograms.ts";
import { openDevice } from "../../engine/ops/webgpu/device.ts";
import { expandForOthers } from "../../engine/ops/webgpu/halves.ts";
import { expand } from "../../engine/ops/webgpu/program.ts";
import { watchReads } from "../../engine/ops/webgpu/reads.ts";
import { registerWebgpuKernels } from "../../engine/ops/webgpu/register.ts";
import { cutSubmits } from "../../engine/ops/webgpu/submits.ts";
import { isSoftware, type Rung, setTuning, tuningOn } from "../../engine/ops/webgpu/tuning.ts";
import {
  checkDevice,
  checkPrediction,
  NoReferenceError,
  WrongNumbersError,
} from "../../engine/train/deviceCheck.ts";
import { MEMORY_BUDGET_BYTES, releaseFreeMemory } from "../../engine/train/memory.ts";
import type { BackendReport, FaultCause } from "./events.ts";

/**
 * Steps begun before the last has ended, at most: a GPU computes beside JavaScript, WebAssembly does not.
 * Two groups of 8 losses: enough for 80 steps a second also where a loss takes 100 ms to be read.
 */
export const STEPS_AHEAD: Record<BackendReport["backend"], number> = { webgpu: 15, wasm: 0 };

/**
 * On WebGPU, compiles all programs that `rehearse` runs at once, before the first one is waited for.
 *
 * @throws ProgramRefusedError
 */
export async function compileAhead(
  rehearse: () => void,
  onProgress: (progress: CompileProgress) => void,
): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  await compilePrograms(tf.backend() as WebGPUBackend, rehearse, onProgress);
  // The rehearsal has not the buffers of a step.
  releaseFreeMemory();
}

/** What a run is about to compute. */
interface Work {
  config: RunConfig;
  /** Images of a pass. */
  numImages: number;
  /** Runs the programs of a step. */
  rehearse: () => void;
  /** The device has to prove itself once more: the run came to numbers that are not finite. */
  isSuspected?: boolean;
}

/** Makes the device ready for a run. */
export type PrepareDevice = (
  work: Work,
  onProgress: (progress: CompileProgress) => void,
) => Promise<void>;

/** How a graphics device proves itself, see `checkDevice`. */
export interface Proving {
  /** Makes WebAssembly the current backend. */
  startReference: () => Promise<void>;
  /** Passes that it has proven itself with, by `passKey`; it adds those that it proves. */
  proven: { has(key: string): boolean; add(key: string): void };
}

/**
 * Compiles ahead, and has a graphics device prove itself the first time that it computes such passes.
 *
 * @throws ProgramRefusedError or WrongNumbersError
 */
export function preparing({ startReference, proven }: Proving): PrepareDevice {
  return async ({ config, numImages, rehearse, isSuspected = false }, onProgress) => {
    await compileAhead(rehearse, onProgress);
    const key = passKey(config, numImages);
    if (tf.getBackend() !== "webgpu" || (proven.has(key) && !isSuspected)) return;
    const isProven = await unlessWithoutReference(
      checkDevice(config, { numImages, startReference }),
    );
    if (!isProven || isSuspected) return;
    proven.add(key);
    proven.add(passKey(config, "predicted"));
  };
}

/**
 * Has a graphics device prove itself before the first digits are drawn with such a network, unless it has trained one.
 *
 * @throws WrongNumbersError
 */
export async function prepareSampling(
  config: RunConfig,
  { startReference, proven }: Proving,
): Promise<void> {
  const key = passKey(config, "predicted");
  if (tf.getBackend() !== "webgpu" || proven.has(key)) return;
  if (await unlessWithoutReference(checkPrediction(config, startReference))) proven.add(key);
}

/** Where there is nothing to compare with, a device is believed: better than to compute nothing on one that is most likely right. */
async function unlessWithoutReference(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch (error) {
    if (!(error instanceof NoReferenceError)) throw error;
    console.warn(`The graphics device was not checked: ${error.message}`);
    return false;
  } finally {
    // The pass is of another network than what is computed next, and so are its buffers.
    releaseFreeMemory();
  }
}

/** What the programs of a pass follow from; of images that are trained on, or one whose noise is predicted. */
function passKey(config: RunConfig, images: number | "predicted"): string {
  const { architecture, precision } = config;
  // Without the architecture, which the number of its settings tells, earlier proofs of a U-Net still hold.
  const names = NETWORK_SETTINGS.filter(
    (name) => name !== "architecture" && isOfArchitecture(name, architecture),
  );
  return [...names.map((name) => config[name]), precision, images].join(" ");
}

/** Why the backend can no longer compute. */
export interface BackendFault {
  cause: FaultCause;
  message: string;
  /** For a bug report, where there is more to say. */
  details?: string;
}

/** The fault that an error of a computation tells of; null for one that tells of none. */
export function faultOf(error: unknown): BackendFault | null {
  if (error instanceof OutOfMemoryError) return { cause: "outOfMemory", message: error.message };
  if (error instanceof ProgramRefusedError) return { cause: "refused", message: error.message };
  if (error instanceof WrongNumbersError) return { cause: "wrong", message: error.message };
  return null;
}

/** How WebGPU is to be started. */
export interface WebgpuOptions {
  /** TensorFlow.js' class, from its package, which has registered its kernels. */
  Backend: typeof WebGPUBackend;
  adapter: GPUAdapter;
  /** See `openDevice`. */
  findAdapter: () => Promise<GPUAdapter | null>;
  /** What the kernels are computed on; the adapter's first when left out. */
  rung?: Rung;
  /** All that its buffers may take; as much as a laptop can spare when left out. */
  memoryBytes?: number;
  /** See `cutSubmits`; 1 when left out. */
  submitShare?: number | undefined;
  /** Called when the device is gone or has failed. */
  onFault: (fault: BackendFault) => void;
}

/**
 * Starts WebGPU on a device of our own, with our kernels and our pool of buffers.
 *
 * @throws Error when the device cannot be opened
 */
export async function startWebgpu(options: WebgpuOptions): Promise<WebGPUBackend> {
  const { Backend, adapter, rung, memoryBytes, submitShare = 1, onFault } = options;
  if (memoryBytes) MEMORY_BUDGET_BYTES.webgpu = memoryBytes;
  registerWebgpuKernels();
  const device = await openDevice(adapter, options.findAdapter);
  if (rung) setTuning(device, tuningOn(rung, adapter.info));
  const backend = new Backend(device, adapter.info);
  // In place of the package's own, whose device has no extensions.
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => backend);
  await tf.setBackend("webgpu");
  poolBuffers(backend, MEMORY_BUDGET_BYTES.webgpu);
  cutSubmits(backend, submitShare);
  expandForOthers(backend, (half) => expand(backend, half));
  reportFaults(device, onFault);
  // An adapter in software may take as long for what a card does at once. Older browsers do not tell what it is.
  const info: GPUAdapterInfo | undefined = adapter.info;
  if (!info || !isSoftware(info)) {
    watchReads(backend, (seconds) =>
      onFault({
        cause: "deviceLost",
        message: `The graphics card has not answered for ${seconds} seconds.`,
      }),
    );
  }
  return backend;
}

/**
 * Reports the loss of the graphics device, after which every result is zeros or never comes, and errors of
 * it, such as a lack of memory, after which results are wrong. TensorFlow.js notices neither.
 */
function reportFaults(device: GPUDevice, onFault: (fault: BackendFault) => void): void {
  device.lost.then(({ message }) => {
    const reason = message ? `: ${message}` : ".";
    onFault({ cause: "deviceLost", message: `The browser lost the graphics card${reason}` });
  });
  device.addEventListener(
    "uncapturederror",
    ({ error }) =>
      onFault({
        cause: error instanceof GPUOutOfMemoryError ? "outOfMemory" : "deviceError",
        message: `The graphics card reported an error: ${error.message}`,
      }),
    // One follows from the other.
    { once: true },
  );
}

/** Waits for a fault of the graphics device, which may be reported after the errors that follow from it. */
export function waitForDeviceError(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}
