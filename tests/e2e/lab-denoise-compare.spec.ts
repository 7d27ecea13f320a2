import { openView } from "./app.ts";
import { DenoisePage, openDraw } from "./denoisePage.ts";
import { eventsOf } from "./faults.ts";
import { expect, test } from "./labRun.ts";

test("two generations begin with the same noise, and end as their settings have it; they tell how long they take, and are cancelled", async ({
  lab,
}) => {
  const { page } = lab;
  const app = await openDraw(
    lab,
    "digits=4&steps=10&compare=1&stepsB=5&samplerKind=ddim&stepSpacing=even",
  );
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

  // While the one is computed, the other shows what it begins with. With so many digits that takes long enough.
  await app.form.getByLabel("Digits", { exact: true }).fill("36");
  await app.side("A").getByLabel("Steps", { exact: true }).fill("1000");
  const generate = app.form.getByRole("button", { name: "Generate" });
  await generate.click();
  const waiting = app.image("B: Starts from the same noise as A, when A is done.");
  await expect(app.form).toContainText(/\d %, .* left/);
  await app.slider.press("Home");
  expect(await app.greys(waiting)).toEqual(await app.greys(app.image(/^A: 36 digits/)));
  // Also while it is not seen, as the form starts from something else.
  await app.beginWith("Drawing", "Test image");
  await expect(waiting).toBeHidden();
  await app.form.getByRole("button", { name: "Cancel" }).click();
  await app.beginWith("Noise");
  await expect(app.outcome).toHaveText("Cancelled.");
  await expect(generate).toBeEnabled();

  // The worker works on neither any more: what it draws next comes to its end, and nothing fails meanwhile.
  await app.side("A").getByLabel("Steps", { exact: true }).fill("2");
  await app.generate();
  await expect(app.outcome).toHaveText(/^Done in/);
  expect(await eventsOf(page, "sampleCancelled")).toHaveLength(2);
  expect(await eventsOf(page, "sampleFailed")).toEqual([]);
});

test("a run is sampled from its checkpoints while another network is the newest", {
  tag: "@long",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  const average = "emaDecay=0.99&emaUpdateAfter=0&emaUpdateEvery=1";
  const settings = `preset=tiny&dim=4&epochs=2&learningRate=1e-2&previewEvery=0&previewTimesteps=2&${average}`;
  await app.openWithFewImages(`?backend=wasm&${settings}&batchSize=8&digits=4&steps=5`);
  await app.trainToEnd();
  await openView(app.page, "denoise");
  await app.generate();
  const averaged = await app.greys(app.grid);

  await page.goto(`?backend=wasm&${settings}&view=denoise&digits=4&steps=5`);
  await app.unfold();
  const network = app.form.getByLabel("Network");
  // The page's own, the checkpoints of two epochs, the trained models, and the untrained one.
  await expect(network.locator("option")).toHaveCount(12);
  await network.selectOption({ index: 1 });
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /after 10 training steps/);
  expect(await app.greys(app.grid)).toEqual(averaged);
  await network.selectOption({ index: 2 });
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /after 5 training steps/);
  expect(await app.greys(app.grid)).not.toEqual(averaged);
});
