import { expect, type Page, test } from "@playwright/test";
import { formatLoss } from "../../src/runtime/format.ts";
import { inFull } from "../inFull.ts";
import { AppPage, mean } from "./app.ts";
import { drawDigits } from "./denoisePage.ts";
import { beforeWorker } from "./faults.ts";

const [NUM_STEPS, MAX_LOSS_RATIO] = inFull ? [80, 1 / 2] : [50, 2 / 3];

test(`with nothing changed, within ${NUM_STEPS} steps of a click on Train the loss falls below ${MAX_LOSS_RATIO.toFixed(2)} of its beginning`, async ({
  page,
}) => {
  const app = new AppPage(page);
  // A software WebGPU adapter is there, and it is not taken unasked.
  await app.open();
  await expect(app.button(/^WebAssembly SIMD, \d+ threads?$/)).toBeVisible();
  // Why no graphics card is used stands behind that name, not above the page.
  await expect(page.getByRole("complementary", { name: "About this browser" })).toBeEmpty();
  await app.button(/^WebAssembly/).click();
  await expect(page.locator(":popover-open")).toContainText(
    "The only WebGPU adapter computes on the processor",
  );
  await page.keyboard.press("Escape");
  await app.train.click();
  // The narrow net of Quick needs more steps than a wider one, and less time: docs/decisions/models.md.
  await app.waitForSteps(NUM_STEPS);
  const losses = await app.losses();
  const [first, last] = [losses.slice(0, 10), losses.slice(NUM_STEPS - 10, NUM_STEPS)];
  expect(mean(last) / mean(first)).toBeLessThan(MAX_LOSS_RATIO);
  await expect(page.locator("[data-curve=loss] path")).toBeVisible();
});

test("a run pauses, is sampled from, goes on, and stops", async ({ page }) => {
  const app = new AppPage(page);
  const query = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&epochs=10000&validateEvery=2";
  // An epoch is 100 steps.
  await app.openWithFewImages(query, 800);
  await app.train.click();
  await app.waitForSteps(3);

  await app.button("Pause").click();
  await expect(app.status).toContainText("Paused");
  const paused = (await app.losses()).length;
  // A live validation is drawn long before the epoch ends: as a point, or as a line once there are two.
  expect(await app.epochs()).toEqual([]);
  await expect(page.locator("[data-curve=live] :is(circle, path)").last()).toBeVisible();
  await app.button("Axes").click();
  await expect(page.getByRole("radio", { name: "By timestep" })).toBeEnabled();
  await page.keyboard.press("Escape");
  const draw = await drawDigits(page, { digits: 9 });
  const drawnAfter = (steps: string) =>
    expect(draw.grid).toHaveAttribute(
      "aria-label",
      new RegExp(`^9 digits .*after ${steps} training steps`),
    );
  await drawnAfter(String(paused));
  expect((await app.losses()).length).toBe(paused);

  await app.button("Resume").click();
  await app.waitForSteps(paused + 3);
  // Between the steps of a running run.
  await draw.generate();
  await drawnAfter(`(?!${paused} )\\d+`);

  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  await draw.generate();
  await drawnAfter("\\d+");
});

test("previews show the same noise becoming digits while the run goes on", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  const preview = "previewEvery=20&previewTimesteps=3";
  await app.openWithFewImages(`?backend=wasm&preset=tiny&dim=4&epochs=10000&${preview}`, 400);
  await app.train.click();
  const seen: { caption: string; noise: string }[] = [];
  for (let look = 0; look < 2; look++) {
    await app.waitForSteps((await app.losses()).length + 20);
    // While the run pauses the newest preview stays the newest.
    await app.button("Pause").click();
    await expect(app.status).toContainText("Paused");
    await app.waitForCaption(/^Preview after [1-9].*, denoising step 3 of 3$/);
    await expect.poll(async () => (await numPreviews(page)).unfinished).toBe(0);
    await app.slider.focus();
    await page.keyboard.press("Home");
    await app.waitForCaption(/^Preview after [1-9].*, denoising step 0 of 3/);
    const noise = await app.picture();
    await page.keyboard.press("ArrowRight");
    await app.waitForCaption(/^Preview after [1-9].*, denoising step 1 of 3/);
    expect(await app.picture()).not.toBe(noise);
    const caption = (await app.digits.getAttribute("aria-label")) ?? "";
    seen.push({ caption, noise });
    // While one looks at it no newer one displaces it.
    const { finished } = await numPreviews(page);
    await app.button("Resume").click();
    await expect.poll(async () => (await numPreviews(page)).finished).toBeGreaterThan(finished);
    await expect(app.digits).toHaveAttribute("aria-label", new RegExp(`^${caption}`));
    await app.slider.focus();
    await page.keyboard.press("End");
  }
  const [first, second] = seen;
  expect(second?.caption).not.toBe(first?.caption);
  expect(second?.noise).toBe(first?.noise);
});

test("between two previews a column of digits at a time is drawn again", { tag: "@long" }, async ({
  page,
}) => {
  const app = new AppPage(page);
  const settings = "preset=tiny&dim=4&classes=10&batchSize=1&previewEvery=0&previewTimesteps=1";
  // An epoch is longer than a column waits for.
  await app.openWithFewImages(`?backend=wasm&${settings}&epochs=100`, 8000);
  await app.train.click();
  await app.waitForCaption(
    /^Preview after [\d,]+ training steps, redrawn column by column, now at step [\d,]+$/,
  );
  await app.button("Stop").click();
});

test("an epoch ends with the loss on the validation images, shown by timestep beside that of the epoch before", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&dim=4&previewEvery=0&epochs=2");
  const views = page.getByRole("radiogroup", { name: "Horizontal axis of the loss" });
  await app.train.click();
  await app.button("Axes").click();
  // Without an epoch there is nothing to choose.
  await expect(views.getByRole("radio", { name: "By timestep" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(app.status).toContainText("Finished", { timeout: 120_000 });
  expect(await app.losses()).toHaveLength(10);
  expect(await app.epochs()).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
  for (const { trainLoss, validationLoss } of await app.epochs()) {
    expect(trainLoss).toBeGreaterThan(0);
    expect(validationLoss).toBeGreaterThan(0);
  }
  const table = page.getByRole("table", { name: "Validation loss by timestep" });
  await expect(table).toHaveCount(0);

  await app.button("Axes").click();
  await views.getByText("By timestep").click();
  await expect(table.getByRole("columnheader")).toHaveText(["t", /epoch 2.*epoch 1/, "change"]);
  // Of 8 images no two are in the same tenth, and two tenths have none.
  const newest = (await app.epochs())[1]?.bucketLosses ?? [];
  expect(newest.filter(Number.isFinite)).toHaveLength(8);
  await expect(table.locator("tbody tr")).toContainText(
    newest.map((loss) => (Number.isFinite(loss) ? formatLoss(loss) : "––")),
  );

  await views.getByText("Over training").click();
  await expect(page.locator("[data-curve=loss] path")).toBeVisible();
  await expect(table).toHaveCount(0);
});

test("a setting that cannot run is refused at its field", async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&dimMults=1,2,4,8");
  await expect(page.getByText("28 must be divisible by 2^(levels - 1)")).toBeAttached();
  await expect(app.train).toBeDisabled();
});

test("with cores to spare WebAssembly trains on several threads", async ({ page }) => {
  await beforeWorker(page, () => {
    // Half of as many processors, at most four.
    Object.defineProperty(navigator, "hardwareConcurrency", { value: 8 });
  });
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&previewEvery=0&epochs=10000");
  await expect(app.button("WebAssembly SIMD, 4 threads")).toBeVisible();
  await app.train.click();
  await app.waitForSteps(3);
  expect(page.workers()).toHaveLength(4);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  await expect.poll(() => page.workers().length).toBe(1);
});

test("a run whose validation loss no longer falls stops early, with its best weights", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  // No epoch but the first gains so much.
  const stopping = "epochs=50&patience=2&minGain=5";
  await app.openWithFewImages(`?backend=wasm&preset=tiny&dim=4&previewEvery=0&${stopping}`);
  await app.train.click();
  await expect(app.status).toContainText("Stopped early");
  const losses = (await app.epochs()).map(({ validationLoss }) => validationLoss);
  expect(losses).toHaveLength(3);
  const best = losses.indexOf(Math.min(...losses)) + 1;
  const draw = await drawDigits(page);
  const label = new RegExp(`^4 digits .*after ${5 * best} training steps`);
  await expect(draw.grid).toHaveAttribute("aria-label", label);
  await page.reload();
  // Nothing is left to go on with.
  await expect(page.getByRole("link", { name: /^Runs\s*1$/ })).toBeVisible();
  await expect(app.button("Resume")).toHaveCount(0);
});

/** How many drawings the worker has told to be finished, and how many it has begun and not finished. */
function numPreviews(page: Page) {
  return page.evaluate(() => {
    const count = (type: string) => window.recordedEvents.filter((e) => e.type === type).length;
    const finished = count("sampleDone");
    return { finished, unfinished: count("sampleStarted") - finished };
  });
}
