import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { noted, playName } from "./noted.ts";

test("what keeps a run from starting is said under Train, and there is no chart before there is a loss", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&batchSize=0");
  const why = page.getByText("To train, correct the settings first: Batch size.");
  await expect(why).toBeVisible();
  await expect(app.train).toBeDisabled();
  await page.getByLabel("Batch size").fill("8");
  await expect(why).toHaveCount(0);
  await expect(app.train).toBeEnabled();
  await expect(page.getByRole("img", { name: /^Loss/ })).toHaveCount(0);
});

test("with the keyboard alone one trains, pauses, goes on, stops, and plays the evolution", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&dim=4&epochs=10000&previewEvery=0&previewTimesteps=5",
  );
  const titles = await noted(page, () => document.title);
  await app.train.focus();
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
  await expect(page).toHaveTitle("Diffusion MNIST");
  // As long as the run was not over, the title said how far it was.
  const [before, ...during] = await titles();
  expect([before, during.pop()]).toEqual(["Diffusion MNIST", "Diffusion MNIST"]);
  expect(during.length).toBeGreaterThan(0);
  for (const title of during) expect(title).toMatch(/^[\d.]+ % – Diffusion MNIST$/);
  // Beside Resume of the run that was stopped.
  await expect(app.button("Train a new run")).toBeFocused();

  await page.getByRole("link", { name: "Results" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.button("Play")).toBeEnabled();
  const names = await noted(page, playName);
  await page.keyboard.press("Space");
  await expect.poll(names).toContain("Pause");
});
