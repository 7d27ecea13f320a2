/**
 * `npm run test:parity -- [NAME...]`: compares every reference file of a folder, or those of such names, with our numbers, in
 * a real browser. PARITY_DIR names the folder (default: the fixtures), --backend=wasm|webgpu one backend
 * (default: both), --rung=card|safe the form of WebGPU's programs (default: card, as on a graphics card, whatever the
 * adapter; safe is what an adapter in software gets by itself), --server=URL a development server of the project that
 * runs already and may read the folder.
 * Exit status: 0 when all quantities are within their bounds, 1 when one is not, a file could not be
 * compared or none was, 2 when the options or the folder are wrong.
 */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: "string" },
    rung: { type: "string", default: "card" },
    server: { type: "string" },
  },
});
const backends = options.backend ? [options.backend] : ["wasm", "webgpu"];
if (backends.some((backend) => backend !== "wasm" && backend !== "webgpu")) {
  console.error(`Expected --backend=wasm or --backend=webgpu, got ${options.backend}.`);
  process.exit(2);
}
if (options.rung !== "card" && options.rung !== "safe") {
  console.error(`Expected --rung=card or --rung=safe, got ${options.rung}.`);
  process.exit(2);
}
// npm runs this in the project's folder, wherever it was called.
const caller = process.env.INIT_CWD ?? process.cwd();
const folder = resolve(caller, process.env.PARITY_DIR || join(ROOT, "tests/fixtures/reference"));
const files = filesOf(folder).filter(
  (file) =>
    file.endsWith(".safetensors") &&
    (names.length === 0 || names.includes(file.replace(".safetensors", ""))),
);
if (files.length === 0) {
  console.error(
    `Expected .safetensors files${names.map((name) => ` ${name}`)} in ${folder}, found none. Name another folder with PARITY_DIR.`,
  );
  process.exit(2);
}

const server = await createServer({
  root: ROOT,
  logLevel: "error",
  server: { port: 0, hmr: false, watch: null, fs: { allow: [ROOT, folder] } },
});
const address = options.server ?? (await server.listen()).resolvedUrls.local[0];
const { launchOptions } = await server.ssrLoadModule("/tests/e2e/launch.ts");
const browser = await chromium.launch(launchOptions);
const totals = { compared: 0, past: 0, broken: 0 };
try {
  for (const backend of backends) await compareOn(backend);
} finally {
  await browser.close();
  await server.close();
}
console.log(`\n${verdict(totals)}`);
process.exit(totals.compared > 0 && totals.past + totals.broken === 0 ? 0 : 1);

function filesOf(folder) {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const known = {
      ENOENT: "there is none",
      ENOTDIR: "that is a file",
      EACCES: "it may not be read",
    };
    console.error(
      `Expected a folder of .safetensors files at ${folder}, but ${known[error.code] ?? error.message}. Name another with PARITY_DIR.`,
    );
    process.exit(2);
  }
}

/** Compares all files; what is wrong with one does not keep the others from it. */
async function compareOn(backend) {
  let page;
  try {
    page = await openPage(backend);
  } catch (error) {
    totals.broken++;
    console.log(`\n${backend}: could not be started: ${reasonOf(error)}`);
    return;
  }
  const form = backend === "webgpu" ? `, programs of the rung ${options.rung}` : "";
  console.log(`\n${backend}: ${page.device}${form}`);
  printRow("file", "quantity", "error", "bound");
  for (const file of files) {
    try {
      // The last one may have taken the page with it, or filled its memory.
      page ??= await openPage(backend);
      await compareFile(file, page);
    } catch (error) {
      totals.broken++;
      printRow(file, "not compared", "", `FAILED: ${reasonOf(error)}`);
      await page?.tab.close();
      page = null;
    }
  }
  await page?.tab.close();
}

async function openPage(backend) {
  const tab = await browser.newPage();
  tab.on("pageerror", (error) => console.error(error.message));
  await tab.goto(`${address}tests/parity/page.html`);
  await tab.waitForFunction(() => window.parity);
  return {
    tab,
    ...(await tab.evaluate(
      ([name, rung]) => window.parity.start(name, rung),
      [backend, options.rung],
    )),
  };
}

async function compareFile(file, { tab }) {
  // Not through the browser's control channel, which ends at 100 MB.
  const path = join(folder, file).replaceAll("\\", "/").replace(/^\//, "");
  const comparisons = await tab.evaluate(
    ([name, url]) => window.parity.compare(name, url),
    [
      file.replace(/\.safetensors$/, ""),
      `/@fs/${path.split("/").map(encodeURIComponent).join("/")}`,
    ],
  );
  for (const { quantity, error, bound, isPast } of summary(comparisons)) {
    const past = isPast ? "  PAST ITS BOUND" : "";
    printRow(file, quantity, error.toExponential(1), `${bound.toExponential(0)}${past}`);
  }
  totals.compared++;
  totals.past += comparisons.filter(({ isPast }) => isPast).length;
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
    const past = group.filter(({ isPast }) => isPast);
    const rows = past.length > 0 ? past : [worst];
    const suffix = group.length > 1 && past.length === 0 ? ` (worst of ${group.length})` : "";
    return rows.map((row) => ({ ...row, quantity: row.quantity + suffix }));
  });
}

/** What went wrong in the browser, without where in its code. */
function reasonOf(error) {
  const [line] = String(error?.message ?? error).split("\n");
  return line.replace(/^(page\.\w+: )?(\w*Error: )?/, "");
}

function verdict({ past, broken }) {
  const problems = [
    ...(past > 0 ? [`${past} past their bounds`] : []),
    ...(broken > 0 ? [`${broken} could not be compared`] : []),
  ];
  return problems.length === 0 ? "All within their bounds." : `${problems.join(", ")}.`;
}

function printRow(file, quantity, error, bound) {
  console.log(`${file.padEnd(34)} ${quantity.padEnd(62)} ${error.padStart(8)} ${bound}`);
}
