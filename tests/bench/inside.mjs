/**
 * `npm run bench:inside`: what a look inside of the network costs a run that trains in the page: its speed with the
 * panel open, by its speed with it closed, taking turns in one run; and the same of its processor time.
 * --backend=wasm|webgpu, --query=SETTINGS as in an address, --block=NAME, --seconds=N a turn, --rounds=N.
 */
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { build, createServer, preview } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    query: { type: "string", default: "preset=quick&batchSize=32" },
    block: { type: "string", default: "mid_attn" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "8" },
  },
});
// First, since it is React's form for development that is built beside a server.
await build({ root: ROOT, logLevel: "error" });
// Only to read TypeScript.
const reader = await createServer({
  ...{ root: ROOT, logLevel: "error", server: { middlewareMode: true, hmr: false, watch: null } },
  cacheDir: "node_modules/.vite-bench",
});
const { launchOptions } = await reader.ssrLoadModule("/tests/e2e/launch.ts");
const { AppPage, mean } = await reader.ssrLoadModule("/tests/e2e/app.ts");
await reader.close();
const server = await preview({ root: ROOT, logLevel: "error" });
const browser = await chromium.launch(launchOptions);
const context = await browser.newContext({ serviceWorkers: "block" });
const page = await context.newPage();
page.setDefaultTimeout(120_000);
const system = await browser.newBrowserCDPSession();
const app = new AppPage(page);
await app.skipFirstSteps();
await app.recordEvents();
const query = `backend=${values.backend}&epochs=100&previewEvery=0&previewTimesteps=1&validateEvery=0`;
await page.goto(`${server.resolvedUrls.local[0]}?${values.query}&${query}`);
await app.button("Train").click();
await app.waitForSteps(5);
await page.getByRole("link", { name: "Model", exact: true }).click();
// The first look also compiles.
await turn(true, 3);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const isFirst = round % 2 === 0;
  const [a, b] = [await turn(isFirst), await turn(!isFirst)];
  const [open, closed] = isFirst ? [a, b] : [b, a];
  rounds.push({ speed: open.speed / closed.speed, cpu: open.cpuMs / closed.cpuMs, closed });
}
const looks = await page.evaluate(() =>
  window.recordedEvents.flatMap((event) => (event.type === "blockSeen" ? event.elapsedMs : [])),
);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
console.log(
  `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${cpus().length} logical cores, ${values.backend}, ${values.query}, ${values.block}`,
);
const ratios = (name) =>
  `${median(rounds.map((of) => of[name])).toFixed(3)}, the median of ${rounds.map((of) => of[name].toFixed(3)).join(", ")}`;
console.log(
  `With the panel closed ${mean(rounds.map(({ closed }) => closed.speed)).toFixed(2)} steps a second, of ${mean(rounds.map(({ closed }) => closed.cpuMs)).toFixed(1)} ms of processor time each`,
);
console.log(`With it open, by that with it closed: speed ${ratios("speed")}`);
console.log(`Processor time of a step, with all that the page does: ${ratios("cpu")}`);
console.log(`${looks.length} looks, a median of ${median(looks).toFixed(1)} ms each`);
await browser.close();
await server.close();
process.exit(0);

/** @returns steps a second, and processor time for each, with the panel open or closed */
async function turn(isOpen, seconds = Number(values.seconds)) {
  const close = page.getByRole("button", { name: "Close the look inside" });
  if (isOpen) await page.locator(`[data-block="${values.block}"]`).click();
  else if (await close.isVisible()) await close.click();
  const [from, fromMs] = [(await app.steps()).length, await cpuMs()];
  await page.waitForTimeout(1000 * seconds);
  const steps = (await app.steps()).slice(from);
  const ms = steps.at(-1).wallTimeMs - steps[0].wallTimeMs;
  return {
    speed: (1000 * (steps.length - 1)) / ms,
    cpuMs: ((await cpuMs()) - fromMs) / steps.length,
  };
}

/** Of the page and its workers; where others compute too, it says more than the clock. */
async function cpuMs() {
  const { processInfo } = await system.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  return 1000 * renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
