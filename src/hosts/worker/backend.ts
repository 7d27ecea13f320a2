import * as tf from "@tensorflow/tfjs-core";
import { messageOf } from "../../engine/messageOf.ts";
import { registerWasmKernels } from "../../engine/ops/wasm/register.ts";
import { nudgeReads } from "../../engine/ops/webgpu/reads.ts";
import { firstRung, isSoftware } from "../../engine/ops/webgpu/tuning.ts";
import { type BackendFault, startWebgpu, type WebgpuOptions } from "../../runtime/run/device.ts";
import type { BackendReport, Fallback } from "../../runtime/run/events.ts";
import type { BackendChoice } from "./protocol.ts";
import { chooseWasmBinaries } from "./wasmBinaries.ts";

/**
 * Starts the best backend this browser has: WebGPU on a graphics card, else WebAssembly. A software
 * WebGPU adapter is tens of times slower than WebAssembly and taken only when asked for. Whatever fails
 * on the way to WebGPU, WebAssembly takes its place, and the report says why.
 *
 * @param onFault called when the graphics device is gone or has failed
 * @param fallback the rung that the graphics device is on since it failed; null where it has not
 * @param submitShare see `cutSubmits`
 * @throws Error when not even WebAssembly starts, with the reasons of both
 */
export async function startBackend(
  choice: BackendChoice,
  onFault: (fault: BackendFault) => void,
  fallback: Fallback | null = null,
  submitShare?: number,
): Promise<BackendReport> {
  // Who chose WebAssembly reads that it did not start, and not that it did not start either.
  if (choice === "wasm") return startWasm(CHOSEN_WASM, "It could not be started");
  const gpu = await tryWebgpu(choice === "webgpu", { onFault, submitShare }, fallback);
  if ("backend" in gpu) return gpu;
  if (gpu.fallback) return startWasm(gpu, "WebAssembly could not be started either");
  const wish = choice === "webgpu" ? "WebGPU was chosen and is not available. " : "";
  const noWebgpu = { ...gpu, reason: `${wish}${gpu.reason}` };
  const report = await startWasm(noWebgpu, "WebAssembly could not be started either");
  if (gpu.reason === ONLY_SOFTWARE) return report;
  return { ...report, reason: `${report.reason} Everything works without one, only slower.` };
}

const ONLY_SOFTWARE =
  "The only WebGPU adapter computes on the processor; WebAssembly is faster there.";

/** Why WebGPU is not what is computed on. */
type NoWebgpu = Pick<BackendReport, "advice" | "fallback"> & { reason: string };

const CHOSEN_WASM: NoWebgpu = { reason: "WebAssembly was chosen.", advice: null, fallback: null };

async function tryWebgpu(
  isChosen: boolean,
  options: Pick<WebgpuOptions, "onFault" | "submitShare">,
  fallback: Fallback | null,
): Promise<BackendReport | NoWebgpu> {
  const adapter = await findAdapter();
  if (!("requestDevice" in adapter)) return { ...adapter, fallback: null };
  // Undefined in older Firefox and Safari.
  const info: GPUAdapterInfo | undefined = adapter.info;
  const known = fallback?.adapter === formatDevice(info) ? fallback : null;
  if (known?.rung === "wasm") return { reason: known.reason, advice: TRY_AGAIN, fallback: known };
  if (!isChosen && info && isSoftware(info)) {
    return {
      reason: ONLY_SOFTWARE,
      advice: `If this machine has a graphics card, ${turnOnGraphics(navigator.userAgent)}${seeGpuPage()}.`,
      fallback: null,
    };
  }
  let webgpu: typeof import("@tensorflow/tfjs-backend-webgpu");
  try {
    webgpu = await import("@tensorflow/tfjs-backend-webgpu");
  } catch (error) {
    return {
      reason: `The program for WebGPU could not be loaded (${messageOf(error)}).`,
      advice: "Check the network connection and reload the page.",
      fallback: null,
    };
  }
  try {
    const rung = known?.rung ?? firstRung(info);
    const { WebGPUBackend: Backend } = webgpu;
    const backend = await startWebgpu({
      Backend,
      adapter,
      findAdapter: requestAdapter,
      rung,
      ...(PHONES.test(navigator.userAgent) && { memoryBytes: PHONE_MEMORY_BYTES }),
      ...options,
    });
    if (/Firefox\//.test(navigator.userAgent)) nudgeReads(backend);
    const report = webgpuReport(info);
    if (!known) return report;
    return { ...report, rung, reason: known.reason, advice: TRY_AGAIN, fallback: known };
  } catch (error) {
    return {
      reason: `The graphics adapter was found but could not be started (${messageOf(error)}).`,
      advice: `Close other pages that use the graphics card, reload, or update the graphics driver${seeGpuPage()}.`,
      fallback: null,
    };
  }
}

const PHONES = /Android|iPhone|iPad/;

/** A phone shares its memory with its graphics processor, and its browser ends a page that takes a gigabyte or so. */
const PHONE_MEMORY_BYTES = 0.5e9;

/** What a person can do where the graphics device went down the ladder. */
const TRY_AGAIN = "Try again after updating the browser or the graphics driver.";

async function findAdapter(): Promise<GPUAdapter | Omit<NoWebgpu, "fallback">> {
  const { userAgent } = navigator;
  if (!("gpu" in navigator)) {
    return isSecureContext
      ? {
          reason: "This browser has no WebGPU.",
          advice: enableWebgpu(userAgent),
        }
      : {
          reason: "WebGPU is off because the page was not loaded over HTTPS.",
          advice: "Open the page over https:// or from localhost.",
        };
  }
  let why = "";
  try {
    const adapter = await requestAdapter();
    if (adapter) return adapter;
  } catch (error) {
    // In Firefox, where the driver is blocked or WebGPU is switched off.
    why = ` (${messageOf(error)})`;
  }
  return {
    reason: `The browser found no graphics adapter for WebGPU${why}.`,
    advice: `${asSentence(turnOnGraphics(userAgent))}${orDriver(userAgent)}${seeGpuPage()}.`,
  };
}

/** A graphics process takes a second or two to start. */
const ADAPTER_S = 20;

/** @throws Error when the browser does not answer */
async function requestAdapter(): Promise<GPUAdapter | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const error = new Error(`it did not answer for ${ADAPTER_S} seconds`);
    timer = setTimeout(() => reject(error), 1000 * ADAPTER_S);
  });
  try {
    const asked = navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** What brings the graphics card of a machine to WebGPU, by browser and system, where it computes on the processor. */
export function turnOnGraphics(userAgent: string): string {
  if (/Android|iPhone|iPad/.test(userAgent)) return "update the browser and the system";
  const isLinux = /Linux|X11/.test(userAgent) && !/CrOS/.test(userAgent);
  // Chrome and Edge on Linux draw with OpenGL unless they are told otherwise, and WebGPU needs Vulkan.
  if (!isLinux || !/Chrome\//.test(userAgent)) {
    return "turn on graphics acceleration in the browser's settings";
  }
  const flags = /Edg\//.test(userAgent) ? "edge://flags" : "chrome://flags";
  return `open ${flags}, set “Vulkan” (#enable-vulkan) and “Unsafe WebGPU Support” (#enable-unsafe-webgpu) to Enabled, and start the browser again`;
}

/** Phones and Apple's computers get their drivers with the system. */
function orDriver(userAgent: string): string {
  return /Windows|X11/.test(userAgent) ? "; or update the graphics driver" : "";
}

function asSentence(words: string): string {
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
}

/** How WebGPU is turned on in a browser that seems to have none. */
export function enableWebgpu(userAgent: string): string {
  if (/Firefox\//.test(userAgent)) {
    return "Use a current Firefox on Windows or on a Mac with an Apple chip; elsewhere open about:config and set dom.webgpu.enabled and dom.webgpu.workers.enabled to true.";
  }
  if (/Version\/\d+.*Safari\//.test(userAgent) && !/Chrome\//.test(userAgent)) {
    return "Use Safari 26 or later. Safari 18 has WebGPU among its Feature Flags: on a Mac in its settings, once “Show features for web developers” is ticked under Advanced; on an iPhone under Settings › Apps › Safari › Advanced.";
  }
  return "Use a current Chrome, Edge, Firefox or Safari.";
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

/** What the adapter says that it is. */
function formatDevice(info: GPUAdapterInfo | undefined): string {
  const name = [info?.description || info?.device, info?.vendor, info?.architecture]
    .filter(Boolean)
    .join(", ");
  return `${name || "WebGPU adapter"}${info && isSoftware(info) ? " (software)" : ""}`;
}

function webgpuReport(info: GPUAdapterInfo | undefined): BackendReport {
  const software = info !== undefined && isSoftware(info);
  return {
    backend: "webgpu",
    rung: firstRung(info),
    device: formatDevice(info),
    fallback: null,
    reason: software ? "This adapter computes on the processor, not on a graphics card." : null,
    advice: software ? "Choose “Auto”: WebAssembly is many times faster here." : null,
  };
}

/**
 * Makes WebAssembly the current backend, for a moment, beside WebGPU.
 *
 * @throws Error when it does not start
 */
export async function startWasmBeside(): Promise<void> {
  const { reason } = await startWasm(CHOSEN_WASM, "It could not be started");
  if (reason !== CHOSEN_WASM.reason) throw new Error(reason ?? "");
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
  const device = `WebAssembly${simd ? " SIMD" : ""}`;
  const { fallback } = noWebgpu;
  const report = { backend: "wasm", rung: "wasm", device, fallback } as const;
  try {
    await registerWasmKernels();
    return { ...report, reason: noWebgpu.reason, advice: noWebgpu.advice };
  } catch (error) {
    // Without them the same is composed of TensorFlow.js' operations.
    return {
      ...report,
      reason: `${noWebgpu.reason} The fast kernels for WebAssembly could not be loaded (${messageOf(error)}): training is several times slower.`,
      advice: `${noWebgpu.advice ?? ""} Reload the page to load the kernels.`.trim(),
    };
  }
}
