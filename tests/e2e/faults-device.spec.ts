import { chromium, expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker, eventsOf, expectFromNewest, notices, SMALL, workerOf } from "./faults.ts";
import { launchOptions } from "./launch.ts";

// A software adapter takes its time.
test.setTimeout(300_000);

const ON_WEBGPU = `?backend=webgpu&${SMALL}&batchSize=2&checkpointMinutes=0.01`;

test("a lost graphics device is noticed at once, and the run goes on; after the third time one chooses", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await beforeWorker(page, keepDevice);
  await app.open(ON_WEBGPU);
  await app.button("Train").click();
  for (const numLosses of [1, 2]) {
    await waitForNewSteps(app);
    expect(await noticeAfter(page, destroyDevice)).toBeLessThan(2000);
    const notice = notices(page).last();
    await expect(notice).toContainText("The graphics device was lost");
    await expect(notice).toContainText(/The run goes on from step [1-9]\d*\./);
    await expectGoneOn(app, numLosses);
  }
  await waitForNewSteps(app);
  await noticeAfter(page, destroyDevice);
  const last = page.getByRole("alert").last();
  await expect(last).toContainText("The graphics device is lost again and again");
  await expect(last).toContainText("3 times within five minutes");
  await expect(last.getByRole("button", { name: "Go on with WebAssembly" })).toBeVisible();
  await expect(app.status).toContainText("Failed");
  // It stays at that.
  await page.waitForTimeout(3000);
  expect(await eventsOf(page, "backendReady")).toHaveLength(3);

  await last.getByRole("button", { name: "Go on with half as many images at once" }).click();
  await expectGoneOn(app, 3);
  const sizes = (await eventsOf(page, "runStarted")).map((event) => event.microBatchSize);
  expect(sizes).toEqual([2, 2, 2, 1]);
});

test("after the third loss of the device the run goes on with WebAssembly when one says so", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await beforeWorker(page, keepDevice);
  await app.open(ON_WEBGPU);
  await app.button("Train").click();
  await waitForNewSteps(app);
  for (let numLosses = 1; numLosses <= 3; numLosses++) {
    await noticeAfter(page, destroyDevice);
    if (numLosses < 3) await expectBackends(page, numLosses + 1);
  }
  // The device may have been lost before the run went on.
  const numStarts = (await eventsOf(page, "runStarted")).length;
  await app.button("Go on with WebAssembly").click();
  await expect(app.button(/^WebAssembly/)).toBeVisible();
  await expect(page).toHaveURL(/backend=wasm/);
  await expectGoneOn(app, numStarts);
});

test("when the browser's graphics process dies the run goes on, without it where there is no other", {
  tag: "@faults",
}, async ({ baseURL }) => {
  // Of its own: it ends with a browser that has blocked WebGPU.
  const browser = await chromium.launch(launchOptions);
  const devtools = await browser.newBrowserCDPSession();
  // The answer would come from the process that is gone.
  const killGraphics = async () => void devtools.send("Browser.crashGpuProcess").catch(() => {});
  const page = await browser.newPage();
  const app = new AppPage(page);
  await app.open(`${baseURL}/${ON_WEBGPU}`);
  await app.button("Train").click();

  await waitForNewSteps(app);
  expect(await noticeAfter(page, killGraphics)).toBeLessThan(2000);
  await expect(notices(page).last()).toContainText("The graphics device was lost");
  await expectGoneOn(app, 1);
  expect((await eventsOf(page, "backendReady")).map(({ report }) => report.backend)).toEqual([
    "webgpu",
    "webgpu",
  ]);

  // Chromium gives a page no WebGPU for two minutes after the second time.
  await waitForNewSteps(app);
  await noticeAfter(page, killGraphics);
  await expect(page.getByRole("alert").last()).toContainText("goes on with WebAssembly");
  await expect(app.button(/^WebAssembly/)).toBeVisible();
  await expectGoneOn(app, 2);
  await browser.close();
});

/** Runs in the worker, before its own script. */
function keepDevice() {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    (self as unknown as { keptDevice: GPUDevice }).keptDevice = device;
    return device;
  };
}

async function destroyDevice(page: Page) {
  await workerOf(page).evaluate(() =>
    (self as unknown as { keptDevice: GPUDevice }).keptDevice.destroy(),
  );
}

/** How long after a fault the page hears of it, in ms. */
async function noticeAfter(page: Page, fault: (page: Page) => Promise<void>): Promise<number> {
  const { length: numBefore } = await eventsOf(page, "fault");
  const startMs = performance.now();
  await fault(page);
  await expect
    .poll(async () => (await eventsOf(page, "fault")).length, { intervals: [50] })
    .toBe(numBefore + 1);
  return performance.now() - startMs;
}

/** Waits until two steps more are done, and a checkpoint is saved that is not of the start. */
async function waitForNewSteps(app: AppPage) {
  await app.waitForSteps((await app.losses()).length + 2);
  await expect
    .poll(async () => (await eventsOf(app.page, "checkpointSaved")).at(-1)?.step)
    .toBeGreaterThan(0);
}

async function expectBackends(page: Page, count: number) {
  await expect.poll(async () => (await eventsOf(page, "backendReady")).length).toBe(count);
}

/**
 * The run has started once more than before, every time from the newest checkpoint, and it trains.
 */
async function expectGoneOn(app: AppPage, numStartsBefore: number) {
  const numStarts = async () => (await eventsOf(app.page, "runStarted")).length;
  await expect.poll(numStarts, { timeout: 60_000 }).toBe(numStartsBefore + 1);
  await app.waitForSteps((await app.losses()).length + 2);
  await expect(app.status).toContainText("Training");
  // What a lost device computes is zeros.
  expect(Math.min(...(await app.losses()))).toBeGreaterThan(0);
  await expectFromNewest(app.page);
}
