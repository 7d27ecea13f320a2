/**
 * `npm run bench`: this project against stock TensorFlow.js on this machine, in one run with the sides
 * taking turns: the whole training step, each operation, a denoising step. --runtime=browser|node,
 * --backend=webgpu|wasm, --preset=NAME, --batch=N, --steps=N rounds, --json=FILE; --sides=fused leaves out
 * stock, --seconds=N ends all rounds after that time, but not before three of each. In Node, --measure=epoch measures
 * instead what an epoch is made of, and each kernel; --measure=device whether the device computes right, what it compiles
 * and how it submits, with --tiles also which candidates of tiles are the fastest.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { compilingServer } from "./compilingServer.mjs";

/** Before time is short. */
const MIN_ROUNDS = 3;

try {
  // It compares both.
  const hasBothBackends = process.argv.includes("--measure=device");
  const server = await compilingServer({ hasBothBackends });
  const { PRESETS } = await server.ssrLoadModule("/src/engine/config/presets.ts");
  const { json, ...options } = readOptions({
    runtime: ["browser", "node"],
    backend: ["webgpu", "wasm"],
    preset: Object.keys(PRESETS),
    measure: ["benchmark", "epoch", "device"],
    sides: ["both", "fused"],
  });
  const { benchmarkText } = await server.ssrLoadModule("/tests/bench/stock/table.ts");
  const { run } = await import(
    options.runtime === "node" ? "./runInNode.mjs" : "./runInBrowser.mjs"
  );
  const figures = await run(server, requestOf(options), tellProgress);
  if (options.measure === "benchmark") console.log(`\n${benchmarkText(figures)}`);
  else if (!json) console.log(figures);
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
      seconds: { type: "string" },
      sides: { type: "string", default: "both" },
      measure: { type: "string", default: "benchmark" },
      tiles: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  for (const [name, choices] of Object.entries(choicesByName)) {
    if (choices.includes(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is none of ${choices.join(", ")}.`);
  }
  for (const name of ["batch", "steps", "seconds"]) {
    if (values[name] === undefined || /^[1-9]\d*$/.test(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is not a number of at least 1.`);
  }
  if (values.measure !== "benchmark" && values.runtime !== "node") {
    throw new Error(`--measure=${values.measure} needs --runtime=node.`);
  }
  return values;
}

function requestOf({ measure, backend, preset, batch, steps, seconds, sides, tiles }) {
  const maxRounds = Number(steps);
  const [minRounds, budgetMs] = seconds
    ? [Math.min(MIN_ROUNDS, maxRounds), 1000 * Number(seconds)]
    : [maxRounds, Number.POSITIVE_INFINITY];
  return {
    type: measure,
    backend,
    preset,
    batchSize: Number(batch),
    effort: { minRounds, maxRounds, budgetMs },
    triesTiles: tiles,
    ...(sides === "fused" && { sides: ["fused"] }),
    machine: `${cpus()[0]?.model.trim() ?? "processor"}, ${cpus().length} logical cores`,
  };
}

function tellProgress({ doing, fraction }) {
  process.stderr.write(`\r\x1b[K${Math.round(100 * fraction)}% ${doing}`);
}
