import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chromium, expect, type Page, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { AppPage } from "./app.ts";
import { drawDigits } from "./denoisePage.ts";
import {
  beforeWorker,
  eventsOf,
  SMALL,
  storedInDatabase,
  tellWorker,
  unfinishedRun,
} from "./faults.ts";
import { launchOptions } from "./launch.ts";

const RUN = `?backend=wasm&${SMALL}&epochs=10000&checkpointMinutes=0.02`;

/** A network of two megabytes a checkpoint. */
const LARGER = "?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&checkpointMinutes=0.02";

test("with no room at all training goes on under a standing warning, until there is room; what is there by then is not called lost", {
  tag: "@long",
}, async ({ page }) => {
  await limitStorage(page, 1);
  const app = new AppPage(page);
  await recordPersist(page);
  await app.openWithFewImages(RUN);
  expect(await page.evaluate(() => window.numPersistCalls)).toBe(0);
  await app.train.click();
  expect(await page.evaluate(() => window.numPersistCalls)).toBe(1);
  const warning = page.getByRole("alert");
  await expect(warning).toContainText("Nothing is saved.");
  await app.waitForSteps((await app.losses()).length + 3);
  await expect(warning).toBeVisible();

  await limitStorage(page, 1e9);
  await expect(warning).toHaveCount(0);
  // The files may have it before the database, whose limit the browser looks at every half minute.
  const inDatabase = async () => (await storedInDatabase(page)).runs[0]?.step ?? 0;
  await expect.poll(inDatabase, { timeout: 60_000 }).toBeGreaterThan(0);
  await expectAllStepsOnStop(app);
});

test("while the disk is full the page says what is saved, and once there is room nothing is missing", async ({
  page,
}) => {
  await beforeWorker(page, fillDiskWhenTold);
  const app = new AppPage(page);
  await app.openWithFewImages(RUN);
  await app.train.click();
  const warning = page.getByRole("alert");
  const inDatabase = async () => (await storedInDatabase(page)).runs[0]?.step ?? 0;
  await expect.poll(inDatabase).toBeGreaterThan(0);
  await tellWorker(page, "the disk is full");
  await expect(warning).toContainText(/^Nothing after step [1-9]\d* is saved\./);
  const { runs } = await storedInDatabase(page);
  await expect(warning).toContainText(`after step ${count(runs[0]?.step)} `);
  await tellWorker(page, "there is room");
  await expect(warning).toHaveCount(0);
  await expectAllStepsOnStop(app);
});

/** All steps since the start are in the history, also those that could not be stored at first. */
async function expectAllStepsOnStop(app: AppPage) {
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const numSteps = (await app.losses()).length;
  const { history } = await storedInDatabase(app.page);
  expect(history.flatMap(({ steps }) => steps)).toHaveLength(numSteps);
  await expect(unfinishedRun(app.page)).toContainText(`Step ${count(numSteps)} of`);
}

test(
  "where the browser denies the page all storage it trains under a standing warning, and the run can be downloaded",
  { tag: "@long" },
  async ({ baseURL }, testInfo) => {
    const folder = testInfo.outputPath("profile");
    mkdirSync(`${folder}/Default`, { recursive: true });
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(`${folder}/Default/Preferences`, JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, launchOptions);
    const page = await context.newPage();
    const app = new AppPage(page);
    await app.openWithFewImages(`${baseURL}/${RUN}`);
    const warning = page.getByRole("alert");
    await expect(warning).toContainText("Nothing is saved.");
    await expect(app.button("Download the run")).toHaveCount(0);
    await app.train.click();
    await app.waitForSteps(3);
    const coming = page.waitForEvent("download");
    await app.button("Download the run").click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^tiny-.*\.safetensors$/);
    const { length: numSteps } = await app.losses();
    const file = decodeSafetensors(readFileSync(await download.path()));
    expect(file.tensors.size).toBeGreaterThan(0);
    await app.waitForSteps(numSteps + 2);
    await expect(warning).toHaveCount(1);
    await app.button("Stop").click();
    await expect(app.status).toContainText("Unfinished");
    const draw = await drawDigits(page);
    await expect(draw.grid).toHaveAttribute("aria-label", /after \d+ training steps/);
    await context.close();
  },
);

// The rule itself is shown in unit tests; here the browser's own count of what is in use, which takes
// many saves. On a disk: in memory, as in a private window, Chromium
// counts freed room as free at no certain time.
test(
  "where room is short older checkpoints go first, and saving goes on",
  { tag: "@long" },
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

/** Runs in the worker, before its own script. */
function fillDiskWhenTold() {
  let isFull = false;
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args) {
    if (isFull) throw new DOMException("Full.", "QuotaExceededError");
    return put.apply(this, args);
  };
  const { write } = FileSystemWritableFileStream.prototype;
  FileSystemWritableFileStream.prototype.write = function (data) {
    if (isFull) return Promise.reject(new DOMException("Full.", "QuotaExceededError"));
    return write.call(this, data);
  };
  self.addEventListener("message", (event) => {
    if (typeof event.data !== "string") return;
    event.stopImmediatePropagation();
    isFull = event.data === "the disk is full";
  });
}

/** As the page writes it. */
function count(number = 0): string {
  return number.toLocaleString("en-US");
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
  await app.train.click();
  const numSaved = async () => (await eventsOf(app.page, "checkpointSaved")).length - numBefore;
  await expect.poll(numSaved).toBeGreaterThanOrEqual(count);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
}

/** Of each run, the older first. */
async function numCheckpoints(page: Page): Promise<number[]> {
  const { checkpoints, runs } = await storedInDatabase(page);
  return runs
    .toSorted((a, b) => a.createdMs - b.createdMs)
    .map((run) => checkpoints.filter(({ runId }) => runId === run.runId).length);
}

declare global {
  interface Window {
    numPersistCalls: number;
  }
}
