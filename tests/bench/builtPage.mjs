import { fileURLToPath } from "node:url";
import { build, createServer } from "vite";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Builds the page that a visitor gets: the development server's modules start later.
 *
 * @param paths of modules in TypeScript, from the project's folder on
 * @returns how the tests start the browser, and these modules
 */
export async function buildPage(...paths) {
  // First, since it is React's form for development that is built beside a server.
  await build({ root: ROOT, logLevel: "error" });
  const reader = await createServer({
    root: ROOT,
    logLevel: "error",
    cacheDir: "node_modules/.vite-bench",
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  });
  const load = (path) => reader.ssrLoadModule(path);
  const [{ launchOptions }, ...modules] = await Promise.all(
    ["/tests/e2e/launch.ts", ...paths].map(load),
  );
  await reader.close();
  return { launchOptions, modules };
}
