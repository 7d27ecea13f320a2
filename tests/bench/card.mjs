/**
 * `npm run bench:card`: all that is worth knowing of a graphics card, in Node on Dawn, in ten
 * minutes: whether it computes Assignment, Laptop and Quick right, how long their programs take to compile, the fastest of
 * all tiles, the benchmark with stock TensorFlow.js where it can, what an epoch of each takes, that of the first again in the tenth
 * minute, each kernel of their steps by the card's clock beside the model on paper, and PyTorch eager where it has CUDA.
 * Each part is a process of its own with a time limit; one that fails is told, and the others go on.
 * --json=FILE (bench-card.json), --presets=NAMES, --batch=N for all instead of each preset's, --steps=N
 * rounds at most, --limit=N seconds for a part, on a machine so slow that the usual 50 do not do.
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
/** Eleven parts of so many seconds stay under ten minutes. */
const LIMIT_SECONDS = 50;
/** Of the limit: ours comes twice, the second time with stock, and each time all is compiled anew. */
const SHARE_OF_ROUNDS = 0.15;
const MINUTES_UNTIL_HOT = 9;
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
  const { cardText } = await server.ssrLoadModule("/tests/bench/cardFigures.ts");
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
    later: null,
    seconds: 0,
  };
  // After each part, so that what is measured is there whatever becomes of the rest.
  const save = () => {
    figures.seconds = (performance.now() - startMs) / 1000;
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  };
  const nothing = { figures: null, failed: [] };
  for (const name of names) {
    const batchSize = batchOf(name);
    const measured = { device: nothing, benchmark: nothing, epoch: nothing };
    figures.presets[name] = measured;
    // One network is enough to try all tiles with.
    const device = await part(batchSize, bench(name, "device", "fused", name === names[0]));
    measured.device = { figures: device.figures, failed: device.failed };
    save();
    measured.benchmark = await benchmarkPart(name, device.figures?.batchSize ?? batchSize);
    save();
    const first = measured.benchmark.figures?.batchSize ?? batchSize;
    const epoch = await part(first, bench(name, "epoch", "fused"));
    measured.epoch = { figures: epoch.figures, failed: epoch.failed };
    save();
  }
  const first = batchOf("assignment");
  if (outputOf("python3", ["-c", CUDA_TEST]) === null) {
    const failure = "python3 has no torch with CUDA.";
    figures.torch.failed = [{ batchSize: first, sides: "fused", failure }];
  } else {
    const { figures: torchFigures, failed } = await part(first, torch);
    figures.torch = { figures: torchFigures, failed };
  }
  save();
  // A card that is hot may be slower, so it is kept busy until the tenth minute.
  const earlier = figures.presets[names[0]].epoch.figures;
  let minutes = 0;
  while (earlier && minutes < MINUTES_UNTIL_HOT) {
    const later = await part(earlier.batchSize, bench(names[0], "epoch", "fused"));
    minutes = (performance.now() - startMs) / 60_000;
    figures.later = { preset: names[0], minutes, figures: later.figures, failed: later.failed };
    save();
    if (!later.figures) break;
  }
  console.log(`\n${cardText(figures)}\n\nAll of it: ${values.json}`);
  rmSync(folder, { recursive: true, force: true });
  // A graphics device would keep Node alive.
  process.exit(0);
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  console.error(`\n${error.message}`);
  process.exit(1);
}

/** Tries with half as many images each time, until there are figures or time is over. `leftMs` is what is left of it. */
async function part(batchSize, measure) {
  const endMs = performance.now() + 1000 * limitSeconds;
  const leftMs = () => endMs - performance.now();
  const failed = [];
  for (let each = batchSize; each >= 1; each = Math.floor(each / 2)) {
    const { figures, failure, isTimeout } = await measure(each, leftMs());
    if (figures) return { figures, failed, leftMs: leftMs() };
    failed.push({ batchSize: each, sides: "fused", failure });
    if (isTimeout || leftMs() <= 0) break;
  }
  return { figures: null, failed, leftMs: leftMs() };
}

/** Ours, which then nothing can take away, and both sides in turns at the same batch if stock can do it. */
async function benchmarkPart(name, batchSize) {
  const {
    figures: ours,
    failed,
    leftMs,
  } = await part(batchSize, bench(name, "benchmark", "fused"));
  if (!ours || leftMs <= 0) return { figures: ours, failed };
  const both = await bench(name, "benchmark", "both")(ours.batchSize, leftMs);
  if (both.figures) return { figures: both.figures, failed };
  const { failure } = both;
  return {
    figures: ours,
    failed: [...failed, { batchSize: ours.batchSize, sides: "both", failure }],
  };
}

/** A try of `npm run bench`. */
function bench(preset, what, sides, triesTiles = false) {
  return async (batchSize, limitMs) => {
    const json = join(folder, "figures.json");
    const options = {
      runtime: "node",
      measure: what,
      preset,
      batch: batchSize,
      sides,
      json,
      steps: values.steps,
      seconds: Math.ceil(limitSeconds * SHARE_OF_ROUNDS),
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    if (triesTiles) args.push("--tiles");
    console.error(`\n${preset}, ${what}, batch ${batchSize}, ${sides}`);
    const { failure, isTimeout } = await run(process.execPath, [BENCH, ...args], limitMs);
    const figures = failure === null ? JSON.parse(readFileSync(json, "utf8")) : null;
    return { figures, failure, isTimeout };
  };
}

/** A try of PyTorch. */
async function torch(batchSize, limitMs) {
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
    vendor,
    architecture,
    device,
    description,
    isFallbackAdapter,
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
