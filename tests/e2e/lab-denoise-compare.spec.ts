import { expect, test } from "@playwright/test";
import { DenoisePage, openView } from "./denoisePage.ts";

test("two generations begin with the same noise, and end as their settings have it", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4&steps=10&compare=1&stepsB=5");
  await app.generate();
  const [a, b] = [app.image(/^A: 4 digits/), app.image(/^B: 4 digits/)];
  await expect(b).toHaveAttribute("aria-label", /DDIM, 5 steps/);
  const ends = [await app.greys(a), await app.greys(b)];
  expect(ends[0]).not.toEqual(ends[1]);
  await app.slider.press("Home");
  expect(await app.greys(a)).toEqual(await app.greys(b));
  // The one with fewer steps waits for the other to come as far.
  await app.slider.press("ArrowRight");
  await app.expectStep("A: step 1 of 10, t = 899; B: step 0 of 5, t = 999");
  const [first, second] = [await app.greys(a), await app.greys(b)];
  expect(first).not.toEqual(second);
  await app.slider.press("Home");
  expect(await app.greys(b)).toEqual(second);

  // While the one is computed, the other shows what it begins with.
  await app.form.getByLabel("Steps").first().fill("1000");
  await app.form.getByRole("button", { name: "Generate" }).click();
  const waiting = app.image("B: Begins with the same as A, when A is done.");
  await expect(app.form).toContainText(/\d %, .* left/);
  await app.slider.press("Home");
  expect(await app.greys(waiting)).toEqual(await app.greys(a));
  await app.form.getByRole("button", { name: "Cancel" }).click();
  await expect(app.outcome).toHaveText("Cancelled.");

  const other = new URL(page.url());
  expect(Object.fromEntries(other.searchParams)).toMatchObject({ compare: "1", steps: "1000" });
});

test("a run's checkpoints are sampled, also when another network is the newest", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.open("?backend=wasm&preset=tiny&epochs=2&batchSize=8&digits=2&steps=5");
  await app.dropFewImages();
  await app.trainToEnd();
  await page.reload();
  await page.getByRole("link", { name: "Denoise" }).click();
  const network = app.form.getByLabel("Network");
  await expect(network.locator("option")).toHaveCount(3);
  await network.selectOption({ index: 1 });
  await expect(app.form).not.toContainText("not trained yet");
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /after 10 training steps/);
  const newest = await app.greys(app.grid);
  await network.selectOption({ index: 2 });
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /after 5 training steps/);
  expect(await app.greys(app.grid)).not.toEqual(newest);
});

test("a run with a moving average is sampled from it, or from its latest weights, side by side", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  const average = "emaDecay=0.99&emaUpdateAfter=0&emaUpdateEvery=1";
  const settings = `preset=tiny&dim=4&epochs=2&learningRate=1e-2&previewEvery=0&previewTimesteps=2&${average}`;
  await app.open(`?backend=wasm&${settings}&digits=4&steps=5`);
  await app.dropFewImages();
  await app.trainToEnd();
  await app.goTo("Denoise");
  await app.generate();
  await page.getByRole("switch", { name: "Compare with a second" }).check();
  const weights = app.form.getByLabel("Weights");
  await expect(weights.first()).toHaveValue("ema");
  await weights.last().selectOption("Latest weights");
  await expect(page).toHaveURL(/weightsB=raw/);
  await app.generate();
  const [a, b] = [app.image(/^A: 4 digits/), app.image(/^B: 4 digits/)];
  const averaged = await app.greys(a);
  expect(averaged).not.toEqual(await app.greys(b));

  await weights.last().selectOption("Averaged weights");
  await app.generate();
  expect(await app.greys(b)).toEqual(averaged);
});
