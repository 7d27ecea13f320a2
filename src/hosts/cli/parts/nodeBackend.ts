import { setFlagsFromString } from "node:v8";
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { fastestVariant } from "../../../engine/ops/wasm/module.ts";
import { registerWasmKernels } from "../../../engine/ops/wasm/register.ts";
import { faultOf, prepareSampling, startWebgpu } from "../../../runtime/run/device.ts";
import { type BackendName, CommandError } from "../options.ts";

/**
 * Starts the backend in Node, which for WebGPU has to look like a browser before (`tools/nodeGpu.mjs`).
 *
 * @param onFault called with what happened when the graphics device is gone or has failed
 * @returns what it computes on, e.g. `WebAssembly`
 * @throws CommandError when it does not start
 */
export async function startNodeBackend(
  backend: BackendName,
  onFault: (message: string) => void,
): Promise<string> {
  if (backend === "wasm") {
    await startNodeWasm();
    return "WebAssembly";
  }
  const { WebGPUBackend: Backend } = await import("@tensorflow/tfjs-backend-webgpu");
  const findAdapter = () => navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const adapter = await findAdapter();
  try {
    if (!adapter) throw new Error("it is gone");
    const { device } = await startWebgpu({
      Backend,
      adapter,
      findAdapter,
      onFault: ({ message }) => onFault(message),
    });
    const { description, vendor } = device.adapterInfo;
    return `WebGPU, ${description || vendor || "unnamed adapter"}`;
  } catch (error) {
    throw new CommandError(
      `The graphics adapter was found but could not be started (${messageOf(error)}). Update its driver, or take --backend wasm.`,
    );
  }
}

/** Makes WebAssembly the current backend. @throws CommandError when it does not start */
export async function startNodeWasm(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend("wasm"))) {
    throw new CommandError("WebAssembly could not be started. Use a newer Node.");
  }
  // Node 20 has fused multiply-add as an option, which makes a step a tenth faster.
  if (fastestVariant() === "simd") setFlagsFromString("--experimental-wasm-relaxed-simd");
  await registerWasmKernels();
}

/** What one does about a graphics device that fails. */
export const WITHOUT_GPU = "With --backend wasm it is computed on the processor.";

/**
 * Has a graphics device prove itself before digits are drawn with such a network.
 *
 * @throws CommandError where it computes wrong numbers
 */
export async function proveSampling(config: RunConfig): Promise<void> {
  try {
    await prepareSampling(config, { startReference: startNodeWasm, proven: new Set<string>() });
  } catch (error) {
    if (faultOf(error)?.cause !== "wrong") throw error;
    throw new CommandError(`${messageOf(error)} ${WITHOUT_GPU}`);
  }
}

/** For a command that has nothing to save. */
export function endOnFault(message: string): never {
  console.error(`\n${message}`);
  process.exit(1);
}
