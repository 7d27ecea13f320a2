/** Starts a backend for one side of the benchmark; in a browser under `window.bench`. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerWebgpuKernels } from "../../src/ops/webgpu/register.ts";
import { benchSide, type Side, type SideOptions } from "./side.ts";

export async function startSide(
  backend: "wasm" | "webgpu",
  options: SideOptions,
  wasmPaths?: Record<string, string>,
): Promise<Side> {
  if (wasmPaths) setWasmPaths(wasmPaths);
  if (!options.isStock) registerWebgpuKernels();
  if (!(await tf.setBackend(backend)))
    throw new Error(`The backend ${backend} does not start here.`);
  return benchSide(options);
}
