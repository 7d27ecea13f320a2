import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { env } from "@tensorflow/tfjs-core";

const PATHS = {
  "tfjs-backend-wasm.wasm": plainUrl,
  "tfjs-backend-wasm-simd.wasm": simdUrl,
  // It has to be named; with threads of its own turned off it is not loaded.
  "tfjs-backend-wasm-threaded-simd.wasm": simdUrl,
};

/**
 * Tells TensorFlow.js' WebAssembly backend, before it starts, which binaries to load: those that the app
 * itself serves, without threads. Threads of its own would serve few operations; training has several by
 * replicas.
 */
export async function chooseWasmBinaries(): Promise<void> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(PATHS);
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
}
