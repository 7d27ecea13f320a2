import { mkdirSync, writeFileSync } from "node:fs";
import { chromium, expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker, eventsOf, SMALL, storedTables, unfinishedRun, workerOf } from "./faults.ts";
import { launchOptions } from "./launch.ts";

const RUN = `?backend=wasm&${SMALL}&batchSize=2&checkpointMinutes=0.02`;

/** A network of two megabytes a checkpoint. */
const LARGER = "?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&checkpointMinutes=0.02";

test("with no room at all training goes on under a standing warning, until there is room", {
  tag: "@faults",
}, async ({ page }) => {
  await limitStorage(page, 1);
  const app = new AppPage(page);
  await recordPersist(page);
  await app.open(RUN);
  expect(await page.evaluate(() => window.numPersistCalls)).toBe(0);
  await app.button("Train").click();
  expect(await page.evaluate(() => window.numPersistCalls)).toBe(1);
  const warning = page.getByRole("alert").filter({ hasText: "Nothing is saved." });
  await expect(warning).toContainText("is full");
  await expect(warning).toContainText("Training goes on all the same.");
  await app.waitForSteps((await app.losses()).length + 20);
  await expect(warning).toBeVisible();
  await expect(app.status).toContainText("Training");

  await limitStorage(page, 1e9);
  await expect(warning).toHaveCount(0);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const numSteps = (await app.losses()).length;
  // All steps since the start are in the history, also those that could not be stored at first.
  const { history } = await storedTables(page);
  expect(history.flatMap(({ steps }) => steps)).toHaveLength(numSteps);
  await expect(unfinishedRun(page)).toContainText(`Step ${numSteps} of`);
});

test("where the disk becomes full what is there by then is not called lost", {
  tag: "@faults",
}, async ({ page }) => {
  await beforeWorker(page, () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      if (self.isDiskFull) throw new DOMException("Full.", "QuotaExceededError");
      return put.apply(this, args);
    };
  });
  const app = new AppPage(page);
  await app.open(RUN);
  await app.button("Train").click();
  await expect
    .poll(async () => (await eventsOf(page, "checkpointSaved")).length)
    .toBeGreaterThan(1);
  await workerOf(page).evaluate(() => {
    self.isDiskFull = true;
  });
  const warning = page.getByRole("alert");
  await expect(warning).toContainText(/^Nothing after step [1-9]\d* is saved\. The disk/);
  await workerOf(page).evaluate(() => {
    self.isDiskFull = false;
  });
  await expect(warning).toHaveCount(0);
});

// On a disk: in memory, as in a private window, Chromium counts freed room as free at no certain time.
test(
  "where room is short older checkpoints go first, and saving goes on",
  {
    tag: "@faults",
  },
  async ({ baseURL }, testInfo) => {
    const folder = testInfo.outputPath("profile");
    const context = await chromium.launchPersistentContext(folder, launchOptions);
    const page = await context.newPage();
    const app = new AppPage(page);
    // Room for the images and some three checkpoints; two runs would keep four.
    await limitStorage(page, 20e6);
    await app.open(`${baseURL}/${LARGER}`);
    await trainUntilSaved(app, 3);
    expect(await numCheckpoints(page)).toEqual([2]);
    await trainUntilSaved(app, 4);
    await expect(page.getByRole("alert")).toHaveCount(0);
    // The older run has kept its newest, and it can be trained on.
    expect(await numCheckpoints(page)).toEqual([1, 2]);
    await context.close();
  },
);

test(
  "where the browser denies the page all storage, it trains under a standing warning",
  {
    tag: "@faults",
  },
  async ({ baseURL }, testInfo) => {
    const folder = testInfo.outputPath("profile");
    mkdirSync(`${folder}/Default`, { recursive: true });
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(`${folder}/Default/Preferences`, JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, launchOptions);
    const page = await context.newPage();
    await expectUnsavedTraining(page, `${baseURL}/${RUN}`);
    await context.close();
  },
);

test("in a browser without IndexedDB the page trains under a standing warning", {
  tag: "@faults",
}, async ({ page }) => {
  await page.route("**/assets/main-*.js", async (route) => {
    const response = await route.fetch();
    const without = "Object.defineProperty(self, 'indexedDB', { value: undefined });";
    await route.fulfill({ response, body: `${without}\n${await response.text()}` });
  });
  await expectUnsavedTraining(page, RUN);
});

test("in a private window runs are saved for as long as it is open", {
  tag: "@faults",
}, async ({ context }) => {
  // Playwright's contexts are such windows.
  const first = new AppPage(await context.newPage());
  await first.open(RUN);
  await first.button("Train").click();
  await first.waitForSteps(3);
  await first.button("Stop").click();
  await expect(first.status).toContainText("Unfinished");
  await expect(first.page.getByRole("alert")).toHaveCount(0);
  await first.page.close();
  const second = new AppPage(await context.newPage());
  await second.open(RUN);
  await expect(unfinishedRun(second.page)).toContainText(/Step [1-9]\d* of/);
});

async function expectUnsavedTraining(page: Page, address: string) {
  const app = new AppPage(page);
  await app.open(address);
  const warning = page.getByRole("alert");
  await expect(warning).toContainText("Nothing is saved.");
  await expect(warning).toContainText("Training goes on all the same.");
  await app.button("Train").click();
  await app.waitForSteps(20);
  await expect(app.status).toContainText("Training");
  await expect(warning).toHaveCount(1);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  await app.button("Generate").click();
  await app.waitForCaption(/after \d+ training steps/);
}

/** Of the origin, in bytes; 0 would be no limit. */
async function limitStorage(page: Page, quotaSize: number) {
  const devtools = await page.context().newCDPSession(page);
  const origin = test.info().project.use.baseURL ?? "";
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
}

async function recordPersist(page: Page) {
  await page.addInitScript(() => {
    window.numPersistCalls = 0;
    const { persist } = StorageManager.prototype;
    StorageManager.prototype.persist = function () {
      window.numPersistCalls++;
      return persist.call(this);
    };
  });
}

async function trainUntilSaved(app: AppPage, count: number) {
  const { length: numBefore } = await eventsOf(app.page, "checkpointSaved");
  await app.button(/^Train/).click();
  const numSaved = async () => (await eventsOf(app.page, "checkpointSaved")).length - numBefore;
  await expect.poll(numSaved).toBeGreaterThanOrEqual(count);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
}

/** Of each run, the older first. */
async function numCheckpoints(page: Page): Promise<number[]> {
  const { checkpoints, runs } = await storedTables(page);
  return runs
    .toSorted((a, b) => a.createdMs - b.createdMs)
    .map((run) => checkpoints.filter(({ runId }) => runId === run.runId).length);
}

declare global {
  interface Window {
    numPersistCalls: number;
    /** In the worker. */
    isDiskFull?: boolean;
  }
}
