import { expect, type Page, test } from "@playwright/test";
import axe from "axe-core";
import { VIEWS } from "../../src/store/view.ts";
import { AppPage } from "./app.ts";

/** With the charts of what is measured after each epoch. */
const QUERY =
  "?backend=wasm&preset=tiny&epochs=2&previewTimesteps=5&samplingTimesteps=5&evaluateEvery=1";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong in any view, ${colorScheme}`, { tag: "@lab" }, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const app = new AppPage(page);
    await app.open(QUERY);
    await expectNoViolations(page, "train, before a run");
    await app.dropFewImages();
    await app.trainToEnd();
    await expectNoViolationsInViews(page);
  });
}

test("axe finds nothing wrong in any view on a narrow screen, with a stored run", {
  tag: "@lab",
}, async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await expectNoViolationsInViews(page);
});

test("axe finds nothing wrong while something is open: a note, a menu, a table, two generations, a measurement", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await page.getByRole("button", { name: "Explain: xₜ, the noisy image" }).first().click();
  await expect(page.getByRole("dialog", { name: "xₜ, the noisy image" })).toContainText("Ho");
  await expectNoViolations(page, "a note");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Charts", exact: true }).click();
  await page.getByRole("button", { name: "Save or table: Loss", exact: true }).click();
  await expectNoViolations(page, "a chart's menu");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("table").last()).toBeVisible();
  await expectNoViolations(page, "a chart's table");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Denoise" }).click();
  await page.getByRole("switch", { name: "Compare with a second" }).check();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("slider").first()).toBeEnabled();
  await expectNoViolations(page, "two generations");

  await page.getByRole("link", { name: "Evolution" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expectNoViolations(page, "saving a film");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Quality" }).click();
  const measure = page.getByRole("form", { name: "What to measure" });
  await measure.getByLabel("Samples", { exact: true }).fill("70");
  await measure.getByLabel("Steps", { exact: true }).fill("1");
  await measure.getByRole("button", { name: "Measure" }).click();
  await expectNoViolations(page, "a measurement under way");
  await expect(page.getByRole("region", { name: "Measured in this visit" })).toBeVisible();
  await expectNoViolations(page, "a measurement");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoViolations(page, "a measurement on a narrow screen");
});

for (const [name, button, text] of [
  ["Runs", /^Runs/, "No run is stored yet"],
  ["Benchmark this device", "Benchmark this device", "Measures how fast this device"],
  ["About this page", "About this page", "This page trains a neural network"],
] as const) {
  test(`axe finds nothing wrong in “${name}”`, { tag: "@lab" }, async ({ page }) => {
    const app = new AppPage(page);
    await app.open(QUERY);
    await app.button(button).click();
    await expect(page.getByText(text).first()).toBeVisible();
    await expectNoViolations(page, name);
  });
}

async function expectNoViolationsInViews(page: Page) {
  const links = page.getByRole("navigation", { name: "Views" }).getByRole("link");
  expect(await links.count()).toBe(VIEWS.length);
  for (const link of await links.all()) {
    await link.click();
    await expect(page.getByRole("main")).toBeVisible();
    await expectNoViolations(page, (await link.textContent()) ?? "");
  }
}

/** What is wrong, where, as far as a program can tell. */
async function expectNoViolations(page: Page, where: string) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run();
    return found.violations.map(({ id, help, nodes }) => ({
      ...{ id, help },
      at: nodes.map(({ html }) => html),
    }));
  });
  expect(violations, where).toEqual([]);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
