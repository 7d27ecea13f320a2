import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";

test("with the keyboard alone one trains, pauses, goes on, stops, and plays the evolution", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&dim=4&epochs=1000&previewEvery=0&previewTimesteps=5",
  );
  await app.button("Train").focus();
  await page.keyboard.press("Enter");
  await app.waitForSteps(7);
  // The button is the same one under its next name, and keeps the focus.
  await page.keyboard.press("Enter");
  await expect(app.button("Resume")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(app.button("Pause")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(app.button("Stop")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(app.status).toContainText("Unfinished after");
  await expect(page.getByRole("button", { name: /^Train/ })).toBeFocused();

  await page.getByRole("link", { name: "Evolution" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.button("Play")).toBeEnabled();
  await page.keyboard.press("Space");
  await expect(app.button("Pause")).toBeVisible();
});
