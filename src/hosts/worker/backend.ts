import * as tf from "@tensorflow/tfjs-core";
import { messageOf } from "../../engine/messageOf.ts";
import { registerWasmKernels } from "../../engine/ops/wasm/register.ts";
import { isSoftware } from "../../engine/ops/webgpu/tuning.ts";
import { type BackendFault, startWebgpu } from "../../runtime/run/device.ts";
import type { BackendReport } from "../../runtime/run/events.ts";
import type { BackendChoice } from "./protocol.ts";
import { chooseWasmBinaries } from "./wasmBinaries.ts";

/**
 * Starts the best backend this browser has: WebGPU on a graphics card, else WebAssembly. A software
 * WebGPU adapter is tens of times slower than WebAssembly and taken only when asked for. Whatever fails
 * on the way to WebGPU, WebAssembly takes its place, and the report says why.
 *
 * @param onFault called when the graphics device is gone or has failed
 * @throws Error when not even WebAssembly starts, with the reasons of both
 */
export async function startBackend(
  choice: BackendChoice,
  onFault: (fault: BackendFault) => void,
): Promise<BackendReport> {
  // Only here nothing else was tried before.
  if (choice === "wasm") return startWasm(CHOSEN_WASM, "It could not be started");
  const gpu = await tryWebgpu(choice === "webgpu", onFault);
  if ("backend" in gpu) return gpu;
  const wish = choice === "webgpu" ? "WebGPU was chosen and is not available. " : "";
  const reason = `${wish}${gpu.reason}`;
  return startWasm({ ...gpu, reason }, "WebAssembly could not be started either");
}

/** Why WebGPU is not what is computed on. */
type NoWebgpu = Pick<BackendReport, "advice"> & { reason: string };

const CHOSEN_WASM: NoWebgpu = { reason: "WebAssembly was chosen.", advice: null };

async function tryWebgpu(
  isChosen: boolean,
  onFault: (fault: BackendFault) => void,
): Promise<BackendReport | NoWebgpu> {
  const adapter = await findAdapter();
  if ("reason" in adapter) return adapter;
  // Undefined in older Firefox and Safari.
  const info: GPUAdapterInfo | undefined = adapter.info;
  if (!isChosen && info && isSoftware(info)) {
    return {
      reason: "The only WebGPU adapter computes on the processor; WebAssembly is faster there.",
      advice: `If this machine has a graphics card, turn on graphics acceleration in the browser's settings${seeGpuPage()}.`,
    };
  }
  let webgpu: typeof import("@tensorflow/tfjs-backend-webgpu");
  try {
    webgpu = await import("@tensorflow/tfjs-backend-webgpu");
  } catch (error) {
    return {
      reason: `The program for WebGPU could not be loaded (${messageOf(error)}).`,
      advice: "Check the network connection and reload the page.",
    };
  }
  try {
    await startWebgpu(webgpu.WebGPUBackend, adapter, onFault);
    return webgpuReport(info);
  } catch (error) {
    return {
      reason: `The graphics adapter was found but could not be started (${messageOf(error)}).`,
      advice: `Close other pages that use the graphics card, reload, or update the graphics driver${seeGpuPage()}.`,
    };
  }
}

async function findAdapter(): Promise<GPUAdapter | NoWebgpu> {
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
  let why = "";
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter) return adapter;
  } catch (error) {
    // In Firefox, where the driver is blocked or WebGPU is switched off.
    why = ` (${messageOf(error)})`;
  }
  return {
    reason: `The browser found no graphics adapter for WebGPU${why}.`,
    advice: `Turn on graphics acceleration in the browser's settings and update the graphics driver${seeGpuPage()}.`,
  };
}

/** Names the browser's page on the graphics card, if it has one. */
function seeGpuPage(): string {
  const pages = [
    [/Firefox\//, "about:support"],
    [/Edg\//, "edge://gpu"],
    [/Chrome\//, "chrome://gpu"],
  ] as const;
  const page = pages.find(([browser]) => browser.test(navigator.userAgent))?.[1];
  return page ? `; ${page} tells what is wrong` : "";
}

function webgpuReport(info: GPUAdapterInfo | undefined): BackendReport {
  const name = [info?.description || info?.device, info?.vendor, info?.architecture]
    .filter(Boolean)
    .join(", ");
  const software = info !== undefined && isSoftware(info);
  return {
    backend: "webgpu",
    device: `${name || "WebGPU adapter"}${software ? " (software)" : ""}`,
    reason: software ? "This adapter computes on the processor, not on a graphics card." : null,
    advice: software ? "Choose “auto”: WebAssembly is many times faster here." : null,
  };
}

/**
 * @param failure follows the reason against WebGPU where WebAssembly does not start
 * @throws Error when it does not start
 */
async function startWasm(noWebgpu: NoWebgpu, failure: string): Promise<BackendReport> {
  try {
    await chooseWasmBinaries();
    if (!(await tf.setBackend("wasm"))) throw new Error("the browser does not run its program");
  } catch (error) {
    throw new Error(
      `${noWebgpu.reason} ${failure}: ${messageOf(error)}. Reload the page, allow WebAssembly for it, or use a current Chrome, Edge or Firefox.`,
      { cause: error },
    );
  }
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  const report = { backend: "wasm", device: `WebAssembly${simd ? " SIMD" : ""}` } as const;
  try {
    await registerWasmKernels();
    return { ...report, ...noWebgpu };
  } catch (error) {
    // Without them the same is composed of TensorFlow.js' operations.
    return {
      ...report,
      reason: `${noWebgpu.reason} The fast kernels for WebAssembly could not be loaded (${messageOf(error)}): training is several times slower.`,
      advice: `${noWebgpu.advice ?? ""} Reload the page to load the kernels.`.trim(),
    };
  }
}
