import { chromium, expect, type Page, test } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { DenoisePage } from "./denoisePage.ts";
import {
  beforeWorker,
  bePutIntoACard,
  eventsOf,
  expectFromNewest,
  notices,
  SMALLEST,
  tellWorker,
  withoutFirstDigits,
} from "./faults.ts";
import { launchOptions } from "./launch.ts";

const ON_WEBGPU = `?backend=webgpu&${SMALLEST}&batchSize=2&epochs=10000&checkpointMinutes=0.01`;

test("when the browser's graphics process dies the run goes on from its newest checkpoint, without it where there is no other", {
  tag: "@long",
}, async ({ baseURL }) => {
  // Of its own: it ends with a browser that has blocked WebGPU.
  const browser = await chromium.launch(launchOptions);
  const devtools = await browser.newBrowserCDPSession();
  // The answer would come from the process that is gone.
  const killGraphics = async () => void devtools.send("Browser.crashGpuProcess").catch(() => {});
  const page = await browser.newPage();
  const app = new AppPage(page);
  await withoutFirstDigits(page);
  await beforeWorker(page, bePutIntoACard);
  await app.openWithFewImages(`${baseURL}/${ON_WEBGPU}`);
  await app.train.click();

  await waitForNewSteps(app);
  await expectFault(page, killGraphics);
  await expect.poll(() => backends(page)).toEqual(["webgpu", "webgpu"]);
  // Chromium gives a page no WebGPU for two minutes after the second time.
  await expectFault(page, killGraphics);
  await expect(app.button(/^WebAssembly/)).toBeVisible();
  await expectGoneOn(app);
  expect(await backends(page)).toEqual(["webgpu", "webgpu", "wasm"]);
  // What a lost device computes is zeros.
  expect(Math.min(...(await app.losses()))).toBeGreaterThan(0);
  await expect(notices(page).last()).toHaveAttribute("data-tone", "error");
  await browser.close();
});

test("after a loss of the device the run goes on from its newest checkpoint; after the third one chooses, and it goes on with WebAssembly", async ({
  page,
}) => {
  const app = new AppPage(page);
  await withoutFirstDigits(page);
  await beforeWorker(page, [bePutIntoACard, destroyDeviceWhenTold]);
  await app.openWithFewImages(ON_WEBGPU);
  await app.train.click();
  await waitForNewSteps(app);
  const destroyDevice = () => tellWorker(page, "destroy the device");
  await expectFault(page, destroyDevice);
  await expect(notices(page).last()).toHaveAttribute("data-tone", "info");
  await expectGoneOn(app);
  await expectFault(page, destroyDevice);
  // The next is lost before the run goes on.
  await expect.poll(() => backends(page)).toHaveLength(3);
  await expectFault(page, destroyDevice);
  const last = page.getByRole("alert").last();
  await expect(
    last.getByRole("button", { name: "Continue with half as many images at once" }),
  ).toBeVisible();
  await expect(app.status).toContainText("Failed");
  await last.getByRole("button", { name: "Continue with WebAssembly" }).click();
  await expect(page).toHaveURL(/backend=wasm/);
  await expectGoneOn(app);
  // It stayed at that until one chose.
  expect(await backends(page)).toEqual(["webgpu", "webgpu", "webgpu", "wasm"]);
});

for (const [refused, rungs] of [
  ["the first program", ["card", "safe", "wasm"]],
  ["some programs", ["card", "safe"]],
  ["all programs", ["card", "safe", "wasm"]],
] as const) {
  test(`where a driver refuses ${refused} of a run, it trains all the same, and the page says with what and why`, {
    tag: refused === "all programs" ? [] : "@long",
  }, async ({ page }) => {
    const app = new AppPage(page);
    await withoutFirstDigits(page);
    await beforeWorker(page, [bePutIntoACard, refuse], refused);
    await app.openWithFewImages(ON_WEBGPU);
    await app.train.click();
    await app.waitForSteps(2);
    const reports = (await eventsOf(page, "backendReady")).map(({ report }) => report);
    expect(reports.map(({ rung }) => rung)).toEqual(rungs);
    const line = page.getByRole("complementary", { name: "About this browser" });
    await expect(line).toContainText("The graphics driver refused a program");
    await expect(line).toContainText(rungs.at(-1) === "safe" ? "simpler programs" : "WebAssembly");
    await expect(notices(page)).toHaveCount(0);
    // All that is known, ready to be copied.
    await app.button(/^(WebGPU|WebAssembly)/).click();
    await expect(page.getByRole("button", { name: "Copy for a bug report" })).toBeVisible();
    expect(reports.at(-1)?.fallback?.details).toMatch(
      /Adapter: Test card, test, from \w+ to \w+\nBrowser: .*Chrome.*\n.*programs were refused.*No registers are left/,
    );
    if (refused !== "some programs") return;
    // At the next visit it is known at once, until one tries again.
    await page.reload();
    await expect.poll(() => rungsOf(page)).toEqual(rungs.slice(-1));
    // Once closed, the line stays closed, until there is another reason.
    await app.button("Close this note").click();
    await page.reload();
    await expect(app.button(/^WebGPU/)).toBeVisible();
    await expect(line).toBeEmpty();
    await page.evaluate(() => localStorage.setItem("closed-backend-advice", '"Another reason."'));
    await page.reload();
    await expect(app.button("Close this note")).toBeVisible();
    await app.button(/^(WebGPU|WebAssembly)/).click();
    await page.getByRole("button", { name: "Try the graphics card again" }).click();
    await expect.poll(() => rungsOf(page)).toEqual(["card"]);
  });
}

test("a device that computes wrong numbers is found out before the first step; one that is right proves itself once", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await withoutFirstDigits(page);
  await app.openWithFewImages(ON_WEBGPU);
  await app.train.click();
  await app.waitForSteps(1);
  // That it trains, and so that it predicts.
  expect(await eventsOf(page, "deviceProven")).toHaveLength(2);
  await app.button("Stop").click();
  await app.openWithFewImages(ON_WEBGPU);
  await app.train.click();
  await app.waitForSteps(1);
  expect(await eventsOf(page, "deviceProven")).toHaveLength(0);
  await app.button("Stop").click();

  // It says that it is another, which has not proven itself.
  await beforeWorker(page, [bePutIntoACard, loseGradients]);
  await app.openWithFewImages(ON_WEBGPU);
  await app.train.click();
  await app.waitForSteps(1);
  expect(await rungsOf(page)).toEqual(["card", "safe", "wasm"]);
  const line = page.getByRole("complementary", { name: "About this browser" });
  await expect(line).toContainText("The graphics card computed wrong numbers");
  const faults = await eventsOf(page, "fault");
  expect(faults.map(({ cause }) => cause)).toEqual(["wrong", "wrong"]);
  for (const { message } of faults) expect(message).toContain("by being zero");
  expect(await app.losses()).not.toContain(0);
});

test("a device that predicts wrong numbers is found out before the first digit is drawn", async ({
  page,
}) => {
  const app = new DenoisePage(page);
  await withoutFirstDigits(page);
  await beforeWorker(page, [bePutIntoACard, loseRoots]);
  await app.openWithFewImages(`${ON_WEBGPU}&network=untrained&steps=1`);
  await openView(page, "denoise");
  const generate = app.form.getByRole("button", { name: "Generate" });
  for (const rung of ["safe", "wasm"] as const) {
    await generate.click();
    await expect.poll(() => rungsOf(page)).toContain(rung);
  }
  await expect(app.form.getByRole("status")).toContainText("wrong numbers");
  await generate.click();
  await expect(app.grid).toBeVisible();
  expect(await rungsOf(page)).toEqual(["card", "safe", "wasm"]);
  const faults = await eventsOf(page, "fault");
  expect(faults.map(({ cause }) => cause)).toEqual(["wrong", "wrong"]);
  for (const { message } of faults)
    expect(message).toContain("the prediction is wrong by numbers that are not finite");
});

/** Runs in the worker: the driver computes roots that are no numbers. */
function loseRoots() {
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const code = descriptor.code.replaceAll("inverseSqrt(max(", "inverseSqrt(-max(");
    return createShaderModule.call(this, { ...descriptor, code });
  };
}

/** Runs in the worker: the driver computes zeros for the gradients of kernels of 1 x 1. */
function loseGradients() {
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const { label = "", code } = descriptor;
    const isAffected = label.startsWith("kernelGradientRegisters 1,");
    const wrong = code.replaceAll(/(kernel\[.*\] = )(.*);/g, "$1 0.0 * $2;");
    return createShaderModule.call(this, isAffected ? { label, code: wrong } : descriptor);
  };
}

async function rungsOf(page: Page) {
  return (await eventsOf(page, "backendReady")).map(({ report }) => report.rung);
}

/** Runs in the worker: the driver refuses to compile them. */
function refuse(which: string) {
  const codes = new WeakMap<GPUShaderModule, string>();
  const { createShaderModule, createComputePipelineAsync } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, descriptor);
    codes.set(module, descriptor.code);
    return module;
  };
  let numAsked = 0;
  GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
    numAsked++;
    const code = codes.get(descriptor.compute.module) ?? "";
    // TensorFlow.js' own have another entry.
    const isTiled = code.includes("workgroupBarrier") && code.includes("fn start(");
    const isRefused =
      which === "all programs" || (which === "the first program" ? numAsked === 1 : isTiled);
    if (!isRefused) return createComputePipelineAsync.call(this, descriptor);
    const error = new GPUPipelineError("No registers are left.", { reason: "internal" });
    return Promise.reject(error);
  };
}

/** Runs in the worker, before its own script. */
function destroyDeviceWhenTold() {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    self.addEventListener("message", (event) => {
      if (event.data !== "destroy the device") return;
      event.stopImmediatePropagation();
      device.destroy();
    });
    return device;
  };
}

/** What the page has computed on, one worker after the other. */
async function backends(page: Page) {
  return (await eventsOf(page, "backendReady")).map(({ report }) => report.backend);
}

/** Does it, and waits until the page has heard of a fault more. */
async function expectFault(page: Page, cause: (page: Page) => Promise<void>) {
  const numFaults = async () => (await eventsOf(page, "fault")).length;
  const numBefore = await numFaults();
  await cause(page);
  await expect.poll(numFaults, { intervals: [50] }).toBe(numBefore + 1);
}

/** Waits until two steps more are done, and a checkpoint is saved that is not of the start. */
async function waitForNewSteps(app: AppPage) {
  await app.waitForSteps((await app.losses()).length + 2);
  await expect
    .poll(async () => (await eventsOf(app.page, "checkpointSaved")).at(-1)?.step)
    .toBeGreaterThan(0);
}

/** The newest worker trains, every time from the newest checkpoint. */
async function expectGoneOn(app: AppPage) {
  await app.waitForSteps((await app.losses()).length + 2);
  await expectFromNewest(app.page);
}
