import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/** Serves pages from the sources, and loads modules of these into Node. */
export function compilingServer() {
  return createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    // TensorFlow.js' modules and its bundle for Node are two copies of it; only one may be loaded.
    ssr: { noExternal: [/^@tensorflow\//] },
    cacheDir: "node_modules/.vite-bench",
  });
}
