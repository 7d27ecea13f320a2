import type { Page } from "@playwright/test";
import { VIEWS } from "../../src/app/state/slices/view.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { madeEvolution } from "../madeEvolution.ts";
import { madeEvaluation } from "../unit/app/features/results/quality/madeEvaluation.ts";
import { openView } from "./app.ts";
import { expectNoViolations, goDark } from "./axe.ts";
import { expect, type LabPage, test } from "./labRun.ts";

/** A run with the charts of what is measured after each epoch. */
async function tellMeasuredRun(lab: LabPage) {
  const size = { numSnapshots: 4, count: 16, numFrames: 6, stepsPerEpoch: 5 };
  const { steps, epochs, snapshots } = madeEvolution(size);
  const { figures: quality } = madeEvaluation().result;
  const bucketLosses = Array.from({ length: 10 }, (_, i) => 0.3 / (1 + i));
  await lab.tellRun({
    config: { ...presetConfig("tiny"), evaluateEvery: 1, previewTimesteps: 5 },
    steps,
    epochs: epochs.map((epoch) => ({ ...epoch, quality, bucketLosses })),
  });
  await lab.tellSnapshots(snapshots);
}

test("axe finds nothing wrong in any view, in light and in dark", async ({ lab }) => {
  const { page } = lab;
  await page.emulateMedia({ colorScheme: "light" });
  await lab.goToAddress("preset=tiny");
  await expectNoViolations(page, "train, before a run");
  await tellMeasuredRun(lab);
  await expectNoViolationsInViews(page);
  await goDark(page);
  // The colors alone are others.
  await expectNoViolationsInViews(page, ["color-contrast", "link-in-text-block"]);
});

test("axe finds nothing wrong in any view on a narrow screen, with a stored run", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.setViewportSize({ width: 390, height: 844 });
  await lab.openRun("preset=tiny");
  await expectNoViolationsInViews(page);
});

test("axe finds nothing wrong while something is open: a note, a menu, a table, two generations, a measurement, a dialog", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.openRun("preset=tiny&steps=2&digits=4");
  await page.getByRole("button", { name: "Explain: xₜ, the noisy image" }).first().click();
  await expect(page.getByRole("dialog", { name: "xₜ, the noisy image" })).toContainText("Ho");
  await expectNoViolations(page, "a note");
  await page.keyboard.press("Escape");

  await openView(page, "charts");
  await page.getByRole("button", { name: "Save or table: Loss", exact: true }).click();
  await expectNoViolations(page, "a chart's menu");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("table").last()).toBeVisible();
  await expectNoViolations(page, "a chart's table");
  await page.keyboard.press("Escape");

  await openView(page, "denoise");
  await page.getByRole("switch", { name: "Compare two settings" }).check();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("slider").first()).toBeEnabled();
  await expectNoViolations(page, "two generations");

  await openView(page, "evolution");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expectNoViolations(page, "saving a film");
  await page.keyboard.press("Escape");

  await openView(page, "quality");
  const measure = page.getByRole("form", { name: "What to measure" });
  // So many that it is still under way when it is looked at.
  await measure.getByLabel("Samples", { exact: true }).fill("2000");
  await measure.getByLabel("Steps", { exact: true }).fill("1000");
  await measure.getByRole("button", { name: "Measure" }).click();
  await expect(measure.getByRole("button", { name: "Cancel" })).toBeVisible();
  await expectNoViolations(page, "a measurement under way");
  await measure.getByRole("button", { name: "Cancel" }).click();
  await measure.getByLabel("Samples", { exact: true }).fill("30");
  await measure.getByLabel("Steps", { exact: true }).fill("1");
  await measure.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("region", { name: "Measured in this visit" })).toBeVisible();
  await expectNoViolations(page, "a measurement");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoViolations(page, "a measurement on a narrow screen");
  await page.setViewportSize({ width: 1440, height: 900 });

  for (const open of [
    () => lab.openBenchmark(),
    () => lab.button("About this page").click(),
    () => lab.button("Export").click(),
  ]) {
    await open();
    const opened = page.locator("dialog[open], [popover]:popover-open");
    await expect(opened.getByRole("button").first()).toBeVisible();
    await expectNoViolations(page, "what opens");
    await page.keyboard.press("Escape");
    await expect(opened).toHaveCount(0);
  }
});

async function expectNoViolationsInViews(page: Page, rules?: string[]) {
  for (const view of VIEWS) {
    await openView(page, view);
    await expect(page.getByRole("main")).toBeVisible();
    await expectNoViolations(page, view, rules);
  }
}
