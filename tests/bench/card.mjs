/**
 * `npm run bench:card`: all that is worth knowing of a graphics card, in Node on Dawn, in less than ten
 * minutes: the benchmark of Assignment, Laptop and Quick with stock TensorFlow.js where it can, what an
 * epoch of each takes, each kernel of their steps by the card's clock, and PyTorch eager where it has CUDA.
 * Each part is a process of its own with a time limit; one that fails is told, and the others go on.
 * --json=FILE (bench-card.json), --presets=NAMES, --batch=N for all instead of each preset's, --steps=N
 * rounds at most, --limit=N seconds for a part, on a machine so slow that the usual 80 do not do.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { provideGpu } from "../../tools/nodeGpu.mjs";
import { compilingServer } from "./compilingServer.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BENCH = fileURLToPath(new URL("command.mjs", import.meta.url));
const TORCH = fileURLToPath(new URL("torchStep.py", import.meta.url));
/** Seven parts of so many seconds stay under ten minutes. */
const LIMIT_SECONDS = 80;
/** Of the limit: stock must leave time for another try without it. */
const [SHARE_WITH_STOCK, SHARE_OF_ROUNDS] = [0.65, 0.3];
const CUDA_TEST = "import torch; assert torch.cuda.is_available()";

const startMs = performance.now();
const { values } = parseArgs({
  options: {
    json: { type: "string", default: "bench-card.json" },
    presets: { type: "string", default: "assignment,laptop,quick" },
    batch: { type: "string" },
    steps: { type: "string", default: "50" },
    limit: { type: "string", default: String(LIMIT_SECONDS) },
  },
});
const limitSeconds = Number(values.limit);
const folder = mkdtempSync(join(tmpdir(), "bench-card-"));

try {
  for (const name of ["batch", "steps", "limit"]) {
    if (values[name] === undefined || /^[1-9]\d*$/.test(values[name])) continue;
    throw new Error(`--${name}=${values[name]} is not a number of at least 1.`);
  }
  const adapter = await adapterFacts();
  const server = await compilingServer();
  const { PRESETS, presetConfig } = await server.ssrLoadModule("/src/engine/config/presets.ts");
  const { cardText, nextTry } = await server.ssrLoadModule("/tests/bench/cardFigures.ts");
  await server.close();
  const names = values.presets.split(",");
  for (const name of names) {
    if (name in PRESETS) continue;
    throw new Error(`--presets=${name} is none of ${Object.keys(PRESETS).join(", ")}.`);
  }
  const batchOf = (name) => Number(values.batch ?? presetConfig(name).batchSize);

  const figures = {
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(),
    machine: `${cpus()[0]?.model.trim() ?? "processor"}, ${cpus().length} logical cores, ${process.platform}`,
    adapter,
    driver: outputOf("nvidia-smi", [
      "--query-gpu=name,driver_version,memory.total",
      "--format=csv,noheader",
    ]),
    presets: {},
    torch: { figures: null, failed: [] },
    seconds: 0,
  };
  // After each part, so that what is measured is there whatever becomes of the rest.
  const save = () => {
    figures.seconds = (performance.now() - startMs) / 1000;
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  };
  for (const name of names) {
    const batchSize = batchOf(name);
    const benchmark = await part({ batchSize, sides: "both" }, nextTry, bench(name, "benchmark"));
    figures.presets[name] = { benchmark, epoch: { figures: null, failed: [] } };
    save();
    const first = { batchSize: benchmark.figures?.batchSize ?? batchSize, sides: "fused" };
    figures.presets[name].epoch = await part(first, nextTry, bench(name, "epoch"));
    save();
  }
  const first = { batchSize: batchOf("assignment"), sides: "fused" };
  figures.torch =
    outputOf("python3", ["-c", CUDA_TEST]) === null
      ? { figures: null, failed: [{ ...first, failure: "python3 has no torch with CUDA." }] }
      : await part(first, nextTry, torch);
  save();
  console.log(`\n${cardText(figures)}\n\nAll of it: ${values.json}`);
  rmSync(folder, { recursive: true, force: true });
  // A graphics device would keep Node alive.
  process.exit(0);
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  console.error(`\n${error.message}`);
  process.exit(1);
}

/** Tries until there are figures, or nothing to try, or no time. */
async function part(first, nextTry, measure) {
  const endMs = performance.now() + 1000 * limitSeconds;
  const failed = [];
  for (let each = first; each; ) {
    const share = each.sides === "both" ? SHARE_WITH_STOCK : 1;
    const limitMs = Math.min(endMs - performance.now(), 1000 * limitSeconds * share);
    if (limitMs <= 0) break;
    const { figures, failure, isTimeout } = await measure(each, limitMs);
    if (figures) return { figures, failed };
    failed.push({ ...each, failure });
    each = nextTry(each, isTimeout);
  }
  return { figures: null, failed };
}

/** A try of `npm run bench`. */
function bench(preset, what) {
  return async ({ batchSize, sides }, limitMs) => {
    const json = join(folder, "figures.json");
    const options = {
      ...{ runtime: "node", measure: what, preset, batch: batchSize, sides, json },
      ...{ steps: values.steps, seconds: Math.ceil(limitSeconds * SHARE_OF_ROUNDS) },
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    console.error(`\n${preset}, ${what}, batch ${batchSize}, ${sides}`);
    const { failure, isTimeout } = await run(process.execPath, [BENCH, ...args], limitMs);
    const figures = failure === null ? JSON.parse(readFileSync(json, "utf8")) : null;
    return { figures, failure, isTimeout };
  };
}

/** A try of PyTorch. */
async function torch({ batchSize }, limitMs) {
  console.error(`\nPyTorch, batch ${batchSize}`);
  const args = [TORCH, `--batch=${batchSize}`, `--steps=${values.steps}`];
  const { failure, isTimeout, output } = await run("python3", args, limitMs);
  return { figures: failure === null ? JSON.parse(output) : null, failure, isTimeout };
}

/** @returns why it failed, the last that it said; null when it did not */
function run(command, args, limitMs) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let [output, said, isTimeout] = ["", "", false];
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      said += data;
      process.stderr.write(data);
    });
    const timer = setTimeout(() => {
      isTimeout = true;
      child.kill("SIGKILL");
    }, limitMs);
    const end = (failure) => {
      clearTimeout(timer);
      resolve({ failure, isTimeout, output });
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => {
      if (code === 0) return end(null);
      const last =
        said
          .replaceAll("\x1b[K", "")
          .split(/[\r\n]+/)
          .findLast(Boolean) ?? "";
      const how = isTimeout
        ? `ended after ${Math.round(limitMs / 1000)} s`
        : (signal ?? `exit ${code}`);
      end(`${how}: ${last}`);
    });
  });
}

/** @throws Error with advice when the package or an adapter is missing */
async function adapterFacts() {
  const { info, features, limits } = await provideGpu();
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = limits;
  return {
    ...{ vendor, architecture, device, description, isFallbackAdapter },
    features: [...features],
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  };
}

function versions() {
  const versionOf = (name) =>
    JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")).version;
  const names = ["webgpu", "@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-webgpu"];
  return {
    node: process.versions.node,
    ...Object.fromEntries(names.map((n) => [n, versionOf(n)])),
  };
}

function commit() {
  const id = outputOf("git", ["rev-parse", "HEAD"]);
  if (id === null) return "unknown";
  return outputOf("git", ["status", "--porcelain", "-uno"]) ? `${id} with changes` : id;
}

/** Null where the command is missing or fails. */
function outputOf(command, args) {
  try {
    const options = { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync(command, args, { ...options, timeout: 30_000 }).trim();
  } catch {
    return null;
  }
}
