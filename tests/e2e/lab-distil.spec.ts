import { expect, test } from "@playwright/test";
import { DenoisePage } from "./denoisePage.ts";

test("a trained model is distilled: its students take half the steps each, in previews and in Denoise", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages("?backend=wasm");
  const distil = app.button("Distil…");
  await expect(distil).toHaveCount(0);
  await app.button("Use a trained model").click();
  await app.waitForCaption(/^16 digits with the weights of/);
  await distil.click();
  await expect(page.getByText("The settings of a distillation are in the form")).toBeVisible();
  await expect(page.getByText(/Train distils them\./)).toBeVisible();

  // Two phases, from 8 steps to 2.
  await page.getByLabel("Epochs", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Optimizer" }).click();
  await page.getByLabel("Distil from").fill("8");
  await page.getByLabel("Steps an epoch").fill("2");
  await app.button("Train").click();
  await expect(app.status).toContainText("Finished", { timeout: 60_000 });
  expect(await app.losses()).toHaveLength(4);

  await app.waitForCaption(/2 of 2/);
  await expect(page.getByText("The settings of a distillation")).toHaveCount(0);

  await app.goTo("Denoise");
  await expect(app.form.getByRole("textbox", { name: "Steps" })).toHaveValue("2");
  // So few steps need no Generate.
  await app.expectStep("step 2 of 2, finished");
  await app.goTo("Train");
  await app.button("Forget these weights").click();
  await expect(app.button("Train")).toBeDisabled();
  await expect(page.getByText(/A distillation begins with a trained network/)).toBeVisible();
});
