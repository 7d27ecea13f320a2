/**
 * `npm run train`, `sweep`, `distil`, `sample`, `evaluate`, `compare:samplers`, `export`, `report`: what the page does, in
 * Node; and `train:classifier`, a tool.
 * Loads the command, one of this folder by its name or any by its path, through Vite, which knows how the sources are put
 * together; `--backend` decides which TensorFlow.js that is. A command has its `OPTIONS`, and `run`, which gives the exit
 * status, and throws one of the errors below where a file or an option is wrong.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { provideGpu } from "../../../tools/nodeGpu.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Errors whose message says what a person can do. */
const FOR_PERSON = [
  "CommandError",
  "StorageError",
  "FormatError",
  "DataError",
  "GpuError",
  "OutOfMemoryError",
];

const [name, ...args] = process.argv.slice(2);
const file = name?.endsWith(".ts") ? name : `src/hosts/cli/${name}.ts`;
if (!existsSync(join(ROOT, file))) {
  console.error(
    `Expected a command, such as train or sample, got ${name ?? "none"}: package.json lists them all.`,
  );
  process.exit(1);
}
try {
  const isOnGpu = /(^| )--backend[= ]webgpu( |$)/.test(args.join(" "));
  if (isOnGpu) await provideGpu();
  const server = await createServer({
    root: ROOT,
    logLevel: "error",
    appType: "custom",
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    // The WebGPU backend comes as modules alone, which Node does not load by itself. All else is Node's, and so the core is
    // loaded once, and WebAssembly is there beside WebGPU.
    ssr: isOnGpu ? { noExternal: [/^@tensorflow\/tfjs-backend-(webgpu|cpu)/] } : {},
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  const { run, OPTIONS } = await server.ssrLoadModule(`/${file}`);
  if (args.includes("--help")) {
    const { helpOf } = await server.ssrLoadModule("/src/hosts/cli/options.ts");
    console.log(helpOf(OPTIONS));
  } else process.exitCode = await run(args);
  await server.close();
  // A graphics device would keep Node alive.
  process.exit();
} catch (error) {
  const isForPerson = FOR_PERSON.includes(error?.name);
  console.error(`\n${isForPerson ? error.message : (error?.stack ?? error)}`);
  process.exit(1);
}
