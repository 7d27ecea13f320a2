/**
 * `npm run bench:cost`: what a training step asks of a graphics card, and a prediction for some cards, counted
 * on a device that computes nothing. --preset=NAME, --batch=N images, --rows=N of the table, --json for all
 * numbers under plain names.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

try {
  const server = await createServer({
    root: ROOT,
    logLevel: "error",
    appType: "custom",
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    // TensorFlow.js' modules and its bundle for Node are two copies of it; only one may be loaded.
    ssr: { noExternal: [/^@tensorflow\//] },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  const { PRESETS, presetConfig } = await server.ssrLoadModule("/src/engine/config/presets.ts");
  const { preset, batch, rows, json } = readOptions(Object.keys(PRESETS));
  const config = presetConfig(preset);
  const batchSize = batch === undefined ? config.batchSize : Number(batch);
  // The modules of TensorFlow.js still ask for Node's own parts in this way.
  globalThis.require = createRequire(import.meta.url);
  const { startOnFakeGpu } = await server.ssrLoadModule("/tests/unit/fakeGpu.ts");
  await startOnFakeGpu();
  const { costOfStep } = await server.ssrLoadModule("/tests/bench/stepCost.ts");
  const { costFigures, costText } = await server.ssrLoadModule("/tests/bench/costTable.ts");
  const asked = { ...config, batchSize };
  const figures = costFigures(preset, asked, await costOfStep(asked));
  console.log(json ? JSON.stringify(figures, null, 2) : costText(figures, Number(rows)));
  // The server would keep Node alive.
  process.exit(0);
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}

/** @throws Error that names the choices */
function readOptions(presets) {
  const { values } = parseArgs({
    options: {
      preset: { type: "string", default: "assignment" },
      batch: { type: "string" },
      rows: { type: "string", default: "30" },
      json: { type: "boolean", default: false },
    },
  });
  if (!presets.includes(values.preset)) {
    throw new Error(`--preset=${values.preset} is none of ${presets.join(", ")}.`);
  }
  for (const name of ["batch", "rows"]) {
    if (values[name] === undefined || /^[1-9]\d*$/.test(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is not a number of at least 1.`);
  }
  return values;
}
