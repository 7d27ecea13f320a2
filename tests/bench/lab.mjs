/**
 * `npm run bench:lab`: how smoothly the views scrub in Chromium on this machine. --seconds=N for each
 * figure.
 */
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const SUBJECTS = [
  { name: "100 digits, 250 denoising steps", axis: "denoising", snapshots: 1, frames: 251 },
  { name: "100 digits, 100 snapshots", axis: "training", snapshots: 100, frames: 2 },
];

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const server = await createServer({
  root: ROOT,
  logLevel: "error",
  server: { port: 0, hmr: false, watch: null },
  cacheDir: "node_modules/.vite-bench",
});
const { launchOptions } = await server.ssrLoadModule("/tests/e2e/launch.ts");
await server.listen();
const browser = await chromium.launch(launchOptions);
console.log(
  `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${cpus().length} logical cores, 1440 x 900`,
);
for (const { name, axis, snapshots, frames } of SUBJECTS) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on("pageerror", (error) => console.error(error.message));
  const query = `snapshots=${snapshots}&digits=100&frames=${frames}&stepsPerEpoch=100`;
  await page.goto(`${server.resolvedUrls.local[0]}tests/bench/lab.html?${query}`);
  await page.getByRole("slider", { name: "Training" }).waitFor();
  // The first time everything is compiled.
  await page.evaluate((of) => window.benchmarkScrubbing(of, 1), axis);
  const figures = await page.evaluate(
    ([of, seconds]) => window.benchmarkScrubbing(of, seconds),
    [axis, Number(values.seconds)],
  );
  const { framesPerSecond, p95Ms, paintMs } = figures;
  console.log(
    `${name}: ${framesPerSecond.toFixed(1)} frames a second, 95% within ${p95Ms.toFixed(1)} ms; painting the digits ${paintMs.toFixed(2)} ms`,
  );
  await page.close();
}
{
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on("pageerror", (error) => console.error(error.message));
  const query =
    "view=denoise&network=untrained&networkB=untrained&digits=100&steps=250&compare=1&stepsB=50";
  await page.goto(`${server.resolvedUrls.local[0]}tests/bench/denoise.html?${query}`);
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByText(/^Done in/).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => window.benchmarkDenoising(1));
  const figures = await page.evaluate(
    (seconds) => window.benchmarkDenoising(seconds),
    Number(values.seconds),
  );
  const { framesPerSecond, p95Ms } = figures;
  console.log(
    `two generations of 100 digits, 250 and 50 steps: ${framesPerSecond.toFixed(1)} frames a second, 95% within ${p95Ms.toFixed(1)} ms`,
  );
}
await browser.close();
await server.close();
process.exit(0);
