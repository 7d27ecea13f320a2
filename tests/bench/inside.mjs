/**
 * `npm run bench:inside`: what a look inside of the network costs a run that trains in the page: its speed with the
 * panel open, by its speed with it closed, taking turns in one run. Where others compute too, the time that looks take of the worker
 * and the processor time of the page's main thread say more.
 * --backend=wasm|webgpu, --query=SETTINGS as in an address, --block=NAME, --seconds=N a turn, --rounds=N.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { buildPage, ROOT } from "./builtPage.mjs";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    query: { type: "string", default: "preset=quick&batchSize=32" },
    block: { type: "string", default: "mid_attn" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "8" },
  },
});
const { launchOptions, modules } = await buildPage("/tests/e2e/app.ts");
const [{ AppPage, mean, openView }] = modules;
const server = await preview({ root: ROOT, logLevel: "error" });
const browser = await chromium.launch(launchOptions);
const context = await browser.newContext({ serviceWorkers: "block" });
const page = await context.newPage();
page.setDefaultTimeout(120_000);
const session = await context.newCDPSession(page);
await session.send("Performance.enable", { timeDomain: "threadTicks" });
const app = new AppPage(page);
await app.skipFirstSteps();
await app.recordEvents();
const query = `backend=${values.backend}&epochs=100&previewEvery=0&previewTimesteps=1&validateEvery=0`;
await page.goto(`${server.resolvedUrls.local[0]}?${values.query}&${query}`);
await app.train.click();
await app.waitForSteps(5);
await openView(page, "model");
// The first look also compiles.
await turn(true, 3);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const isFirst = round % 2 === 0;
  const [a, b] = [await turn(isFirst), await turn(!isFirst)];
  const [open, closed] = isFirst ? [a, b] : [b, a];
  rounds.push({ open, closed });
}
const looks = await page.evaluate(() =>
  window.recordedEvents.flatMap((event) => (event.type === "blockSeen" ? event.elapsedMs : [])),
);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const [open, closed] = ["open", "closed"].map((name) => {
  const of = rounds.map((round) => round[name]);
  return { speed: mean(of.map(({ speed }) => speed)), page: median(of.map(({ page }) => page)) };
});
const ratios = rounds.map((round) => round.open.speed / round.closed.speed);
console.log(
  `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${cpus().length} logical cores, ${values.backend}, ${values.query}, ${values.block}`,
);
console.log(
  `${closed.speed.toFixed(2)} steps a second with the panel closed, with it open ${median(ratios).toFixed(3)} of that, the median of ${ratios.map((ratio) => ratio.toFixed(3)).join(", ")}`,
);
console.log(
  `${looks.length} looks, a median of ${median(looks).toFixed(1)} ms of the worker each; processor time of the page's main thread ${open.page.toFixed(1)} ms a second, with the panel closed ${closed.page.toFixed(1)} ms`,
);
await browser.close();
await server.close();
process.exit(0);

/** @returns steps a second, and what the page's main thread takes of a second in ms, with the panel open or closed */
async function turn(isOpen, seconds = Number(values.seconds)) {
  const close = page.getByRole("button", { name: "Close the look inside" });
  if (isOpen) await page.locator(`[data-block="${values.block}"]`).click();
  else if (await close.isVisible()) await close.click();
  const [from, fromMs] = [(await app.steps()).length, await mainThreadMs()];
  await page.waitForTimeout(1000 * seconds);
  const pageMs = (await mainThreadMs()) - fromMs;
  const steps = (await app.steps()).slice(from);
  const ms = steps.at(-1).wallTimeMs - steps[0].wallTimeMs;
  return { speed: (1000 * (steps.length - 1)) / ms, page: pageMs / seconds };
}

async function mainThreadMs() {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
}
