import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";

// A software adapter takes its time.
test.setTimeout(300_000);

test("on WebGPU a run trains, shows its loss, and denoises four digits step by step", async ({
  page,
}) => {
  const app = new AppPage(page);
  const settings = "preset=tiny&batchSize=2&previewEvery=0&previewTimesteps=1";
  await app.open(`?backend=wasm&${settings}`);
  await app.button("Train").click();
  await app.waitForSteps(3);
  const expected = await app.losses();
  await app.button("Stop").click();

  await app.open(`?backend=webgpu&${settings}`);
  await expect(app.button(/^WebAssembly/)).toHaveCount(0);

  await app.button("Train").click();
  await expect(page.getByText(/[1-9]\d* of \d+ compiled/)).toBeVisible();
  await app.waitForSteps(3);
  // The seed is the same, so are the images, the noise and, up to rounding, the losses: that of
  // the third step has been through two backward passes and updates.
  const losses = await app.losses();
  for (let step = 0; step < 3; step++) {
    expect(losses[step]).toBeGreaterThan(0);
    expect(Math.abs((losses[step] as number) / (expected[step] as number) - 1)).toBeLessThan(1e-3);
  }
  await app.button("Pause").click();
  await expect(app.button("Resume")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("dl")).toContainText(/Loss0\.\d+|Loss1\.\d+/);

  await page.getByRole("textbox", { name: "Digits" }).fill("4");
  await page.getByRole("textbox", { name: "Steps" }).fill("3");
  await app.button("Generate").click();
  await app.waitForCaption(/^4 digits after \d+ training steps, 3 steps: .* s per digit$/);

  // Back through the steps, from the noise on: every frame is another picture.
  const pictures = new Set<string>();
  await app.slider.focus();
  await page.keyboard.press("Home");
  for (let step = 0; step <= 3; step++) {
    if (step > 0) await page.keyboard.press("ArrowRight");
    await app.waitForCaption(step < 3 ? new RegExp(`denoising step ${step} of 3`) : /3 steps:/);
    pictures.add(await app.picture());
  }
  expect(pictures.size).toBe(4);
});
