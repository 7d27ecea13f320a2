import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/** Serves pages from the sources, and loads modules of these into Node. */
export function compilingServer() {
  return createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    // As for the command line (`src/hosts/cli/start.mjs`).
    ssr: { noExternal: [/^@tensorflow\/tfjs-backend-(webgpu|cpu)/] },
    cacheDir: "node_modules/.vite-bench",
  });
}
