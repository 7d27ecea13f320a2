import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker } from "./faults.ts";
import { copiedName, noted } from "./noted.ts";

test("a device is measured, the figures can be copied, and training works afterwards", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&previewEvery=0&epochs=10000");
  await app.openBenchmark();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  await expect(dialog.getByText("This takes a few seconds")).toBeVisible();
  const progress = await noted(
    page,
    () => document.querySelector("[role=progressbar][aria-label=Benchmark]")?.ariaValueNow,
  );
  await dialog.getByRole("button", { name: "Start" }).click();

  const step = dialog.getByRole("row", { name: "Training step" });
  await expect(step).toBeVisible();
  const shares = (await progress()).map(Number);
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  await expect(dialog.getByRole("status")).toContainText("Tiny, batch of 8");
  await expect(dialog.getByRole("status")).toContainText("WebAssembly SIMD");

  const words = await noted(page, copiedName);
  await dialog.getByRole("button", { name: "Copy as JSON" }).click();
  await expect.poll(words).toEqual(["Copied"]);
  const figures = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(figures).toMatchObject({
    backend: "wasm",
    preset: "tiny",
    batchSize: 8,
    fallback: null,
    machine: expect.stringMatching(/^Chrome \d+ on Linux, \d+ logical cores$/),
  });
  expect(figures.stepMs).toBeGreaterThan(0);
  await expect(step.getByRole("cell").first()).toHaveText(/^\d/);

  await dialog.getByRole("button", { name: "Copy as text" }).click();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard).toMatch(/^Training step: [\d,.]+ ms$/m);

  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(app.button(/^WebAssembly/)).toBeFocused();
  await app.train.click();
  await app.waitForSteps(3);

  // The result is still there, and nothing is measured beside a run.
  await app.openBenchmark();
  await expect(step).toBeVisible();
  await expect(dialog.getByText("Pause or stop it first")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Measure again" })).toBeDisabled();
});

test("beside a run that is paused a device is measured, and the run goes on", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&epochs=10000");
  await app.train.click();
  await app.waitForSteps(3);
  await app.button("Pause").click();
  await expect(app.status).toContainText("Paused");
  await app.openBenchmark();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog.getByRole("row", { name: "Training step" })).toBeVisible();
  await page.keyboard.press("Escape");
  const numSteps = (await app.losses()).length;
  await app.button("Resume").click();
  await app.waitForSteps(numSteps + 3);
});

test("a benchmark whose worker ends without a word says so, and can be started again", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  // What is computed without a pause would still go on to the end.
  const endOnceBegun = () => {
    const { postMessage } = self;
    self.postMessage = (message: { type?: string }, ...rest: unknown[]) => {
      postMessage.call(self, message, ...(rest as []));
      if (message.type === "timingProgress") self.close();
    };
  };
  await beforeWorker(page, endOnceBegun);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  await app.openBenchmark();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog.getByRole("alert")).toContainText("ended without a word");
  await page.keyboard.press("Escape");
  await app.button("Start again").click();
  await app.openBenchmark();
  await expect(dialog.getByRole("button", { name: "Start" })).toBeEnabled();
});
