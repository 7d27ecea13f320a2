import { expect, type Page, test } from "@playwright/test";
import { imagesFile, labelsFile } from "../unit/engine/data/idxBytes.ts";
import { crossedBars } from "../unit/engine/quality/digitLikes.ts";
import { AppPage, openView } from "./app.ts";
import { expectNoViolations } from "./axe.ts";

/** Three kinds of bars, as IDX files. */
function barFiles(split: "train" | "t10k", count: number, seed: number) {
  const { images, labels } = crossedBars(count, seed);
  const [pixelBytes, labelBytes] = [imagesFile(count), labelsFile(count)];
  pixelBytes.set(images, 16);
  labelBytes.set(labels, 8);
  return [
    { name: `${split}-images-idx3-ubyte`, bytes: pixelBytes },
    { name: `${split}-labels-idx1-ubyte`, bytes: labelBytes },
  ];
}

async function dropBars(app: AppPage) {
  await app.dropFiles([...barFiles("train", 48, 0), ...barFiles("t10k", 30, 1)]);
  await expect(app.page.getByText("48 images, 30 to validate")).toBeVisible();
}

/** Measures 12 samples, and gives the headings of the rows of figures. */
async function measure(page: Page, numBefore: number): Promise<string[]> {
  const form = page.getByRole("form", { name: "What to measure" });
  await form.getByLabel("Samples", { exact: true }).fill("12");
  await form.getByLabel("Steps", { exact: true }).fill("3");
  await form.getByRole("button", { name: "Measure" }).click();
  const measured = page.getByRole("region", { name: "Measured in this visit" }).getByRole("row");
  await expect(measured).toHaveCount(2 + numBefore, { timeout: 60_000 });
  const figures = page.getByRole("region", { name: "Figures" });
  return figures.getByRole("rowheader").allInnerTexts();
}

test("of images of one's own a reader is trained, tells how right it is, reads samples of their classes, and is there at the next visit", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&classes=3&epochs=2&previewEvery=0");
  await dropBars(app);
  await app.train.click();
  await app.waitForSteps(2);
  await openView(page, "quality");
  const reader = page.getByRole("region", { name: "Classifier" });
  const train = reader.getByRole("button", { name: "Train a classifier" });
  await expect(train).toBeEnabled();
  // Without one, what needs none is measured.
  const without = await measure(page, 0);
  expect(without).toHaveLength(2);
  await expect(page.getByRole("img", { name: /^Samples of each/ })).toBeHidden();
  await expectNoViolations(page, "quality without a reader");

  await train.click();
  await expect(reader.getByRole("progressbar")).toBeVisible();
  await reader.getByRole("button", { name: "Cancel" }).click();
  await expect(train).toBeVisible();
  await train.click();
  const accuracy = reader.locator("b");
  await expect(accuracy).toHaveText(/%/, { timeout: 60_000 });
  expect(Number.parseFloat((await accuracy.textContent()) ?? "")).toBeGreaterThan(80);
  await expect(reader).toContainText("30 held-out images");

  const figures = await measure(page, 1);
  expect(figures.length).toBeGreaterThan(without.length + 2);
  const histogram = page.getByRole("img", { name: /^Samples of each class/ });
  const words = (await histogram.getAttribute("aria-label")) ?? "";
  const counts = Array.from(words.matchAll(/\d: (\d+)/g), ([, count]) => Number(count));
  expect(counts).toHaveLength(3);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12);
  await expectNoViolations(page, "quality with a reader");
  const told = (await accuracy.textContent()) ?? "";

  await app.open("?backend=wasm&preset=tiny");
  await dropBars(app);
  await openView(page, "quality");
  await expect(accuracy).toHaveText(told);
  await expect(train).toBeHidden();
});
