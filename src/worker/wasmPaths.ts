import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";

/** Where the app itself serves the backend's binaries. */
export const WASM_PATHS = {
  "tfjs-backend-wasm.wasm": plainUrl,
  "tfjs-backend-wasm-simd.wasm": simdUrl,
  // It has to be named; with threads of its own turned off it is not loaded.
  "tfjs-backend-wasm-threaded-simd.wasm": simdUrl,
};
