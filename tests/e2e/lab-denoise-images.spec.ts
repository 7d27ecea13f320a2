import { imagesFile, labelsFile } from "../unit/engine/data/idxBytes.ts";
import { openView } from "./app.ts";
import { DenoisePage, meanDifference, openDraw } from "./denoisePage.ts";
import { expect, test } from "./labRun.ts";

test("a digit drawn with the mouse comes back from a little noise", async ({ lab }) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=3&start=drawing&level=0.01");
  // An invitation; the error comes with the attempt.
  const missing = app.form.getByText("Nothing is drawn yet: draw a digit on the pad.");
  await expect(app.form).toContainText("Draw a digit here");
  await expect(missing).toHaveCount(0);
  await expect(app.image(/^Nothing but noise/)).toBeVisible();
  await app.form.getByRole("button", { name: "Generate" }).click();
  // Once, beside what was pressed.
  await expect(missing).toHaveCount(1);
  const pad = app.image(/An empty pad/);
  const box = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.3, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.7, 0.2), { steps: 5 });
  await page.mouse.move(...at(0.4, 0.8), { steps: 5 });
  await page.mouse.up();
  await expect(app.image(/^Your drawing with/)).toBeVisible();
  await app.generate();
  const drawn = await app.digit(app.image(/more and more noise/), 0);
  expect(drawn.filter((grey) => grey > 127).length).toBeGreaterThan(60);
  await expect(app.grid).toHaveAttribute("aria-label", /the last \d+ of/);
  for (const place of [0, 1, 2]) {
    expect(meanDifference(await app.digit(app.grid, place), drawn)).toBeLessThan(15);
  }

  await app.form.getByRole("button", { name: "Undo" }).click();
  await expect(app.form).toContainText("Draw a digit here");
  await expect(missing).toHaveCount(0);
});

test("the digits between two that were chosen begin with the one and end with the other", {
  tag: "@long",
}, async ({ lab }) => {
  const app = await openDraw(lab, "digits=3&start=pair&level=0&steps=5");
  const images = app.form.getByRole("button", { name: /^Image \d+, labeled/ });
  await expect(images).toHaveCount(8);
  // The two that the seed chooses are marked, and stand in the grid.
  const marked = app.form.getByRole("button", { pressed: true });
  await expect(marked).toHaveCount(2);
  const ofSeed = await app.greys(app.image(/^Two digits with noise/));
  await app.generate();
  await app.slider.press("Home");
  const started = await app.greys(app.grid);
  expect(meanDifference(started.greys, ofSeed.greys)).toBeLessThan(1);
  expect(await app.digit(app.image("The second image"), 0)).toEqual(
    await app.digit(marked.filter({ hasText: "2" }).locator("canvas"), 0),
  );

  await images.nth(2).click();
  await images.nth(5).click();
  await expect(marked).toHaveText(["1", "2"]);
  await app.generate();
  const [first, last] = [await app.digit(app.grid, 0), await app.digit(app.grid, 2)];
  const chosen = [2, 5].map((place) => app.digit(images.nth(place).locator("canvas"), 0));
  const [one, other] = await Promise.all(chosen);
  expect(await app.digit(app.image("The first image"), 0)).toEqual(one);
  expect(await app.digit(app.image("The second image"), 0)).toEqual(other);
  expect(meanDifference(first, one ?? [])).toBeLessThan(15);
  expect(meanDifference(last, other ?? [])).toBeLessThan(15);
  await app.form.getByRole("button", { name: "Let the seed choose" }).click();
  await expect(app.form).toContainText("The seed chose these two");
});

test("the way into the noise is that of the generation, whatever the settings say by now", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=1&start=digit&level=0.5&steps=2");
  await expect(app.form.getByRole("button", { name: /^Image \d+, labeled/ })).toHaveCount(8);
  await app.generate();
  const film = app.image(/more and more noise/);
  const before = await app.greys(film);
  await openView(app.page, "train");
  await app.unfoldSettings();
  await app.button("Diffusion").click();
  await page.getByLabel("Noise schedule", { exact: true }).selectOption("linear");
  await openView(app.page, "denoise");
  await expect(app.form).toBeVisible();
  expect(await app.greys(film)).toEqual(before);
});

test("the gallery has the images that were dropped, also when others were as many", {
  tag: "@long",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.open(
    "?backend=wasm&preset=tiny&network=untrained&digits=1&start=digit&image=9999&steps=2",
  );
  await openView(app.page, "denoise");
  const images = app.form.getByRole("button", { name: /^Image \d+, labeled/ });
  await expect(images).toHaveCount(24);
  await expect(app.form.getByRole("button", { pressed: true })).toHaveText("");
  const numSets = () =>
    page.evaluate(() => window.recordedEvents.filter(({ type }) => type === "images").length);
  for (const _ of [1, 2]) {
    const numBefore = await numSets();
    await app.dropFiles([
      { name: "train-images-idx3-ubyte", bytes: imagesFile(48) },
      { name: "train-labels-idx1-ubyte", bytes: labelsFile(48) },
    ]);
    await expect.poll(numSets).toBeGreaterThan(numBefore);
    await expect(images).toHaveCount(8);
  }
  // The image that was chosen is none of these.
  await expect(images.first()).toHaveAttribute("aria-pressed", "true");
  await app.generate();
  await app.expectStep("step 1 of 1, finished");
});
