import { readFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import { decode } from "fast-png";
import { openView } from "./app.ts";
import { DenoisePage, digitOf, meanDifference, openDraw } from "./denoisePage.ts";
import { eventsOf } from "./faults.ts";
import { expect, LabPage, test } from "./labRun.ts";
import { denoisingStep, noted, playName } from "./noted.ts";

test("one generates, goes through the steps and plays them with the keyboard alone", async ({
  lab,
}) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=4&steps=10");
  await expect(app.form).toContainText("This network is not trained");
  await expect(app.button("Generate")).toBeEnabled();
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
  const [names, steps] = [await noted(page, playName), await noted(page, denoisingStep)];
  await page.keyboard.press("Space");
  await expect.poll(names).toEqual(["Play", "Pause", "Play"]);
  const [first, ...played] = await steps();
  expect([first, played.at(-1)]).toEqual(Array(2).fill("step 10 of 10, finished"));
  expect(played[0]).toBe("step 0 of 10, t = 999");
  // A busy machine shows fewer of the steps in between.
  expect(played.length).toBeGreaterThan(2);
});

test("Enter in a field while digits are drawn draws anew, with what was typed", {
  tag: "@long",
}, async ({ lab }) => {
  // These are so many steps that they are not done before they are cancelled.
  const app = await openDraw(lab, "digits=16&steps=1000");
  const ofSeed0 = await app.greys(app.image(/^Pure noise of this seed/));
  const seed = app.form.getByLabel("Seed", { exact: true });
  await expect(app.button("Generate")).toBeEnabled();
  await seed.press("Enter");
  await expect(app.button("Cancel")).toBeVisible();
  // Few, which take no machine long.
  await app.form.getByLabel("Steps").first().fill("20");
  await seed.fill("1");
  await seed.press("Enter");
  await expect(app.outcome).toHaveText(/^Done in/);
  expect(await eventsOf(lab.page, "sampleCancelled")).toHaveLength(1);
  await app.heading.click();
  await lab.page.keyboard.press("Home");
  await app.expectStep(/^step 0 of/);
  expect(await app.greys(app.grid)).not.toEqual(ofSeed0);
});

test("the grid shows the noise of the seed and the count before Generate, which goes on from there", async ({
  lab,
}) => {
  const app = await openDraw(lab, "digits=4&steps=5");
  const grid = app.image(/^Pure noise of this seed/);
  const ofSeed0 = await app.greys(grid);
  await app.form.getByLabel("Seed", { exact: true }).fill("7");
  const ofSeed7 = await app.greys(grid);
  expect(ofSeed7).not.toEqual(ofSeed0);
  const digits = app.form.getByLabel("Digits", { exact: true });
  await digits.fill("9");
  expect(await app.digit(grid, 3)).toEqual(digitOf(ofSeed7, 3));
  await digits.fill("900");
  await expect(digits).toHaveAttribute("aria-invalid", "true");
  await digits.fill("9");
  const before = await app.greys(grid);
  expect(await app.digit(app.image("Digit 1, large"), 0)).toEqual(digitOf(before, 0));
  await app.generate();
  await app.slider.press("Home");
  expect(await app.greys(app.grid)).toEqual(before);
});

test("a film of steps and of predictions is played, looped and paused, and does not play when one comes back", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=4&steps=5");
  await app.generate();
  const end = await app.greys(app.grid);
  await app.slider.press("Home");
  const noise = await app.greys(app.grid);
  await page.getByText("Predicted x₀", { exact: true }).click();
  const predicted = await app.greys(app.grid);
  expect(meanDifference(predicted.greys, noise.greys)).toBeGreaterThan(5);
  await app.slider.press("End");
  expect(await app.greys(app.grid)).toEqual(end);

  await page.getByLabel("Speed").selectOption("4");
  await page.getByRole("switch", { name: "Loop" }).focus();
  await page.keyboard.press("Space");
  const steps = await noted(page, denoisingStep);
  await app.play.click();
  const isAtEnd = (words: string) => words === "step 5 of 5, finished";
  const seen = async () => (await steps()).slice(1);
  await expect.poll(async () => (await seen()).filter(isAtEnd).length).toBeGreaterThan(1);
  await app.button("Pause").click();
  // The film begins again after its end.
  expect((await seen())[(await seen()).findIndex(isAtEnd) + 1]).toMatch(/^step [0-4] of 5, t = /);
  await expect(app.play).toBeVisible();
  await app.slider.press("Home");
  // It would be further by the time that all this is drawn.
  await app.greys(app.grid);
  await app.expectStep("step 0 of 5, t = 999");

  await app.play.click();
  await expect(app.button("Pause")).toBeVisible();
  await openView(page, "model");
  await expect(page.getByRole("heading", { name: "Network from current settings" })).toBeVisible();
  await openView(page, "denoise");
  await expect(app.play).toBeEnabled();
  await expect(app.button("Pause")).toHaveCount(0);
});

test("a digit that is picked is seen large, with its steps and their changes; both are saved as PNG, the changes as numbers, too", async ({
  lab,
}) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=4&steps=5");
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
  const chart = page.getByRole("region", { name: "Change per step" });
  const menu = chart.getByRole("button", { name: "Save or table: Change per step" });
  const cellsInTable = async () => {
    await menu.click();
    await chart.getByRole("button", { name: "Table", exact: true }).click();
    const rows = page.getByRole("table").locator("tbody tr");
    await expect(rows).toHaveCount(5);
    const cells = await rows.allInnerTexts();
    await page.keyboard.press("Escape");
    await expect(rows).toHaveCount(0);
    return cells;
  };
  await page.keyboard.press("Shift+ArrowRight");
  await expect(app.heading).toHaveText("Digit 3 of 4");

  for (const name of ["Save PNG of the grid", "Save PNG of the filmstrip"]) {
    const download = page.waitForEvent("download");
    await app.button(name).click();
    const picture = decode(readFileSync(await (await download).path()));
    expect(picture.width).toBeGreaterThanOrEqual(name === "Save PNG of the grid" ? 2 * width : 600);
    if (name === "Save PNG of the grid") expect(picture.height).toBeGreaterThanOrEqual(2 * height);
  }

  await expect(chart).toContainText("gray levels");
  await expect(chart).toContainText("mean of all pixels");
  await expect(chart.locator("svg text").first()).toHaveText("0.0");
  const saved = async (item: string) => {
    await menu.click();
    const download = page.waitForEvent("download");
    await chart.getByRole("button", { name: item, exact: true }).click();
    return readFileSync(await (await download).path());
  };
  const [names, ...rows] = (await saved("CSV")).toString().trim().split("\r\n");
  expect(names).toBe("step,t,change");
  const cells = await cellsInTable();
  const rounded = rows.map((row) => {
    const [step, t, change] = row.split(",");
    return [step, t === "-1" ? "the end" : t, Number(change).toFixed(2)].join("\t");
  });
  expect(rounded).toEqual(cells);
  const box = await chart.boundingBox();
  const picture = decode(await saved("PNG picture"));
  expect(picture.width).toBe(Math.round(2 * (box?.width ?? 0)));
  expect(new Set(picture.data).size).toBeGreaterThan(10);
});

test("a finger alone generates, picks a digit and goes back", { tag: "@long" }, async ({
  browser,
}) => {
  const context = await browser.newContext({
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
    serviceWorkers: "block",
  });
  const app = await openDraw(new LabPage(await context.newPage()), "digits=4&steps=5");
  await app.form.getByRole("button", { name: "Generate" }).tap();
  await expect(app.outcome).toBeVisible();
  await app.grid.tap({ position: { x: 200, y: 40 } });
  await expect(app.heading).toHaveText("Digit 2 of 4");
  const names = await noted(app.page, playName);
  await app.play.tap();
  await expect.poll(names).toContain("Pause");
  await context.close();
});

test("eta makes other digits, and the address keeps it", { tag: "@long" }, async ({ lab }) => {
  const { page } = lab;
  const app = await openDraw(lab, "digits=2&steps=5&samplerKind=ddim&stepSpacing=even");
  await app.generate();
  const plain = await app.greys(app.grid);
  await app.form.getByLabel("Eta (η)", { exact: true }).fill("1");
  await app.generate();
  expect(await app.greys(app.grid)).not.toEqual(plain);
  await expect(page).toHaveURL(/[?&]eta=1(&|$)/);
  await page.reload();
  await app.unfold();
  await expect(app.form.getByLabel("Eta (η)", { exact: true })).toHaveValue("1");
});

test("a generation that training ends says so", { tag: "@long" }, async ({ page }) => {
  // Of its own: a run is stored.
  const app = new DenoisePage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&network=untrained&digits=100&steps=1000&previewEvery=0",
  );
  await openView(app.page, "denoise");
  await app.form.getByRole("button", { name: "Generate" }).click();
  await expect(app.form).toContainText(/\d %, .* left/);
  await openView(app.page, "train");
  await app.train.click();
  await openView(app.page, "denoise");
  await expect(app.outcome).toHaveText(/^Stopped, because a run was started or opened/);
  await expect(app.grid).toHaveAttribute("aria-label", /\(interrupted\)$/);
});

test("who wants little motion sees the finished digits alone, and goes through their steps after", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.emulateMedia({ reducedMotion: "reduce" });
  const app = await openDraw(lab, "digits=16&steps=20&samplingTimesteps=20");
  const steps = await noted(page, denoisingStep);
  const words = await noted(
    page,
    () => /\d %[^;]*; shown when finished/.exec(document.body.textContent ?? "")?.[0],
  );
  await app.form.getByRole("button", { name: "Generate" }).click();
  await expect(app.outcome).toBeVisible();
  expect((await words()).length).toBeGreaterThan(0);
  await app.expectStep("step 20 of 20, finished");
  const seen = (await steps()).filter((step) => step.startsWith("step"));
  expect(seen).toEqual(["step 0 of 20, t = 999", "step 20 of 20, finished"]);
  await app.slider.press("ArrowLeft");
  await app.expectStep(/^step 19 of 20/);
});

test("on a narrow screen all of it is there, one below the other", async ({ lab }) => {
  const { page } = lab;
  await page.setViewportSize({ width: 390, height: 844 });
  const app = await openDraw(lab, "digits=9&steps=5&compare=1&samplerKind=ddim&stepSpacing=even");
  await app.generate();
  // Both grids, the player and Generate are on the first screen.
  const generate = app.form.getByRole("button", { name: "Generate" });
  for (const shown of [app.image(/^B: 9 digits/), app.play, generate]) {
    await expect(shown).toBeInViewport({ ratio: 1 });
  }
  const boxOf = async (place: Locator) =>
    (await place.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [playBox, generateBox] = [await boxOf(app.play), await boxOf(generate)];
  expect(playBox.y + playBox.height).toBeLessThanOrEqual(generateBox.y);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  for (const name of [/^A: 9 digits/, /^B: 9 digits/, /^A: Digit 1, large/]) {
    const box = await app.image(name).boundingBox();
    expect(box?.width).toBeGreaterThan(150);
  }

  // The pad comes to where one chooses it, and above Generate. With a finger one draws, and does not scroll.
  await expect(app.form.getByLabel("Digits", { exact: true })).toBeHidden();
  await expect(app.form.getByText("A and B have theirs above their digits.")).toBeVisible();
  await app.beginWith("Drawing");
  const pad = app.image(/An empty pad/);
  for (const shown of [pad, generate]) await expect(shown).toBeInViewport({ ratio: 1 });
  const padBox = await boxOf(pad);
  expect(padBox.y + padBox.height).toBeLessThanOrEqual((await boxOf(generate)).y);
  const scrolled = await page.evaluate(() => window.scrollY);
  const { x, y, width: side } = padBox;
  const finger = await page.context().newCDPSession(page);
  await finger.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", share: number) => {
    const touchPoints = type === "touchEnd" ? [] : [{ x: x + side / 2, y: y + share * side }];
    return finger.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  await touch("touchStart", 0.2);
  for (const share of [0.4, 0.6, 0.8]) await touch("touchMove", share);
  await touch("touchEnd", 0.8);
  await expect(app.image("Your drawing", { exact: true })).toBeVisible();
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);
  // What is made of it comes into view.
  await app.generate();
  await expect(app.image(/^B: 9 digits/)).toBeInViewport({ ratio: 1 });
  // Nor is what the keyboard comes to under Generate.
  const speed = page.getByRole("combobox", { name: "Speed" });
  await speed.evaluate((field) => {
    window.scrollBy(0, field.getBoundingClientRect().bottom - window.innerHeight);
    field.focus();
  });
  const speedBox = await boxOf(speed);
  expect(speedBox.y + speedBox.height).toBeLessThanOrEqual((await boxOf(generate)).y);
});
