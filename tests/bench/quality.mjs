/**
 * `npm run bench:quality`: how good the digits are so many minutes after a click on Train, in Chromium on this
 * machine. --minutes=3,5,10 of training, in which the measurements between do not count; --preset=quick;
 * --count=256 samples each, in --steps=50.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { buildPage, ROOT } from "./builtPage.mjs";

const MEASURE_MS = 30 * 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "3,5,10" },
    preset: { type: "string", default: "quick" },
    count: { type: "string", default: "256" },
    steps: { type: "string", default: "50" },
  },
});

const { launchOptions } = await buildPage();
const server = await preview({ root: ROOT, logLevel: "error", preview: { port: 0, open: false } });
const browser = await chromium.launch(launchOptions);
console.log(
  `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} logical cores`,
);

const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
page.on("pageerror", (error) => console.error(error.message));
await page.goto(`${server.resolvedUrls.local[0]}?preset=${values.preset}`);
const button = (name) => page.getByRole("button", { name, exact: true });
const goTo = (place) => page.getByRole("link", { name: place, exact: true }).click();
const isOver = () => button("Pause").isHidden();

let trainedMs = 0;
let numMeasured = 0;
for (const minutes of values.minutes.split(",").map(Number)) {
  await button(numMeasured === 0 ? "Train my own" : "Resume").click();
  const startMs = performance.now() - trainedMs;
  await button("Pause").waitFor();
  while (performance.now() - startMs < 60_000 * minutes && !(await isOver())) {
    await page.waitForTimeout(500);
  }
  trainedMs = performance.now() - startMs;
  const hasEnded = await isOver();
  if (!hasEnded) {
    await button("Pause").click();
    await button("Resume").waitFor();
  }
  await measure(hasEnded);
  if (hasEnded) break;
  await goTo("Train");
}
await browser.close();
await server.close();
process.exit(0);

/** Measures samples of the run as it is now, and prints their figures. */
async function measure(hasEnded) {
  await goTo("Results");
  await goTo("Quality");
  const form = page.getByRole("form", { name: "What to measure" });
  await form.getByLabel("Samples", { exact: true }).fill(values.count);
  await form.getByLabel("Steps", { exact: true }).fill(values.steps);
  await form.getByRole("button", { name: "Measure" }).click();
  const rows = page.getByRole("region", { name: "Measured in this visit" }).getByRole("row");
  numMeasured += 1;
  await rows.nth(numMeasured).waitFor({ timeout: MEASURE_MS });
  const heads = await rows.first().getByRole("columnheader").allInnerTexts();
  // Under the table's head: the newest is the first.
  const newest = rows.nth(1);
  const name = await newest.getByRole("rowheader").textContent();
  const cells = await newest.getByRole("cell").allInnerTexts();
  const figures = heads.slice(1).map((head, i) => `${head} ${cells[i]}`);
  const minutes = (trainedMs / 60_000).toFixed(1);
  console.log(
    `${minutes} minutes after the click${hasEnded ? ", the run's end" : ""}: ${name}: ${figures.join(", ")}`,
  );
}
