import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerWasmKernels } from "../ops/wasm/register.ts";
import { type CompileProgress, compilePrograms } from "../ops/webgpu/compilePrograms.ts";
import { registerWebgpuKernels } from "../ops/webgpu/register.ts";
import { isSoftware } from "../ops/webgpu/tuning.ts";
import type { BackendChoice, BackendReport, FaultCause } from "./protocol.ts";
import { chooseWasmBinaries } from "./wasmBinaries.ts";

/**
 * Starts the best backend this browser has: WebGPU on a graphics card, else WebAssembly. A software
 * WebGPU adapter is tens of times slower than WebAssembly and taken only when asked for.
 *
 * @param onFault called when the graphics device is gone or has failed
 * @throws Error when not even WebAssembly starts
 */
export async function startBackend(
  choice: BackendChoice,
  onFault: (fault: BackendFault) => void,
): Promise<BackendReport> {
  const gpu = choice === "wasm" ? CHOSEN_WASM : await findAdapter();
  if ("adapter" in gpu && (choice === "webgpu" || !isSoftware(gpu.adapter.info))) {
    await import("@tensorflow/tfjs-backend-webgpu");
    registerWebgpuKernels();
    if (await tf.setBackend("webgpu")) {
      reportFaults(onFault);
      return webgpuReport(gpu.adapter.info);
    }
  }
  const { reason, advice } = whyNotGpu(gpu);
  const wish = choice === "webgpu" ? "WebGPU was chosen and is not available. " : "";
  return { ...(await startWasm()), reason: `${wish}${reason}`, advice };
}

/** Has the programs compiled that `rehearse` runs. */
export type Compile = (
  rehearse: () => void,
  onProgress: (progress: CompileProgress) => void,
) => Promise<void>;

/** Where programs are compiled for the device, all at once and before the first one is waited for. */
export const compileAhead: Compile = async (rehearse, onProgress) => {
  if (tf.getBackend() !== "webgpu") return;
  await compilePrograms(tf.backend() as WebGPUBackend, rehearse, onProgress);
};

/** Why the backend can compute no more. */
export interface BackendFault {
  cause: FaultCause;
  message: string;
  /** For a bug report, where there is more to say. */
  details?: string;
}

/**
 * TensorFlow.js notices neither: after a loss every result is zeros or never comes, and after an error,
 * such as a lack of memory, what was asked for is left out and the next results are wrong.
 */
export function reportFaults(onFault: (fault: BackendFault) => void): void {
  const { device } = tf.backend() as WebGPUBackend;
  device.lost.then(({ message }) => {
    const reason = message ? `: ${message}` : ".";
    onFault({ cause: "deviceLost", message: `The graphics device was lost${reason}` });
  });
  device.addEventListener(
    "uncapturederror",
    ({ error }) =>
      onFault({
        cause: error instanceof GPUOutOfMemoryError ? "outOfMemory" : "error",
        message: `The graphics device reported an error: ${error.message}`,
      }),
    // One follows from the other.
    { once: true },
  );
}

type GpuSearch = { adapter: GPUAdapter } | { reason: string; advice: string | null };

const CHOSEN_WASM: GpuSearch = { reason: "WebAssembly was chosen.", advice: null };

async function findAdapter(): Promise<GpuSearch> {
  if (!("gpu" in navigator)) {
    return isSecureContext
      ? {
          reason: "This browser has no WebGPU.",
          advice:
            "Use a current Chrome or Edge; in Firefox and Safari WebGPU may have to be enabled.",
        }
      : {
          reason: "WebGPU is off because the page was not loaded over HTTPS.",
          advice: "Open the page over https:// or from localhost.",
        };
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter) return { adapter };
  return {
    reason: "The browser found no graphics adapter for WebGPU.",
    advice:
      "Turn on “Use graphics acceleration when available” in the browser's settings, update the graphics driver, and see chrome://gpu.",
  };
}

function webgpuReport(info: GPUAdapterInfo): BackendReport {
  const name = [info.description || info.device, info.vendor, info.architecture]
    .filter((part) => part !== "")
    .join(", ");
  const software = isSoftware(info);
  return {
    backend: "webgpu",
    device: `${name || "WebGPU adapter"}${software ? " (software)" : ""}`,
    reason: software ? "This adapter computes on the processor, not on a graphics card." : null,
    advice: software ? "Choose “auto”: WebAssembly is many times faster here." : null,
  };
}

function whyNotGpu(gpu: GpuSearch): { reason: string; advice: string | null } {
  if (!("adapter" in gpu)) return gpu;
  if (isSoftware(gpu.adapter.info)) {
    return {
      reason: "The only WebGPU adapter computes on the processor; WebAssembly is faster there.",
      advice:
        "If this machine has a graphics card, turn on graphics acceleration in the browser's settings and see chrome://gpu.",
    };
  }
  return {
    reason: "The graphics adapter was found but could not be started.",
    advice: "Close other pages that use the graphics card, reload, or update the graphics driver.",
  };
}

async function startWasm(): Promise<Pick<BackendReport, "backend" | "device">> {
  await chooseWasmBinaries();
  if (!(await tf.setBackend("wasm"))) {
    throw new Error(
      "Neither WebGPU nor WebAssembly could be started. Use a current Chrome, Edge or Firefox, and allow WebAssembly for this page.",
    );
  }
  await registerWasmKernels();
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return { backend: "wasm", device: `WebAssembly${simd ? " SIMD" : ""}` };
}
