/**
 * `npm run bench`: this project against stock TensorFlow.js on this machine, in one run with the sides
 * taking turns: the whole training step, each operation, a denoising step. --runtime=browser|node,
 * --backend=webgpu|wasm, --preset=NAME, --batch=N, --steps=N rounds, --json=FILE.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

try {
  const server = await createServer({
    root: ROOT,
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    // TensorFlow.js' modules and its bundle for Node are two copies of it; only one may be loaded.
    ssr: { noExternal: [/^@tensorflow\//] },
    cacheDir: "node_modules/.vite-bench",
  });
  const { PRESETS } = await server.ssrLoadModule("/src/engine/config/presets.ts");
  const { json, ...options } = readOptions({
    runtime: ["browser", "node"],
    backend: ["webgpu", "wasm"],
    preset: Object.keys(PRESETS),
  });
  const { benchmarkText } = await server.ssrLoadModule("/src/engine/bench/table.ts");
  const { run } = await import(
    options.runtime === "node" ? "./runInNode.mjs" : "./runInBrowser.mjs"
  );
  const figures = await run(server, requestOf(options), tellProgress);
  console.log(`\n${benchmarkText(figures)}`);
  if (json) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  // A graphics device and the server would keep Node alive.
  process.exit(0);
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}

/** @throws Error that names the choices */
function readOptions(choicesByName) {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string", default: "browser" },
      backend: { type: "string", default: "webgpu" },
      preset: { type: "string", default: "tiny" },
      batch: { type: "string", default: "8" },
      steps: { type: "string", default: "5" },
      json: { type: "string" },
    },
  });
  for (const [name, choices] of Object.entries(choicesByName)) {
    if (choices.includes(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is none of ${choices.join(", ")}.`);
  }
  for (const name of ["batch", "steps"]) {
    if (/^[1-9]\d*$/.test(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is not a number of at least 1.`);
  }
  return values;
}

function requestOf({ backend, preset, batch, steps }) {
  const numRounds = Number(steps);
  return {
    type: "benchmark",
    backend,
    preset,
    batchSize: Number(batch),
    effort: { minRounds: numRounds, maxRounds: numRounds, budgetMs: Number.POSITIVE_INFINITY },
    machine: `${cpus()[0]?.model.trim() ?? "processor"}, ${cpus().length} logical cores`,
  };
}

function tellProgress({ doing, fraction }) {
  process.stderr.write(`\r\x1b[K${Math.round(100 * fraction)}% ${doing}`);
}
