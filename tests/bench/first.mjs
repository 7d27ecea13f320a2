/**
 * `npm run bench:first`: how long it takes from the way to the page to the first digit on it, and how many bytes,
 * in a browser that was never there: the built page from a server that compresses text and adds no delay. The
 * digits are those of the network that comes with the page; MNIST is downloaded meanwhile.
 * --rounds=N; each starts a browser of its own.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { median } from "d3-array";
import { buildPage, ROOT } from "./builtPage.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".gz": "application/gzip",
};
const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });

const { launchOptions, modules } = await buildPage("/tools/headers.ts");
const [{ CROSS_ORIGIN_ISOLATION }] = modules;

/** What was sent since it was emptied. */
let sent = [];
const answers = new Map();
const server = createServer(({ url }, response) => {
  const path = new URL(url, "http://localhost").pathname.slice(1) || "index.html";
  try {
    if (!answers.has(path)) answers.set(path, answerTo(path));
    const { headers, body } = answers.get(path);
    sent.push({ path, numBytes: body.length });
    response.writeHead(200, headers).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "localhost", resolve));

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measure());
const of = (figure) => median(rounds, (round) => round[figure]);
const seconds = (figure) => `${(of(figure) / 1000).toFixed(2)} s`;
console.log(
  `median of ${rounds.length}: the page is painted after ${seconds("paintMs")}, the first digit after ${seconds("digitMs")}; ${Math.round(of("kilobytes"))} kB until then without MNIST`,
);
server.close();
process.exit(0);

/** Text is compressed, as static hosts do; what is compressed stays. */
function answerTo(path) {
  const bytes = readFileSync(join(ROOT, "dist", path));
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const headers = { ...CROSS_ORIGIN_ISOLATION, "Content-Type": type };
  if (path.endsWith(".gz")) return { headers, body: bytes };
  return { headers: { ...headers, "Content-Encoding": "gzip" }, body: gzipSync(bytes) };
}

async function measure() {
  sent = [];
  const browser = await chromium.launch(launchOptions);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => console.error(error.message));
  await page.addInitScript(tellFirstDigit);
  await page.goto(`http://localhost:${server.address().port}/`, { waitUntil: "commit" });
  const digitMs = await page.evaluate(() => window.firstDigit);
  const kilobytes =
    sent.reduce((sum, { path, numBytes }) => sum + (path.startsWith("mnist/") ? 0 : numBytes), 0) /
    1000;
  const paintMs = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  if (rounds.length === 0) {
    console.log(
      `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${cpus().length} logical cores`,
    );
  }
  await browser.close();
  console.log(
    `painted after ${(paintMs / 1000).toFixed(2)} s, first digit after ${(digitMs / 1000).toFixed(2)} s, ${Math.round(kilobytes)} kB`,
  );
  return { digitMs, paintMs, kilobytes };
}

/** In the page: when digits first reach a canvas, in ms since the way to the page began. */
function tellFirstDigit() {
  window.firstDigit = new Promise((resolve) => {
    const { putImageData } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.putImageData = function (...image) {
      putImageData.apply(this, image);
      const label = this.canvas.getAttribute("aria-label") ?? "";
      if (label.includes("drawn from pure noise")) resolve(performance.now());
    };
  });
}
