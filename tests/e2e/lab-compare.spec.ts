import { readFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import { AppPage, LAB_RUN, openView } from "./app.ts";
import { chart, pathOf } from "./charts.ts";
import { expect, test } from "./labRun.ts";

test("the slider and the pointer in a chart go through the training of all runs; the choice is in the address", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.openRun("view=compare");
  const differences = page.getByRole("region", { name: "Differences" });
  await expect(differences).toBeVisible();
  const digits = page.getByRole("img", { name: /^Images of A Lab run/ });
  await expect(digits).toHaveAccessibleName("Images of A Lab run after 600 steps");
  const picture = () => digits.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const newest = await picture();
  await page.getByRole("slider", { name: "Training step" }).focus();
  await page.keyboard.press("Home");
  await expect(digits).toHaveAccessibleName("Images of A Lab run after 0 steps");
  await page.keyboard.press("ArrowRight");
  await expect(digits).toHaveAccessibleName("Images of A Lab run after 50 steps");
  await expect.poll(picture).not.toBe(newest);
  await page.keyboard.press("End");
  await expect(digits).toHaveAccessibleName("Images of A Lab run after 600 steps");
  await expect.poll(picture).toBe(newest);
  await page.getByRole("slider", { name: "Denoising" }).focus();
  await page.keyboard.press("Home");
  await expect.poll(picture).not.toBe(newest);
  await page.keyboard.press("End");
  await expect.poll(picture).toBe(newest);

  const box = await page.getByRole("img", { name: /^Loss: / }).boundingBox();
  if (!box) throw new Error("The chart is not on the page.");
  await page.mouse.move(box.x + 0.55 * box.width, box.y + box.height / 2);
  await expect(digits).toHaveAccessibleName(/after (200|300) steps/);
  await page.mouse.move(5, 5);
  await expect(digits).toHaveAccessibleName("Images of A Lab run after 600 steps");

  const isCompared = page.getByRole("checkbox", { name: "Lab run" });
  await isCompared.uncheck();
  await expect(differences).toHaveCount(0);
  await isCompared.check();
  await expect(differences).toBeVisible();
  await expect(page).toHaveURL(/view=compare/);
  await page.reload();
  await expect(isCompared).toBeChecked();
  await expect(digits).toBeVisible();
});

/** The stored run's file, as of a run with another seed. */
function withSeed(seed: number): Uint8Array {
  const text = readFileSync(LAB_RUN.path, "latin1");
  const [before, after] = [0, seed].map((it) => `\\"seed\\":${it},`);
  const changed = text.replaceAll(before as string, after as string);
  if (changed === text) throw new Error("There is no seed in the file of the run.");
  return Buffer.from(changed, "latin1");
}

test("two runs of one name stand side by side with their letters and what differs, and come back from the address", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm");
  await app.openLabRun();
  await app.dropFiles([{ name: "other.safetensors", bytes: withSeed(5) }]);
  const list = page.getByRole("region", { name: "Saved runs" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await openView(page, "compare");
  for (const letter of ["A", "B"]) {
    await expect(page.getByRole("checkbox", { name: `${letter} Lab run` })).toBeChecked();
    await expect(page.getByRole("columnheader", { name: `${letter} Lab run` })).toBeVisible();
    await expect(page.getByRole("img", { name: `Images of ${letter} Lab run` })).toBeVisible();
  }
  const differences = page.getByRole("region", { name: "Differences" });
  const valuesOf = (name: string) =>
    differences
      .getByRole("row", { name: new RegExp(`^${name}`) })
      .getByRole("cell")
      .allTextContents();
  expect((await valuesOf("Seed")).toSorted()).toEqual(["0", "5"]);
  expect(await valuesOf("Epochs completed")).toEqual(["6", "6"]);
  // Those that are the same are left out.
  await expect(differences.getByRole("rowheader", { name: "Noise schedule" })).toHaveCount(0);
  const curves = /^Loss: A Lab run.*, training, smoothed.*B Lab run.*, training, smoothed/;
  await expect(page.getByRole("img", { name: curves })).toHaveCount(1);

  // Either may be A, since both were made at the same time.
  const curveOf = (letter: string, key: string) =>
    page.locator(`[data-curve^="${letter} Lab run"][data-curve$=" ${key}"] path`);
  // Both curves are as smooth as is chosen: but for their seeds the two are one run.
  const paths = () => Promise.all(["A", "B"].map((letter) => pathOf(curveOf(letter, "loss"))));
  const [smooth, other] = await paths();
  expect(other).toBe(smooth);
  await page.getByRole("slider", { name: "Smoothing" }).press("Home");
  await expect(curveOf("A", "loss")).not.toHaveAttribute("d", smooth as string);
  const [rough, otherRough] = await paths();
  expect(otherRough).toBe(rough);

  // On a screen of medium width all is shown, and the page does not scroll.
  await page.setViewportSize({ width: 1024, height: 768 });
  const heights = await differences.evaluate((region) => ({
    region: region.getBoundingClientRect().height,
    table: region.querySelector("table")?.getBoundingClientRect().height ?? Number.NaN,
  }));
  expect(heights.region).toBeGreaterThan(heights.table);
  const pageHeight = () => page.evaluate(() => document.documentElement.scrollHeight);
  expect(await pageHeight()).toBe(768);
  await differences.getByRole("row").last().scrollIntoViewIfNeeded();
  await expect(differences.getByRole("row").last()).toBeInViewport();
  expect(await pageHeight()).toBe(768);
  await page.setViewportSize({ width: 1440, height: 900 });

  // The losses by timestep lie in one chart, after the epoch under the cursor.
  const figures = page.getByRole("radiogroup", { name: "What is compared" });
  await figures.getByText("Loss by timestep").click();
  await expect(page).toHaveURL(/figure=timestepLoss/);
  const title = "Validation loss by timestep";
  await expect(chart(page, title).locator("[data-curve]")).toHaveCount(2);
  const picture = page.getByRole("img", { name: new RegExp(`^${title}:`) });
  await expect(picture).toHaveAccessibleName(/A Lab run.*, epoch 6, B Lab run.*, epoch 6$/);
  await page.getByRole("slider", { name: "Training step" }).press("Home");
  await expect(picture).toHaveAccessibleName(/A Lab run.*, epoch 1, B/);

  await figures.getByText("Memory").click();
  await page
    .getByRole("radiogroup", { name: "Quantity on the horizontal axis" })
    .getByText("Wall time")
    .click();
  // Each is drawn in the color beside its name. Once the second is alone, it has the color of the first.
  const swatchOf = (letter: string) =>
    page
      .locator("fieldset label")
      .filter({ hasText: `${letter} Lab run` })
      .locator("svg path");
  const colorOf = (line: Locator) => line.evaluate((element) => getComputedStyle(element).stroke);
  const colors: string[] = [];
  for (const letter of ["A", "B"]) {
    const color = await colorOf(curveOf(letter, "memoryBytes"));
    expect(await colorOf(swatchOf(letter))).toBe(color);
    colors.push(color);
  }
  expect(new Set(colors).size).toBe(2);
  await page.getByRole("checkbox", { name: "A Lab run" }).uncheck();
  await expect(curveOf("B", "memoryBytes")).toHaveCount(0);
  await expect.poll(() => colorOf(curveOf("A", "memoryBytes"))).toBe(colors[0]);
  expect(await colorOf(swatchOf("A"))).toBe(colors[0]);
  await expect(page).toHaveURL(/figure=memoryBytes/);
  await expect(page).toHaveURL(/smoothing=0/);
  // The address follows a moment later.
  await expect(page).toHaveURL(/x=time/);
  await page.reload();
  await expect(figures.getByLabel("Memory")).toBeChecked();
  await expect(page.getByRole("img", { name: /^Memory: A Lab run .* MiB/ })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "A Lab run" })).toHaveCount(1);
  await expect(page.getByText("Wall time (s)")).toBeVisible();
});
