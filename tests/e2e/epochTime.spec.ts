import { expect, type Page, test } from "@playwright/test";
import { AppPage, mean } from "./app.ts";
import { noted } from "./noted.ts";

const MS = { h: 3_600_000, min: 60_000, s: 1000 } as const;

/** `About 3 min 20 s …` in milliseconds. */
function epochMs(words: string | null): number {
  const [duration = ""] = /(?:[\d.]+\s(?:h|min|s)\s?)+/.exec(words ?? "") ?? [];
  const parts = duration.matchAll(/([\d.]+)\s(h|min|s)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * MS[unit as "s"], 0);
}

test("the form tells how long an epoch takes, as a few steps took, and as the run then does", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=tiny&previewEvery=0&checkpointMinutes=0");
  const timing = await noted(
    page,
    () => /Timing a few steps, \d+ %/.exec(document.body.textContent ?? "")?.[0],
  );
  const numWorkers = page.workers().length;
  await app.button("Estimate time").click();
  const told = page.getByText(/^About .* for the epoch on this device\./);
  await expect(told).toBeVisible();
  expect(await timing()).not.toEqual([]);
  const timedMs = epochMs(await told.textContent());
  await expect.poll(() => page.workers().length).toBe(numWorkers);
  const batchMs = (await batchTimes(page)).at(-1) ?? Number.NaN;
  // Live validations take a twentieth more; the words are rounded.
  expect(timedMs / epochOf(batchMs)).toBeGreaterThan(0.98);
  expect(timedMs / epochOf(batchMs)).toBeLessThan(1.12);
  // No run was touched.
  await expect(app.status).toHaveText("Ready to train");
  expect(await app.losses()).toEqual([]);

  await app.train.click();
  await app.waitForSteps(20);
  await app.openSettings();
  await expect(app.button("Estimate again")).toBeDisabled();
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
  const events = await page.evaluate(() => window.recordedEvents);
  const steps = events.flatMap((event) => (event.type === "steps" ? event.steps : []));
  const stepTimes = steps.slice(1).map(({ stepMs }) => stepMs);
  const runMs = epochOf(mean(stepTimes));
  // Other programs may have held up either: it is one of the times that a step takes here.
  expect(batchMs).toBeGreaterThan(Math.min(...stepTimes) / 3);
  expect(batchMs).toBeLessThan(Math.max(...stepTimes) * 3);

  // What the run took counts now; with other epochs it is the same, with another batch it is not known.
  await page.getByRole("textbox", { name: "Epochs" }).fill("2");
  const inAll = page.getByText(/^About .* an epoch on this device, .* in all\./);
  await expect(inAll).toBeVisible();
  const toldMs = epochMs(await inAll.textContent());
  expect(toldMs / runMs).toBeGreaterThan(0.5);
  expect(toldMs / runMs).toBeLessThan(2);
  await app.unfoldSettings();
  await page.getByRole("textbox", { name: "Batch size" }).fill("4");
  await expect(app.button("Estimate time")).toBeEnabled();
});

test("timing is cancelled, by its button and by Train, and leaves no thread", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=assignment&batchSize=16&previewEvery=0");
  const numWorkers = page.workers().length;
  for (const isTrain of [false, true]) {
    await app.button("Estimate time").click();
    await expect(page.getByText("Timing a few steps")).toBeVisible();
    await (isTrain ? app.train : app.button("Cancel")).click();
    await expect(page.getByText("Timing a few steps")).toHaveCount(0);
    if (!isTrain) await expect.poll(() => page.workers().length).toBe(numWorkers);
  }
  await app.openSettings();
  await expect(app.button("Estimate time")).toBeDisabled();
  await app.waitForSteps(1);
  await app.button("Stop").click();
  await expect.poll(() => page.workers().length).toBe(numWorkers);
});

/** 60,000 images in batches of 8, and a third of the time for each of 10,000. */
function epochOf(batchMs: number): number {
  return (batchMs / 8) * (60_000 + 10_000 / 3);
}

/** What the worker has found. */
function batchTimes(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    window.recordedEvents.flatMap((event) => (event.type === "batchTimed" ? [event.batchMs] : [])),
  );
}
