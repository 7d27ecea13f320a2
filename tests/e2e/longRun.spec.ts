import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { longRunFile, NUM_EPOCHS, NUM_STEPS } from "./longRun.ts";

const STEPS = NUM_STEPS.toLocaleString("en");

test(`a run of ${STEPS} steps and ${NUM_EPOCHS} previews opens, is drawn with few points, and goes out whole`, {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  const buffer = Buffer.from(longRunFile());
  await (await app.chooseWeights()).setFiles({ name: "long.safetensors", mimeType: "", buffer });
  // What has come in is shown.
  const list = page.getByRole("region", { name: "Saved runs" });
  await expect(list).toContainText("A long run");

  const openMs = await clickToPicture(page);
  console.log(`Open: ${openMs.toFixed(0)} ms from the click to the curve.`);
  await expect(app.status).toContainText(`Finished after ${STEPS} steps`);
  await app.waitForCaption(new RegExp(`^Preview after ${STEPS} training steps`));
  // As many points as the chart can draw smoothly; two a pair of lowest and highest.
  const path = await page.locator("[data-curve=loss] path").getAttribute("d");
  expect(path?.split("L").length).toBeGreaterThan(100);
  expect(path?.split("L").length).toBeLessThanOrEqual(160);

  await openView(page, "runs");
  const downloads = Promise.all([page.waitForEvent("download"), countRows(page, /-steps\.csv$/)]);
  await list.getByRole("button", { name: "Export…" }).click();
  await list.getByRole("button", { name: /CSV/ }).click();
  const [, numRows] = await downloads;
  expect(numRows).toBe(NUM_STEPS);
});

/** From the click on Open until the loss is drawn, by the page's own clock. */
function clickToPicture(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const buttons = [...document.querySelectorAll("main button")];
    const open = buttons.find((button) => button.textContent === "Open") as HTMLElement;
    const startMs = performance.now();
    open.click();
    while (!document.querySelector("[data-curve=loss] path")) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - startMs;
  });
}

/** Rows of the table that is downloaded under such a name, without its head. */
async function countRows(page: Page, name: RegExp): Promise<number> {
  const download = await page.waitForEvent("download", (d) => name.test(d.suggestedFilename()));
  const text = readFileSync(await download.path(), "utf8");
  return text.trim().split("\r\n").length - 1;
}
