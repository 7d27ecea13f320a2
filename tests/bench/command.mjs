/**
 * `npm run bench`: the training step, fused against stock TensorFlow.js, and more, in one run with the
 * sides taking turns. --backend=webgpu|wasm, --preset=tiny|quick|assignment, --batch=N, --steps=N
 * rounds, --json=FILE.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Of a sampling step. */
const NUM_DIGITS = 32;

const { values: options } = parseArgs({
  options: {
    backend: { type: "string", default: "webgpu" },
    preset: { type: "string", default: "tiny" },
    batch: { type: "string", default: "8" },
    steps: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const [batchSize, numRounds] = [Number(options.batch), Number(options.steps)];

const servers = { fused: await serve(false), stock: await serve(true) };
const { launchOptions } = await servers.fused.ssrLoadModule("/tests/e2e/launch.ts");
const browser = await chromium.launch(launchOptions);
try {
  const figures = await measure();
  print(figures);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser.close();
  for (const server of Object.values(servers)) await server.close();
}

/** The stock side is the same network with TensorFlow.js' own gradients, and without our kernels. */
async function serve(isStock) {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const alias = [
    { find: /^.*\/withGradient\.ts$/, replacement: `${here}stockWithGradient.ts` },
    { find: /^.*\/kernel\.ts$/, replacement: `${here}stockKernel.ts` },
  ];
  const server = await createServer({
    root: ROOT,
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    resolve: { alias: isStock ? alias : [] },
    cacheDir: `node_modules/.vite-bench-${isStock ? "stock" : "fused"}`,
  });
  return server.listen();
}

async function open(name) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  await page.goto(`${servers[name].resolvedUrls.local[0]}tests/bench/page.html`);
  await page.waitForFunction(() => window.bench);
  const side = { preset: options.preset, batchSize, isStock: name === "stock" };
  await page.evaluate(([backend, of]) => window.bench.start(backend, of), [options.backend, side]);
  return page;
}

async function measure() {
  const sides = { fused: await open("fused"), stock: await open("stock") };
  const trainStep = (page) => page.evaluate(() => window.bench.side.trainStep());
  const forward = (page) => page.evaluate((n) => window.bench.side.forward(n), NUM_DIGITS);
  const steps = { fused: [], stock: [] };
  const forwards = { fused: [], stock: [] };
  const matmuls = [];
  const first = {};
  for (const [name, page] of Object.entries(sides)) {
    first[name] = (await trainStep(page)).stepMs;
    await forward(page);
  }
  for (let round = 0; round < numRounds; round++) {
    for (const [name, page] of Object.entries(sides)) {
      steps[name].push(await trainStep(page));
      forwards[name].push(await forward(page));
    }
    matmuls.push(await sides.fused.evaluate(() => window.bench.side.matmulGflops()));
  }
  const flops = await sides.fused.evaluate((p) => window.bench.forwardFlops(p), options.preset);
  const device = await sides.fused.evaluate((b) => window.bench.device(b), options.backend);
  const summary = (name) => {
    const of = (key) => median(steps[name].map((step) => step[key]));
    const stepMs = of("stepMs");
    return {
      stepMs,
      firstStepMs: first[name],
      jsMs: of("jsMs"),
      dispatches: of("dispatches"),
      uploads: of("uploads"),
      peakBytesPerImage: of("peakBytes") / batchSize,
      imagesPerSecond: (1000 * batchSize) / stepMs,
      gflops: (3 * flops * batchSize) / stepMs / 1e6,
      forwardMs: median(forwards[name]),
    };
  };
  return {
    machine: `${cpus()[0]?.model ?? "processor"}, ${cpus().length} cores`,
    device,
    backend: options.backend,
    preset: options.preset,
    batchSize,
    rounds: numRounds,
    matmulGflops: median(matmuls),
    fused: summary("fused"),
    stock: summary("stock"),
  };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function print({ fused, stock, ...run }) {
  console.log(
    `\n${run.preset}, batch ${run.batchSize}, ${run.backend}: ${run.device}; ${run.machine}`,
  );
  console.log(
    `medians of ${run.rounds} rounds; matmul 512: ${run.matmulGflops.toFixed(2)} GFLOP/s\n`,
  );
  row("", "fused", "stock", "stock / fused");
  const rows = [
    ["training step, ms", "stepMs", 0],
    ["first step, ms", "firstStepMs", 0],
    ["JavaScript a step, ms", "jsMs", 0],
    ["dispatches a step", "dispatches", 0],
    ["uploads a step", "uploads", 0],
    ["peak GPU MB an image", "peakBytesPerImage", 1, 1e-6],
    ["images a second", "imagesPerSecond", 2],
    ["training GFLOP/s", "gflops", 2],
    [`forward pass, ${NUM_DIGITS} digits, ms`, "forwardMs", 0],
  ];
  for (const [label, key, digits, unit = 1] of rows) {
    const [ours, theirs] = [fused[key] * unit, stock[key] * unit];
    row(label, ours.toFixed(digits), theirs.toFixed(digits), (theirs / ours).toFixed(2));
  }
}

function row(label, ...cells) {
  console.log(label.padEnd(32), ...cells.map((cell) => cell.padStart(14)));
}
