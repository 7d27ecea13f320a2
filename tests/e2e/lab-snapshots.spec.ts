import { expect, type Page, test } from "@playwright/test";
import type { SnapshotRecord } from "../../src/storage/records.ts";
import { AppPage, LAB_RUN } from "./app.ts";

/** What lies in IndexedDB, without its pixels. */
function storedSnapshots(
  page: Page,
): Promise<(Omit<SnapshotRecord, "pixels"> & { bytes: number })[]> {
  return page.evaluate(async () => {
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await resultOf(indexedDB.open("diffusion-mnist"));
    const table = database.transaction("frames").objectStore("frames");
    const records: SnapshotRecord[] = await resultOf(table.getAll());
    database.close();
    return records.map(({ pixels, ...record }) => ({ ...record, bytes: pixels.length }));
  });
}

test("a stored run opens with its newest snapshot, to be scrubbed from the noise on", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=quick");
  await app.openLabRun();
  await app.waitForCaption(/^Preview after 600 training steps, denoising step 5 of 5$/);
  const digits = await app.picture();
  await app.slider.focus();
  await page.keyboard.press("Home");
  await app.waitForCaption(/denoising step 0 of 5/);
  const noise = await app.picture();
  await page.keyboard.press("ArrowRight");
  await app.waitForCaption(/denoising step 1 of 5/);
  expect(new Set([digits, noise, await app.picture()]).size).toBe(3);
  const { numFrames } = LAB_RUN;
  const stored = await storedSnapshots(page);
  expect(stored.map(({ step }) => step)).toEqual(LAB_RUN.snapshotSteps);
  for (const snapshot of stored) {
    expect(snapshot).toMatchObject({ count: 16, numFrames, bytes: numFrames * 16 * 28 * 28 });
  }
});

test("who points into the loss sees the digits of that step, and then again the newest", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=quick");
  await app.openLabRun();
  await app.waitForCaption(/^Preview after 600 training steps/);
  const newest = await app.picture();
  const box = await page.getByRole("img", { name: /^Loss curve, / }).boundingBox();
  if (!box) throw new Error("There is no chart of the loss.");
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await app.waitForCaption(/^The digits after 1\d\d training steps, where you point$/);
  const pointed = await app.picture();
  expect(pointed).not.toBe(newest);
  await page.mouse.move(5, 5);
  await app.waitForCaption(/^Preview after 600 training steps/);
  await expect.poll(() => app.picture()).toBe(newest);
});

test("who points into the assignment's curve does not point into the run that is opened under it", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=quick");
  await app.openLabRun();
  await app.open("?backend=wasm&preset=quick");
  const chart = page.getByRole("img", { name: "Loss curve of the assignment" });
  const box = await chart.boundingBox();
  if (!box) throw new Error("The assignment's curve is not there.");
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  const ofAssignment = page.getByText(/^Step \d\d,\d\d\d/);
  await expect(ofAssignment).toBeVisible();
  await page.getByRole("region", { name: "Newest run" }).getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("img", { name: /^Loss curve, / })).toBeVisible();
  await app.waitForCaption(/^Preview after 600 training steps/);
  await expect(ofAssignment).toHaveCount(0);
});

test("a run keeps a snapshot of its start and of each epoch, also over a stop and a reload", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  // So many that it is still training when Stop is clicked.
  const settings = "?backend=wasm&preset=tiny&dim=4&previewTimesteps=3&previewEvery=0&epochs=60";
  await app.open(settings);
  await app.dropFewImages();
  await app.button("Train").click();
  await app.waitForSteps(7);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
  const before = await storedSnapshots(page);
  expect(before.map(({ step }) => step).slice(0, 2)).toEqual([0, 5]);

  await app.open(settings);
  await app.dropFewImages();
  await page
    .getByRole("region", { name: "Unfinished run" })
    .getByRole("button", { name: "Resume" })
    .click();
  await expect(app.status).toContainText("Finished after 300 steps");
  await app.waitForCaption(/^Preview after 300 training steps, denoising step 3 of 3$/);
  const stored = await storedSnapshots(page);
  expect(stored.map(({ step }) => step)).toEqual(Array.from({ length: 61 }, (_, i) => 5 * i));
  expect(stored.slice(0, before.length)).toEqual(before);
});

test("who wants little motion sees previews when they are finished, and may still scrub", {
  tag: "@lab",
}, async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=tiny&dim=4&epochs=20&previewEvery=0&previewTimesteps=20");
  await app.dropFewImages();
  await app.digits.evaluate((canvas) => {
    window.captions = [];
    const write = () => window.captions.push(canvas.getAttribute("aria-label") ?? "");
    new MutationObserver(write).observe(canvas, { attributeFilter: ["aria-label"] });
  });
  await app.trainToEnd();
  await app.waitForCaption(/^Preview after 100 training steps, denoising step 20 of 20$/);
  const steps = (await page.evaluate(() => window.captions)).flatMap((caption) => {
    const match = /^Preview (.*), denoising step (\d+) of 20$/.exec(caption);
    return match ? [{ subject: match[1], step: Number(match[2]) }] : [];
  });
  expect(steps.length).toBeGreaterThan(2);
  for (const { subject, step } of steps) {
    // Before the first is finished there is its noise.
    if (subject !== "from the untrained network" || step !== 0) expect(step).toBe(20);
  }
  await app.slider.focus();
  await page.keyboard.press("ArrowLeft");
  await app.waitForCaption(/denoising step 19 of 20$/);
});

declare global {
  interface Window {
    captions: string[];
  }
}
