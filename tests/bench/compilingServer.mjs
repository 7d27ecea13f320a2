import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/**
 * Serves pages from the sources, and loads modules of these into Node.
 *
 * @param hasBothBackends whether WebAssembly is to run beside WebGPU, as for the command line (`src/hosts/cli/start.mjs`); stock
 *   TensorFlow.js does not then, since its gradients come as modules alone
 */
export function compilingServer({ hasBothBackends = false } = {}) {
  return createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    ssr: {
      noExternal: [hasBothBackends ? /^@tensorflow\/tfjs-backend-(webgpu|cpu)/ : /^@tensorflow\//],
    },
    // What is imported only by the worker would make the server reload the page.
    optimizeDeps: { include: ["@tensorflow/tfjs-core/dist/register_all_gradients"] },
    cacheDir: "node_modules/.vite-bench",
  });
}
