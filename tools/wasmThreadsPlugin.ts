import type { Plugin } from "vite";

const FACTORY_START = "function(WasmBackendModuleThreadedSimd) {";

/**
 * Lets the threads of TensorFlow.js' WebAssembly backend start from a minified build. The backend
 * hands them the source text of its factory function, which refers to a variable outside of it;
 * once that variable is renamed, every thread dies with a ReferenceError. This declares it inside.
 */
export function wasmThreadsPlugin(): Plugin {
  return {
    name: "wasm-threads",
    transform(code, id) {
      if (!id.endsWith("wasm-out/tfjs-backend-wasm-threaded-simd.js")) return null;
      if (!code.includes(FACTORY_START)) {
        this.error(`Expected "${FACTORY_START}" in ${id}; see tools/wasmThreadsPlugin.ts.`);
      }
      return code.replace(FACTORY_START, `${FACTORY_START} var _scriptDir;`);
    },
  };
}
