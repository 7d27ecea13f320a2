import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { decode } from "fast-png";
import { imagesFile, labelsFile } from "../unit/data/idxBytes.ts";
import { AppPage } from "./app.ts";

/** The denoising view as a person sees it. */
class DenoisePage extends AppPage {
  get form() {
    return this.page.getByRole("form", { name: "What to generate" });
  }

  get outcome() {
    return this.form.getByText(/^(Done in|Cancelled|Ended)/);
  }

  get heading() {
    return this.page.getByRole("heading", { name: /^Digit \d/ });
  }

  get play() {
    return this.button("Play");
  }

  image(name: string | RegExp) {
    return this.page.getByRole("img", { name });
  }

  /** Of the first generation, or of the only one. */
  get grid() {
    return this.image(/digits? (of|after)/).first();
  }

  async openView(query = "") {
    await this.open(`?backend=wasm&preset=tiny&${query}`);
    await this.page.getByRole("link", { name: "Denoise" }).click();
    await expect(this.form).toBeVisible();
  }

  async goTo(view: "Train" | "Denoise") {
    await this.page.getByRole("link", { name: view, exact: true }).click();
  }

  async generate() {
    await this.form.getByRole("button", { name: "Generate" }).click();
    await expect(this.outcome).toBeVisible();
  }

  async expectStep(words: string | RegExp) {
    await expect(this.slider).toHaveAttribute("aria-valuetext", words);
  }

  /** The grey levels of a canvas, in rows, once it has been drawn. */
  async greys(canvas: Locator): Promise<{ width: number; greys: number[] }> {
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    return canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const data = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      return { width, greys: Array.from({ length: width * height }, (_, i) => data[4 * i] ?? 0) };
    });
  }

  /** The grey levels of one digit of a grid. */
  async digit(canvas: Locator, place: number): Promise<number[]> {
    const { width, greys } = await this.greys(canvas);
    const columns = (width + 2) / 30;
    const [left, top] = [30 * (place % columns), 30 * Math.floor(place / columns)];
    return Array.from(
      { length: 784 },
      (_, i) => greys[(top + Math.floor(i / 28)) * width + left + (i % 28)] as number,
    );
  }
}

function meanDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
}

async function openView(page: Page, query: string): Promise<DenoisePage> {
  const app = new DenoisePage(page);
  await app.openView(query);
  return app;
}

test("one generates, goes through the steps and plays them with the keyboard alone", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4&steps=10");
  await expect(app.form).toContainText("The network is not trained yet");
  await app.form.getByLabel("Seed", { exact: true }).press("Enter");
  await expect(app.outcome).toBeVisible();
  await app.expectStep("step 10 of 10, finished");
  const end = await app.greys(app.grid);

  // In a text field the keys are the field's.
  await page.keyboard.press("Home");
  await app.expectStep("step 10 of 10, finished");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  await app.expectStep(/^step 9 of 10, t = \d+$/);
  await page.keyboard.press("Home");
  await app.expectStep("step 0 of 10, t = 999");
  const noise = await app.greys(app.grid);
  expect(meanDifference(noise.greys, end.greys)).toBeGreaterThan(20);
  await page.keyboard.press("ArrowRight");
  await app.expectStep(/^step 1 of 10/);
  await page.keyboard.press("End");
  await app.expectStep("step 10 of 10, finished");
  expect(await app.greys(app.grid)).toEqual(end);

  await page.getByLabel("Speed").selectOption("4");
  await app.heading.click();
  await page.keyboard.press("Space");
  await expect(app.button("Pause")).toBeVisible();
  await app.expectStep(/^step [1-9] of 10/);
  await expect(app.play).toBeVisible();
  await app.expectStep("step 10 of 10, finished");
});

test("a film that loops begins again, and pauses where one stops it", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=2&steps=5");
  await app.generate();
  await page.getByRole("switch", { name: "Loop" }).focus();
  await page.keyboard.press("Space");
  await app.play.click();
  for (const words of [/step 4/, /step 5/, /step 1/]) await app.expectStep(words);
  await app.button("Pause").click();
  await expect(app.play).toBeVisible();
  await app.slider.press("Home");
  // It would be further by the time that all this is drawn.
  await app.greys(app.grid);
  await app.expectStep("step 0 of 5, t = 999");
});

test("a film that was left playing does not play by itself when one comes back", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4&steps=10");
  await app.generate();
  await page.getByRole("switch", { name: "Loop" }).check();
  await app.play.click();
  await expect(app.button("Pause")).toBeVisible();
  await page.getByRole("link", { name: "Model" }).click();
  await expect(page.getByRole("heading", { name: "The network of the settings" })).toBeVisible();
  await page.getByRole("link", { name: "Denoise" }).click();
  await expect(app.play).toBeEnabled();
  await expect(app.button("Pause")).toHaveCount(0);
});

test("what the network predicts is shown at every step; at the end it is the digit", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4&steps=5");
  await app.generate();
  const end = await app.greys(app.grid);
  await app.slider.press("Home");
  const noise = await app.greys(app.grid);
  await page.getByText("Predicted x₀", { exact: true }).click();
  const predicted = await app.greys(app.grid);
  expect(meanDifference(predicted.greys, noise.greys)).toBeGreaterThan(5);
  await app.slider.press("End");
  expect(await app.greys(app.grid)).toEqual(end);
});

test("a digit that is picked is seen large, with its steps and their changes; both are saved as PNG", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4&steps=5");
  await app.generate();
  await expect(app.heading).toHaveText("Digit 1 of 4");
  const { width, height } = (await app.grid.boundingBox()) ?? { width: 0, height: 0 };
  const { width: pixels } = await app.greys(app.grid);
  const columns = (pixels + 2) / 30;
  await app.grid.click({ position: { x: (width / columns) * 1.5, y: 20 } });
  await expect(app.heading).toHaveText("Digit 2 of 4");
  const large = app.image("Digit 2, large");
  expect(await app.digit(large, 0)).toEqual(await app.digit(app.grid, 1));

  const film = app.image(/Digit 2 at 6 of its steps/);
  expect(await app.digit(film, 5)).toEqual(await app.digit(large, 0));
  await film.click({ position: { x: 5, y: 5 } });
  await app.expectStep("step 0 of 5, t = 999");
  expect(await app.digit(film, 0)).toEqual(await app.digit(large, 0));
  await page.getByText("As a table").click();
  await expect(page.getByRole("table").locator("tbody tr")).toHaveCount(5);
  await page.keyboard.press("Shift+ArrowRight");
  await expect(app.heading).toHaveText("Digit 3 of 4");

  for (const name of ["PNG of the grid", "PNG of the filmstrip"]) {
    const download = page.waitForEvent("download");
    await app.button(name).click();
    const picture = decode(readFileSync(await (await download).path()));
    expect(picture.width).toBeGreaterThanOrEqual(name === "PNG of the grid" ? 2 * width : 600);
    if (name === "PNG of the grid") expect(picture.height).toBeGreaterThanOrEqual(2 * height);
  }
});

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

test("ancestral sampling, eta and the seed make other digits; the address keeps them", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(
    page,
    "digits=2&steps=5&timesteps=20&samplingTimesteps=10&previewTimesteps=10",
  );
  await app.generate();
  const plain = await app.greys(app.grid);
  await app.form.getByLabel("eta", { exact: true }).fill("1");
  await app.generate();
  const noisy = await app.greys(app.grid);
  expect(noisy).not.toEqual(plain);
  await app.form.getByText("Ancestral", { exact: true }).click();
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /ancestral, 20 steps/);
  await app.expectStep("step 20 of 20, finished");
  expect(await app.greys(app.grid)).not.toEqual(noisy);
  const { searchParams } = new URL(page.url());
  expect(searchParams.get("sampler")).toBe("ancestral");
  expect(searchParams.get("eta")).toBe("1");
  await page.reload();
  await expect(app.form.getByRole("radio", { name: "Ancestral" })).toBeChecked();
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

test("a digit drawn with the mouse comes back from a little noise", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=3&start=drawing&level=0.01");
  await expect(app.form).toContainText("Draw a digit first.");
  await expect(app.form.getByRole("button", { name: "Generate" })).toBeDisabled();
  const pad = app.image(/An empty pad/);
  const box = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.3, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.7, 0.2), { steps: 5 });
  await page.mouse.move(...at(0.4, 0.8), { steps: 5 });
  await page.mouse.up();
  const drawn = await app.digit(app.image("The image, as the network sees it"), 0);
  expect(drawn.filter((grey) => grey > 127).length).toBeGreaterThan(60);
  await app.generate();
  await expect(app.grid).toHaveAttribute("aria-label", /the last \d+ of/);
  for (const place of [0, 1, 2]) {
    expect(meanDifference(await app.digit(app.grid, place), drawn)).toBeLessThan(15);
  }
  expect(await app.digit(app.image(/more and more noise/), 0)).toEqual(drawn);

  await app.form.getByRole("button", { name: "Undo" }).click();
  await expect(app.form).toContainText("Draw a digit first.");
});

test("the digits between two that were chosen begin with the one and end with the other", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=3&start=pair&level=0&steps=5");
  const images = app.form.getByRole("button", { name: /^Image \d+, labelled/ });
  await expect(images).toHaveCount(24);
  await images.nth(2).click();
  await images.nth(5).click();
  await expect(app.form.getByRole("button", { pressed: true })).toHaveCount(2);
  await app.generate();
  const [first, last] = [await app.digit(app.grid, 0), await app.digit(app.grid, 2)];
  const chosen = [2, 5].map((place) => app.digit(images.nth(place).locator("canvas"), 0));
  const [one, other] = await Promise.all(chosen);
  expect(await app.digit(app.image("The first image"), 0)).toEqual(one);
  expect(await app.digit(app.image("The second image"), 0)).toEqual(other);
  expect(meanDifference(first, one ?? [])).toBeLessThan(15);
  expect(meanDifference(last, other ?? [])).toBeLessThan(15);
  await app.form.getByRole("button", { name: "Let the seed choose" }).click();
  await expect(app.form.getByRole("button", { pressed: true })).toHaveCount(0);
});

test("the way into the noise is that of the generation, whatever the settings say by now", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=1&start=digit&level=0.5&steps=2");
  await expect(app.form.getByRole("button", { name: /^Image \d+, labelled/ })).toHaveCount(24);
  await app.generate();
  const film = app.image(/more and more noise/);
  const before = await app.greys(film);
  const preview = await app.greys(app.image(/^The image noised to/));
  await app.goTo("Train");
  await app.button("Diffusion").click();
  await page.getByLabel("Noise schedule", { exact: true }).selectOption("linear");
  await app.goTo("Denoise");
  await expect(app.form).toBeVisible();
  expect(await app.greys(app.image(/^The image noised to/))).not.toEqual(preview);
  expect(await app.greys(film)).toEqual(before);
});

test("the gallery has the images that were dropped, also when others were as many", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=1&start=digit&image=9999&steps=2");
  const images = app.form.getByRole("button", { name: /^Image \d+, labelled/ });
  await expect(images).toHaveCount(24);
  await expect(app.form.getByRole("button", { pressed: true })).toHaveText("");
  for (const _ of [1, 2]) {
    await app.dropFiles([
      { name: "train-images-idx3-ubyte", bytes: imagesFile(48) },
      { name: "train-labels-idx1-ubyte", bytes: labelsFile(48) },
    ]);
    await expect.poll(() => page.evaluate(() => window.recordedEvents.at(-1)?.type)).toBe("images");
    await expect(images).toHaveCount(8);
  }
  // The image that was chosen is none of these.
  await expect(images.first()).toHaveAttribute("aria-pressed", "true");
  await app.generate();
  await app.expectStep("step 1 of 1, finished");
});

test("Back and Forward leave the settings as they are, and the address says so", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=4");
  const digits = app.form.getByLabel("Digits", { exact: true });
  await digits.fill("9");
  await app.goTo("Train");
  await app.goTo("Denoise");
  await digits.fill("16");
  await page.goBack();
  await expect(app.form).toBeHidden();
  await page.goBack();
  await expect(digits).toHaveValue("16");
  expect(new URL(page.url()).searchParams.get("digits")).toBe("16");
});

test("a generation that training ends says so", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=100&steps=1000&batchSize=8&previewEvery=0");
  await app.form.getByRole("button", { name: "Generate" }).click();
  await expect(app.form).toContainText(/\d %, .* left/);
  await app.goTo("Train");
  await app.button("Train").click();
  await app.goTo("Denoise");
  await expect(app.outcome).toHaveText(/^Ended, because a run was started or opened/);
  await expect(app.grid).toHaveAttribute("aria-label", /\(interrupted\)$/);
});

test("a generation tells how long it takes, and is cancelled", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openView(page, "digits=100&steps=1000&compare=1&stepsB=1000");
  await app.form.getByRole("button", { name: "Generate" }).click();
  await expect(app.form).toContainText(/\d %, .* left/);
  await app.form.getByRole("button", { name: "Cancel" }).click();
  await expect(app.outcome).toHaveText("Cancelled.");
  await expect(app.form.getByRole("button", { name: "Generate" })).toBeEnabled();
});

test("on a narrow screen all of it is there, one below the other", {
  tag: "@lab",
}, async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const app = await openView(page, "digits=9&steps=5&compare=1");
  await app.generate();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  for (const name of [/^A: 9 digits/, /^B: 9 digits/, /^A: Digit 1, large/]) {
    const box = await app.image(name).boundingBox();
    expect(box?.width).toBeGreaterThan(150);
  }
  await app.play.scrollIntoViewIfNeeded();
  await expect(app.play).toBeVisible();

  // With a finger one draws on the pad, and does not scroll.
  await app.form.getByLabel("Start from").selectOption("drawing");
  const pad = app.image(/An empty pad/);
  await pad.scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => window.scrollY);
  const { x, y, width: side } = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const finger = await page.context().newCDPSession(page);
  await finger.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", share: number) => {
    const touchPoints = type === "touchEnd" ? [] : [{ x: x + side / 2, y: y + share * side }];
    return finger.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  await touch("touchStart", 0.2);
  for (const share of [0.4, 0.6, 0.8]) await touch("touchMove", share);
  await touch("touchEnd", 0.8);
  const drawn = await app.digit(app.image("The image, as the network sees it"), 0);
  expect(drawn.filter((grey) => grey > 127).length).toBeGreaterThan(30);
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);
});
