import { expect, type Page, test } from "@playwright/test";
import axe from "axe-core";
import { VIEWS } from "../../src/store/view.ts";
import { AppPage } from "./app.ts";

const QUERY = "?backend=wasm&preset=tiny&epochs=2&previewTimesteps=5";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong in any view, ${colorScheme}`, { tag: "@lab" }, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const app = new AppPage(page);
    await app.open(QUERY);
    await expectNoViolations(page, "train, before a run");
    await app.dropFewImages();
    await app.trainToEnd();
    const links = page.getByRole("navigation", { name: "Views" }).getByRole("link");
    expect(await links.count()).toBe(VIEWS.length);
    for (const link of await links.all()) {
      await link.click();
      await expect(page.getByRole("main")).toBeVisible();
      await expectNoViolations(page, (await link.textContent()) ?? "");
    }
  });
}

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
