import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker } from "./faults.ts";
import { benchmarkPart, copiedName, noted } from "./noted.ts";

test("a device is measured, the figures can be copied, and training works afterwards", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...rest: unknown[]) {
      // Two rounds of each figure, in place of 40 seconds.
      const isBenchmark = message.type === "benchmark";
      const effort = { minRounds: 1, maxRounds: 2, budgetMs: 1 };
      postMessage.call(this, isBenchmark ? { ...message, effort } : message, ...(rest as []));
    };
  });
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&previewEvery=0&epochs=10000");
  await app.button("Benchmark this device").click();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  await expect(dialog.getByText("About a minute")).toBeVisible();
  const progress = await noted(
    page,
    () => document.querySelector("[role=progressbar][aria-label=Benchmark]")?.ariaValueNow,
  );
  await dialog.getByRole("button", { name: "Start" }).click();

  const step = dialog.getByRole("row", { name: "training step, ms" });
  await expect(step).toBeVisible({ timeout: 150_000 });
  const shares = (await progress()).map(Number);
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  await expect(dialog.getByRole("status")).toContainText("Tiny, batch 8");
  await expect(dialog.getByRole("status")).toContainText("WebAssembly SIMD");

  const words = await noted(page, copiedName);
  await dialog.getByRole("button", { name: "Copy as JSON" }).click();
  await expect.poll(words).toEqual(["Copied"]);
  const figures = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(figures).toMatchObject({ backend: "wasm", preset: "tiny", batchSize: 8, numDigits: 32 });
  for (const figure of [
    figures.fused.stepMs,
    figures.fused.firstStepMs,
    figures.fused.gflops,
    figures.fused.ddimStepMs,
    figures.stock.ddimStepMs,
    figures.matmulGflops,
    figures.operations.conv3x3.fusedMs,
    figures.operations.conv3x3Forward.stockMs,
    figures.operations.linear.stockMs,
    figures.operations.optimizerStep.fusedMs,
  ]) {
    expect(figure).toBeGreaterThan(0);
  }
  expect(figures.fused.imagesPerSecond).toBeCloseTo(8000 / figures.fused.stepMs, 3);
  // TensorFlow.js has no kernel for the gradient of a convolution's weights on this backend.
  expect(figures.stock.stepMs).toBeNull();
  expect(figures.stockFailure).toContain("Conv2DBackpropFilter");
  await expect(step.getByRole("cell").first()).toHaveText(/^\d/);

  await dialog.getByRole("button", { name: "Copy as text" }).click();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard).toMatch(/^\| training step, ms +\| +[\d,.]+ \| +– \| +– \|$/m);

  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(app.button("Benchmark this device")).toBeFocused();
  await app.button("Train").click();
  await app.waitForSteps(3);

  // The result is still there, and nothing is measured beside a run.
  await app.button("Benchmark this device").click();
  await expect(step).toBeVisible();
  await expect(dialog.getByText("Pause or stop it first")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Measure again" })).toBeDisabled();
});

test("a benchmark is cancelled, and leaves no worker", async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  const numWorkers = page.workers().length;
  await app.button("Benchmark this device").click();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  const doing = await noted(page, benchmarkPart);
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect.poll(doing).toContain("training step");
  expect(page.workers().length).toBeGreaterThan(numWorkers);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog.getByRole("button", { name: "Start" })).toBeEnabled();
  await expect.poll(() => page.workers().length).toBe(numWorkers);
});

test("a benchmark whose worker ends without a word says so, and can be started again", async ({
  page,
}) => {
  const app = new AppPage(page);
  // With its first message; what is computed without a pause would still go on to the end.
  const endOnceBegun = () => {
    const { postMessage } = self;
    self.postMessage = (message: unknown) => {
      postMessage.call(self, message);
      self.close();
    };
  };
  await beforeWorker(page, endOnceBegun, undefined, "benchmark");
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  await app.button("Benchmark this device").click();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog.getByRole("alert")).toContainText("ended without a word");
  await expect(dialog.getByRole("button", { name: "Start" })).toBeEnabled();
});
