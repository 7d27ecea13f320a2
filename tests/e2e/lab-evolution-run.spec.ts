import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import {
  goToEvolution,
  NEWEST,
  NUM_SNAPSHOTS,
  now,
  openEvolution,
  picture,
  SMALL,
  saved,
  TAG,
} from "./evolution.ts";

test(
  "pointing at the loss shows the digits of that step, and then those from before",
  TAG,
  async ({ page }) => {
    const { training, digits } = await openEvolution(page);
    const loss = page.getByRole("img", { name: /^Loss, smoothed/ });
    const box = await loss.boundingBox();
    if (!box) throw new Error("The loss has no box.");
    const newest = await picture(digits);
    await page.mouse.move(box.x + (box.width * 2.1) / NEWEST, box.y + 20);
    await expect(training).toHaveAttribute("aria-valuenow", "2");
    expect(await picture(digits)).not.toBe(newest);
    const label = await loss.getAttribute("aria-label");
    expect(label).toMatch(/^Loss, smoothed: \d\.\d{4} at step 1\d\d$/);
    await page.mouse.move(box.x, box.y - 300);
    await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
    expect(await picture(digits)).toBe(newest);
    await training.focus();
    await page.keyboard.press("ArrowLeft");
    await expect(loss).toHaveAttribute("aria-label", /at step 500$/);

    const said = /\d\.\d{4}/.exec((await loss.getAttribute("aria-label")) ?? "")?.[0];
    const table = page.getByRole("table", { name: "Loss at the snapshots, smoothed" });
    await expect(table.locator("tbody tr")).toHaveCount(NUM_SNAPSHOTS);
    await expect(table.getByRole("row", { name: `500 ${said}` })).toHaveCount(1);
  },
);

test(
  "while a run trains its newest digits are followed, unless one went back",
  TAG,
  async ({ page }) => {
    const app = new AppPage(page);
    await app.open(`${SMALL}&epochs=60`);
    await app.dropFewImages();
    await app.button("Train").click();
    const { training, digits } = await goToEvolution(page);
    const max = () => training.getAttribute("aria-valuemax").then(Number);
    const numNow = await max();
    await expect(async () => expect(await max()).toBeGreaterThan(numNow + 1)).toPass();
    const [value, newest] = await training.evaluate((slider) =>
      ["aria-valuenow", "aria-valuemax"].map((name) => slider.getAttribute(name)),
    );
    expect(value).toBe(newest);

    await page.keyboard.press("Home");
    await expect(digits).toHaveAttribute("aria-label", /^Digits before training/);
    const numThen = await max();
    await expect(async () => expect(await max()).toBeGreaterThan(numThen + 1)).toPass();
    expect(await now(training)).toBe(0);
    await page.keyboard.press("End");
    await expect(async () => {
      expect(await now(training)).toBeGreaterThan(numThen + 1);
    }).toPass();
  },
);

test(
  "until its first digits are drawn a run that trains is not asked for",
  TAG,
  async ({ page }) => {
    const app = new AppPage(page);
    // Many steps, so that one sees it.
    await app.open("?backend=wasm&preset=tiny&previewTimesteps=400");
    await app.dropFewImages();
    await app.button("Train").click();
    await page.getByRole("link", { name: "Evolution" }).click();
    await expect(page.getByText("The first digits are on their way.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to Train" })).toHaveCount(0);
    await expect(page.getByText("50 of 400 denoising steps kept")).toBeVisible({
      timeout: 120_000,
    });
    await page.keyboard.press("ArrowUp");
    await expect(page.getByRole("slider", { name: "Denoising step" })).toHaveAttribute(
      "aria-valuetext",
      "denoising step 392 of 400, t = 19",
    );
  },
);

test("a held step stays when the pointer passes over a chart", TAG, async ({ page }) => {
  const { training } = await openEvolution(page);
  await training.focus();
  await page.keyboard.press("Home");
  await page.getByRole("link", { name: "Charts" }).click();
  const chart = page.getByRole("slider", { name: "Step, Loss", exact: true });
  await expect(chart).toHaveAttribute("aria-valuenow", "0");
  await chart.hover();
  await expect(chart).not.toHaveAttribute("aria-valuenow", "0");
  await page.mouse.move(5, 5);
  await page.getByRole("link", { name: "Evolution" }).click();
  await expect(training).toHaveAttribute("aria-valuenow", "0");
});

test("another run is followed, wherever one had gone in the one before", TAG, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(`${SMALL}&epochs=1`);
  await app.openLabRun();
  const { training } = await goToEvolution(page);
  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
  await page.getByRole("link", { name: "Train" }).click();
  await app.dropFewImages();
  await app.trainToEnd();
  await goToEvolution(page);
  await expect(training).not.toHaveAttribute("aria-valuemax", String(NEWEST));
  await expect(training).toHaveAttribute("aria-valuetext", /^after \d+ steps/);
  const max = await training.getAttribute("aria-valuemax");
  await expect(training).toHaveAttribute("aria-valuenow", max ?? "");
});

test(
  "a run that is deleted while it is shown stays, and is said to go with the page",
  TAG,
  async ({ page }) => {
    const { training } = await openEvolution(page);
    const strip = page.getByRole("region", { name: "The run" });
    await expect(strip.getByRole("status")).toHaveText("Finished after 600 steps");
    await page.getByRole("button", { name: /^Runs/ }).click();
    const row = page
      .getByRole("dialog", { name: "Runs" })
      .getByRole("listitem", { name: "Lab run" });
    await row.getByRole("button", { name: "Delete" }).click();
    await row.getByRole("group", { name: "Delete this run?" }).getByText("Delete").last().click();
    await expect(row).toHaveCount(0);
    await page.keyboard.press("Escape");
    await expect(strip.getByRole("status")).toHaveText(
      "Finished after 600 steps; deleted, it goes with this page",
    );
    await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
    const { fileName } = await saved(page, /^PNG picture of the digits/);
    expect(fileName).toMatch(/^lab-run/);
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    expect((await asked).type()).toBe("beforeunload");
  },
);

test("the address has the place, and leads there after a reload", TAG, async ({ page }) => {
  const { training, denoising } = await openEvolution(page);
  await page.getByRole("radio", { name: "Sample 7" }).check();
  await training.focus();
  await page.keyboard.press("Home");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"]) {
    await page.keyboard.press(key);
  }
  await page
    .locator("label")
    .filter({ hasText: /^Both$/ })
    .click();
  await expect(page).toHaveURL(/step=100/);
  await expect(page).toHaveURL(/denoising=3&sample=7&film=both/);
  const numEntries = await page.evaluate(() => window.history.length);

  await page.reload();
  await expect(training).toHaveAttribute("aria-valuenow", "2");
  await expect(denoising).toHaveAttribute("aria-valuenow", "3");
  await expect(page.getByRole("radio", { name: "Sample 7" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Both" })).toBeChecked();
  expect(await page.evaluate(() => window.history.length)).toBe(numEntries);

  // At the newest digits it says no more than that it is this view.
  await training.focus();
  await page.keyboard.press("End");
  await expect(page).not.toHaveURL(/step=/);
});
