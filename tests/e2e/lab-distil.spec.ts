import { expect, type Page, test } from "@playwright/test";
import { DenoisePage } from "./denoisePage.ts";

const LAB = { tag: "@lab" };

/** The form of a distillation, filled in; Train in it begins. */
async function fillIn(page: Page, { from = "", to }: { from?: string; to: string }) {
  const dialog = page.getByRole("dialog", { name: /^Distil “/ });
  if (from) await dialog.getByLabel("From").selectOption(from);
  await dialog.getByLabel("To").selectOption(to);
  await dialog.getByLabel("Steps a phase").fill("2");
  return dialog;
}

test(
  "a trained model is distilled, and its student again: half the steps each, in previews and in Denoise",
  LAB,
  async ({ page }) => {
    const app = new DenoisePage(page);
    await app.openWithFewImages("?backend=wasm");
    const distil = app.button("Distil…");
    await expect(distil).toHaveCount(0);
    await app.useTrainedModel();
    await app.waitForCaption(/^16 digits with the weights of/);
    await distil.click();
    const form = await fillIn(page, { from: "8", to: "2" });
    await expect(form).toContainText("8 → 4 → 2, in 2 phases");
    await form.getByRole("button", { name: "Train" }).click();
    await expect(app.status).toContainText("Finished", { timeout: 60_000 });
    expect(await app.losses()).toHaveLength(4);
    await app.waitForCaption(/2 of 2/);
    await expect(page.getByText("phase 2 of 2: 4 → 2 steps")).toBeVisible();
    await app.goTo("Denoise");
    await expect(app.form.getByRole("textbox", { name: "Steps" })).toHaveValue("2");
    // So few steps need no Generate.
    await app.expectStep("step 2 of 2, finished");
    await app.goTo("Train");
    await app.button("Forget these weights").click();
    await expect(app.button("Train")).toBeDisabled();
    await expect(page.getByText(/These settings distil a network/)).toBeVisible();

    // The run is stored, and goes on from the steps that it was made for.
    await page.getByRole("button", { name: /^Runs/ }).click();
    await app.button("Distil…").click();
    const next = await fillIn(page, { to: "1" });
    await expect(next.getByLabel("From").getByRole("option")).toHaveText(["2 sampling steps"]);
    await next.getByRole("button", { name: "Train" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(app.status).toContainText("Finished", { timeout: 60_000 });
    expect(await app.losses()).toHaveLength(6);
    await app.waitForCaption(/1 of 1/);
    await expect(page.getByText("A student for 2 sampling steps.")).toBeVisible();
  },
);
