/**
 * `npm run test:parity`: compares every reference file of a folder with our numbers, in a real
 * browser. PARITY_DIR names the folder (default: the fixtures), --backend=wasm|webgpu one backend
 * (default: both), --all runs large networks on a software adapter too, which takes hours.
 */
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";

/** Networks above it are for a graphics card. */
const MAX_SOFTWARE_BYTES = 2.5e6;
/** Where the browser finds the folder's files. */
const URL_PATH = "/parity-files";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const { values: options } = parseArgs({
  options: { backend: { type: "string" }, all: { type: "boolean", default: false } },
});
const backends = options.backend ? [options.backend] : ["wasm", "webgpu"];
if (backends.some((backend) => backend !== "wasm" && backend !== "webgpu")) {
  console.error(`Expected --backend=wasm or --backend=webgpu, got ${options.backend}.`);
  process.exit(2);
}
const folder = resolve(process.env.PARITY_DIR ?? join(ROOT, "tests/fixtures/reference"));
const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
if (files.length === 0) {
  console.error(`Expected .safetensors files in ${folder}, found none.`);
  process.exit(2);
}

const server = await createServer({
  root: ROOT,
  logLevel: "error",
  server: { port: 0, hmr: false, watch: null },
  plugins: [{ name: "parity-files", configureServer: serveFiles }],
});
await server.listen();
const address = server.resolvedUrls.local[0];
const { launchOptions } = await server.ssrLoadModule("/tests/e2e/launch.ts");
const browser = await chromium.launch(launchOptions);
let numFailed = 0;
try {
  for (const backend of backends) numFailed += await compareOn(backend);
} finally {
  await browser.close();
  await server.close();
}
console.log(numFailed === 0 ? "All within their bounds." : `${numFailed} past their bounds.`);
process.exit(numFailed === 0 ? 0 : 1);

/** Not through the browser's control channel, which ends at 100 MB. */
function serveFiles({ middlewares }) {
  middlewares.use(URL_PATH, ({ url }, response) => {
    const name = decodeURIComponent(url.slice(1));
    if (files.includes(name)) createReadStream(join(folder, name)).pipe(response);
    else response.writeHead(404).end();
  });
}

async function compareOn(backend) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  await page.goto(`${address}tests/parity/page.html`);
  await page.waitForFunction(() => window.parity);
  const { device, isSoftware } = await page.evaluate((name) => window.parity.start(name), backend);
  console.log(`\n${backend}: ${device}`);
  printRow("file", "quantity", "error", "bound");
  let failed = 0;
  for (const file of files) {
    const { size } = statSync(join(folder, file));
    if (isSoftware && size > MAX_SOFTWARE_BYTES && !options.all) {
      printRow(file, "not run: large for a software adapter (--all)", "", "");
      continue;
    }
    const comparisons = await page.evaluate(
      ([name, url]) => window.parity.compare(name, url),
      [file.replace(/\.safetensors$/, ""), `${URL_PATH}/${encodeURIComponent(file)}`],
    );
    for (const { quantity, error, bound, isPast } of summary(comparisons)) {
      const verdict = isPast ? "  PAST ITS BOUND" : "";
      printRow(file, quantity, error.toExponential(1), `${bound.toExponential(0)}${verdict}`);
    }
    failed += comparisons.filter(isPast).length;
  }
  await page.close();
  return failed;
}

/** Of the hundreds of parameters the worst one, and every one that is past its bound. */
function summary(comparisons) {
  const groups = new Map();
  for (const comparison of comparisons) {
    const [, prefix] = /^(grad|trained)\./.exec(comparison.quantity) ?? [];
    const key = prefix ?? comparison.quantity;
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  return [...groups.values()].flatMap((group) => {
    const worst = group.reduce((a, b) => (b.error > a.error ? b : a));
    const past = group.filter(isPast);
    const rows = past.length > 0 ? past : [worst];
    const suffix = group.length > 1 && past.length === 0 ? ` (worst of ${group.length})` : "";
    return rows.map((row) => ({ ...row, quantity: row.quantity + suffix, isPast: isPast(row) }));
  });
}

/** Not `error > bound`, which a NaN would pass. */
function isPast({ error, bound }) {
  return !(error <= bound);
}

function printRow(file, quantity, error, bound) {
  console.log(`${file.padEnd(34)} ${quantity.padEnd(62)} ${error.padStart(8)} ${bound}`);
}
