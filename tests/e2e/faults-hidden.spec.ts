import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import {
  type Browser,
  type BrowserContext,
  chromium,
  expect,
  type Page,
  test,
} from "@playwright/test";
import { inFull } from "../inFull.ts";
import { AppPage } from "./app.ts";
import { eventsOf, notices, SMALLEST } from "./faults.ts";
import { launchOptions } from "./launch.ts";

/** At least, both. */
const PERIOD_MS = inFull ? 3000 : 1000;
const PERIOD_STEPS = 5;
/** Pairs of periods; where other programs disturb, more of them. */
const NUM_PAIRS = inFull ? 4 : 1;
const MAX_PAIRS = 16;
const MIN_SHARE = 0.8;

/** What Playwright turns off in a browser so that hidden pages are as fast as others. */
const NOT_THROTTLED = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

for (const backend of inFull ? ["wasm", "webgpu"] : ["wasm"]) {
  test(
    `in a hidden tab a run on ${backend} keeps 80 % of its speed, or more`,
    { tag: "@long" },
    async ({ baseURL }, testInfo) => {
      const { browser, context, close } = await plainBrowser();
      try {
        const page = await context.newPage();
        const app = new AppPage(page);
        await app.open(
          `${baseURL}/?backend=${backend}&${SMALLEST}&batchSize=2&checkpointMinutes=0`,
        );
        await countTimers(page);
        await app.train.click();
        await app.waitForSteps(1);
        const other = await context.newPage();

        const visible: Period[] = [];
        const hidden: Period[] = [];
        const share = () => median(hidden, "steps") / median(visible, "steps");
        while (visible.length < NUM_PAIRS || (share() < MIN_SHARE && visible.length < MAX_PAIRS)) {
          await page.bringToFront();
          visible.push(await measure(app, "visible", await renderers(browser)));
          await other.bringToFront();
          hidden.push(await measure(app, "hidden", await renderers(browser)));
        }
        testInfo.annotations.push({
          type: "steps/s",
          description: `visible ${median(visible, "steps")}, hidden ${median(hidden, "steps")}`,
        });
        // No clock asks for checkpoints: there is one of the start, and one of each time it was hidden.
        await expect
          .poll(async () => (await eventsOf(page, "checkpointSaved")).length)
          .toBeGreaterThanOrEqual(1 + hidden.length);
        // The browser does slow the page down itself: its timers.
        expect(median(hidden, "timers")).toBeLessThan(3);
        expect(median(visible, "timers")).toBeGreaterThan(5 * median(hidden, "timers"));
        expect(share()).toBeGreaterThanOrEqual(MIN_SHARE);
      } finally {
        await close();
      }
    },
  );
}

test("a page that the browser freezes has saved its run, and tells afterwards how long it stood still", {
  tag: "@long",
}, async ({ baseURL }) => {
  const { context, close } = await plainBrowser();
  try {
    const page = await context.newPage();
    const app = new AppPage(page);
    await app.open(`${baseURL}/?backend=wasm&${SMALLEST}&batchSize=2&checkpointMinutes=0`);
    await app.train.click();
    await app.waitForSteps(1);
    const other = await context.newPage();
    await other.bringToFront();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe("hidden");
    // That of the start, and that of being hidden.
    await expect.poll(() => eventsOf(page, "checkpointSaved")).toHaveLength(2);
    // A page that has much to do hears of the freeze only a while after the browser was told to freeze it.
    const stood = page.evaluate(() => {
      const at = (event: "freeze" | "resume") =>
        new Promise<number>((resolve) => {
          document.addEventListener(event, () => resolve(Date.now()), { once: true });
        });
      return Promise.all([at("freeze"), at("resume")]).then(([from, to]) => to - from);
    });
    const devtools = await context.newCDPSession(page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    await new Promise((resolve) => setTimeout(resolve, 8000));
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    const stoodMs = await stood;
    expect(stoodMs).toBeGreaterThan(5000);
    const told = notices(page).last();
    await expect(told).toContainText(/in the background for \d+(\.\d)? s/);
    const [, seconds] = /for ([\d.]+) s/.exec((await told.textContent()) ?? "") ?? [];
    expect(Math.abs(Number(seconds) - stoodMs / 1000)).toBeLessThan(0.6);
    // As it was frozen once more.
    await expect.poll(() => eventsOf(page, "checkpointSaved")).toHaveLength(3);
    const numSteps = (await app.losses()).length;
    await app.waitForSteps(numSteps + 2);
  } finally {
    await close();
  }
});

interface Period {
  /** A second, both; the steps of one in which no other program has the processor, where that can be told. */
  steps: number;
  timers: number;
}

async function measure(
  app: AppPage,
  visibility: DocumentVisibilityState,
  processIds: readonly number[],
): Promise<Period> {
  const { page } = app;
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe(visibility);
  const count = () =>
    page.evaluate(() => {
      const steps = window.recordedEvents.flatMap((event) =>
        event.type === "steps" ? event.steps : [],
      );
      return { steps: steps.length, timers: window.numTimers, nowMs: performance.now() };
    });
  const timesBefore = workerTimes(processIds);
  const before = await count();
  await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  await app.waitForSteps(before.steps + PERIOD_STEPS);
  const after = await count();
  const times = workerTimes(processIds);
  const seconds = (after.nowMs - before.nowMs) / 1000;
  const computing = times.computing - timesBefore.computing;
  const waiting = times.waiting - timesBefore.waiting;
  return {
    steps: ((after.steps - before.steps) / seconds) * (1 + waiting / computing || 1),
    timers: (after.timers - before.timers) / seconds,
  };
}

/** The processes of the browser's pages. */
async function renderers(browser: Browser): Promise<number[]> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/**
 * How long the workers of these processes have computed, and how long they could have and waited for a processor that another
 * program had: a hidden page has it last. Of sleep, which is how a browser slows a page down, nothing is counted. Only Linux
 * tells; elsewhere both are 0.
 */
function workerTimes(processIds: readonly number[]): { computing: number; waiting: number } {
  let [computing, waiting] = [0, 0];
  for (const id of processIds) {
    const tasks = `/proc/${id}/task`;
    try {
      for (const task of readdirSync(tasks)) {
        if (!readFileSync(`${tasks}/${task}/comm`, "utf8").startsWith("DedicatedWorker")) continue;
        const [ran = 0, waited = 0] = readFileSync(`${tasks}/${task}/schedstat`, "utf8")
          .split(" ")
          .map(Number);
        computing += ran;
        waiting += waited;
      }
    } catch {
      // A process or a thread that has just ended, or no Linux.
    }
  }
  return { computing, waiting };
}

async function countTimers(page: Page) {
  await page.evaluate(() => {
    window.numTimers = 0;
    const next = () => {
      window.numTimers++;
      setTimeout(next);
    };
    next();
  });
}

function median(periods: readonly Period[], of: keyof Period): number {
  const sorted = periods.map((period) => period[of]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** A browser as a person has it: Playwright's own pages are never hidden. */
async function plainBrowser(): Promise<{
  browser: Browser;
  context: BrowserContext;
  close: () => Promise<void>;
}> {
  const port = await freePort();
  const launched = await chromium.launch({
    ...launchOptions,
    ignoreDefaultArgs: NOT_THROTTLED,
    args: [...launchOptions.args, `--remote-debugging-port=${port}`],
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error("The browser has no context.");
  return { browser, context, close: () => launched.close() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

declare global {
  interface Window {
    numTimers: number;
  }
}
