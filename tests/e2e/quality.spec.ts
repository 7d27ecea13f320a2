import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { pictureOf } from "./charts.ts";

const QUERY = "?backend=wasm&preset=tiny";
const CLASSIFIER = /\/classifier\.safetensors/;

/** The view of quality as a person sees it. */
class QualityPage extends AppPage {
  get form() {
    return this.page.getByRole("form", { name: "What to measure" });
  }

  get measured() {
    return this.page.getByRole("region", { name: "Measured in this visit" }).getByRole("row");
  }

  get histogram() {
    return this.page.getByRole("img", { name: /^Samples of each digit/ });
  }

  /** Of the table's first row with this name. */
  figure(name: RegExp) {
    const row = this.page.getByRole("region", { name: "Figures" }).getByRole("row", { name });
    return row.getByRole("cell").first();
  }

  sampling(words: string) {
    return this.page.getByRole("paragraph").getByText(words, { exact: true });
  }

  async goTo() {
    await this.page.getByRole("link", { name: "Quality", exact: true }).click();
    await expect(this.form).toBeVisible();
  }

  async ask(count: number, steps: number) {
    await this.form.getByLabel("Samples", { exact: true }).fill(String(count));
    await this.form.getByLabel("Steps", { exact: true }).fill(String(steps));
    await this.button("Measure").click();
  }

  /** Notes from now on all that stands in the form: a part of a measurement may last a moment. */
  async watchForm(): Promise<() => Promise<string>> {
    const words = await this.form.evaluateHandle((form) => {
      const seen: string[] = [];
      const observer = new MutationObserver(() => seen.push(form.textContent ?? ""));
      observer.observe(form, { subtree: true, childList: true, characterData: true });
      return seen;
    });
    return () => words.evaluate((seen) => seen.join("\n"));
  }

  /** Waits until there are so many measurements. */
  async waitForMeasured(count: number) {
    await expect(this.measured).toHaveCount(1 + count, { timeout: 120_000 });
    await expect(this.button("Measure")).toBeEnabled();
  }

  async saved(item: string) {
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("group", { name: "Save" }).getByText(item, { exact: true }).click();
    const file = await download;
    return { fileName: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  }
}

async function openLabRun(page: Page): Promise<QualityPage> {
  const app = new QualityPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await app.goTo();
  return app;
}

test("samples of a run are drawn, classified and compared, and told in figures", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openLabRun(page);
  await expect(page.getByText("has a small classifier read them")).toBeVisible();
  const wordsSeen = await app.watchForm();
  // So many steps that the drawing outlasts the pause between two looks at the progress.
  await app.ask(20, 50);
  await app.waitForMeasured(1);
  for (const words of [/Drawing: \d/, /Comparing with 60,000 training images: \d/, /Cancel/]) {
    expect(await wordsSeen()).toMatch(words);
  }

  await expect(page.getByRole("heading", { name: "Lab run, step 600", level: 2 })).toBeVisible();
  await expect(app.sampling("20 samples, 50 steps, seed 0")).toBeVisible();
  const number = async (name: RegExp) =>
    Number.parseFloat((await app.figure(name).textContent()) ?? "");
  const confidence = await number(/^Mean confidence/);
  expect(confidence).toBeGreaterThan(0.1);
  expect(confidence).toBeLessThanOrEqual(1);
  expect(await number(/^Fréchet/)).toBeGreaterThan(0);
  await expect(page.getByRole("row", { name: /^Fréchet/ })).toContainText(/\d 20 training images/);
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures.getByRole("columnheader", { name: "10,000 test images" })).toBeVisible();
  await expect(
    page.getByText(/^\d+ of 20 samples (are copies|is a copy), nearer than 0\.029; the median/),
  ).toBeVisible();

  const bars = (await app.histogram.getAttribute("aria-label")) ?? "";
  const counts = Array.from(bars.matchAll(/\d: (\d+)/g), ([, count]) => Number(count));
  expect(counts).toHaveLength(10);
  await expect(app.histogram.locator("rect")).toHaveCount(10);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
  await page.getByRole("button", { name: "Save or table: Digits" }).click();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const rows = page.getByRole("dialog", { name: "Digits" }).locator("tbody tr");
  const cells = await rows.locator("td:first-of-type").allInnerTexts();
  expect(cells.map(Number)).toEqual(counts);
});

test("a checkpoint that is kept is measured, while another network is the newest", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openLabRun(page);
  await app.ask(2, 1);
  await app.waitForMeasured(1);
  await page.getByRole("link", { name: "Train", exact: true }).click();
  await app.button("Use a trained model").click();
  await expect(page.getByText("Train starts from them.")).toBeVisible();
  await app.goTo();
  const network = app.form.getByLabel("Network");
  const checkpoint = network.locator("option").filter({ hasText: "Step 600" });
  await network.selectOption((await checkpoint.getAttribute("value")) ?? "");
  await app.ask(2, 1);
  await app.waitForMeasured(2);
  await network.selectOption({ index: 0 });
  await app.ask(2, 1);
  await app.waitForMeasured(3);
  const names = app.measured.getByRole("rowheader");
  await expect(names).toHaveText([
    "pretrained-quick.safetensors",
    "Lab run, step 600",
    "Lab run, step 600",
  ]);
  // The same checkpoint as when it was the newest: the same samples.
  const [loaded, kept, newest] = await app.measured
    .getByRole("cell")
    .allInnerTexts()
    .then((cells) => [0, 1, 2].map((row) => cells.slice(6 * row, 6 * row + 6).join(" ")));
  expect(kept).toBe(newest);
  expect(loaded).not.toBe(kept);
});

test("a narrow screen has the folded settings, which say what is measured, and all the figures", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new QualityPage(page);
  await app.open(`${QUERY}&measureWeights=raw`);
  await app.openLabRun();
  await page.setViewportSize({ width: 390, height: 844 });
  await app.goTo();
  const folded = app.form.getByText(/^Settings /);
  await expect(folded).toHaveText(
    /^Settings Lab run, as it is now, latest weights: 256 samples, \d+ steps, seed 0$/,
  );
  await folded.click();
  const network = app.form.getByLabel("Network");
  const checkpoint = network.locator("option").filter({ hasText: "Step 600" });
  await network.selectOption((await checkpoint.getAttribute("value")) ?? "");
  await app.form.getByLabel("Steps", { exact: true }).fill("7");
  await folded.click();
  await expect(folded).toHaveText(
    "Settings Step 600 · Lab run, latest weights: 256 samples, 7 steps, seed 0",
  );

  // Nor does what comes of it make the page wider than the screen.
  await folded.click();
  await app.ask(20, 7);
  await app.waitForMeasured(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test("real test images score what a good classifier says of them", { tag: "@lab" }, async ({
  page,
}) => {
  const app = await openLabRun(page);
  await app.ask(2, 1);
  await app.waitForMeasured(1);
  const row = page.getByRole("row", { name: /^Mean confidence/ });
  const real = Number(await row.getByRole("cell").nth(1).textContent());
  expect(real).toBeGreaterThan(0.98);
});

test("the files agree with what is shown", { tag: "@lab" }, async ({ page }) => {
  const app = await openLabRun(page);
  await app.ask(20, 5);
  await app.waitForMeasured(1);

  const json = await app.saved("JSON");
  expect(json.fileName).toBe("lab-run-step-600-quality.json");
  const { network, count, seed, figures, samples } = JSON.parse(json.bytes.toString());
  expect(network).toMatchObject({ name: "Lab run, step 600", trainedSteps: 600 });
  expect([count, seed]).toEqual([20, 0]);
  await expect(app.figure(/^Mean confidence/)).toHaveText(figures.meanConfidence.toFixed(3));
  await expect(app.figure(/^Median distance/)).toHaveText(
    figures.nearest.medianDistance.toFixed(3),
  );

  const csv = (await app.saved("CSV")).bytes.toString().trim().split("\r\n");
  expect(csv[0]).toBe("sample,digit,confidence,distance");
  const rows = csv.slice(1).map((line) => line.split(",").map(Number));
  const told = samples.map(
    (of: { digit: number; confidence: number; distance: number }, i: number) => [
      ...[i + 1, of.digit, of.confidence, of.distance],
    ],
  );
  expect(rows).toEqual(told);
  const confidences = rows.map((row) => row[2] ?? Number.NaN);
  const mean = confidences.reduce((sum, confidence) => sum + confidence, 0) / 20;
  expect(mean).toBeCloseTo(figures.meanConfidence, 5);

  // The least distance comes first, and what is said of the sample is its row's.
  const sorted = rows.toSorted((a, b) => (a[3] ?? 0) - (b[3] ?? 0));
  const about = page.locator("dl", { hasText: "Read as" });
  await expect(about).toContainText(`Sample${sorted[0]?.[0]}`);
  await expect(about).toContainText(`Distance${sorted[0]?.[3]?.toFixed(3)}`);
  await app.button("Next sample").click();
  await expect(about).toContainText(`Distance${sorted[1]?.[3]?.toFixed(3)}`);
  await page.getByRole("radiogroup", { name: "Order of the samples" }).getByText("Least").click();
  const least = rows.toSorted((a, b) => (a[2] ?? 0) - (b[2] ?? 0))[0];
  await expect(about).toContainText(`Sample${least?.[0]}`);

  // Black between them apart, a square of 5 x 4 digits and a grid of 8 x 5.
  for (const [item, columns, lines] of [
    ["Samples PNG", 5, 4],
    ["Pairs PNG", 8, 5],
  ] as const) {
    const { width, height } = pictureOf(await app.saved(item));
    expect(width / height).toBeCloseTo((30 * columns - 2) / (30 * lines - 2), 5);
  }
});

test("a measurement is cancelled; those before it stay, and are shown again by a click", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openLabRun(page);
  await app.ask(20, 2);
  await app.waitForMeasured(1);
  await app.ask(30, 2);
  await app.waitForMeasured(2);
  await expect(app.sampling("30 samples, 2 steps, seed 0")).toBeVisible();

  await app.ask(2000, 200);
  await expect(app.form.getByText(/^Drawing: /)).toBeVisible();
  await app.button("Cancel").click();
  await expect(app.form.getByText("Cancelled.")).toBeVisible();
  await expect(app.measured).toHaveCount(1 + 2);

  await app.measured.last().getByRole("button").click();
  await expect(app.sampling("20 samples, 2 steps, seed 0")).toBeVisible();
  await app.ask(10, 2);
  await app.waitForMeasured(3);
  await expect(app.sampling("10 samples, 2 steps, seed 0")).toBeVisible();
});

test("of many measurements all figures are kept, and of the latest the pictures", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openLabRun(page);
  for (let count = 1; count <= 9; count++) {
    await app.ask(2, 1);
    await app.waitForMeasured(count);
  }
  await expect(page.getByRole("img", { name: /^Sample \d, large/ })).toBeVisible();
  await app.measured.last().getByRole("button").click();
  await expect(page.getByText("pictures of this measurement are no longer kept")).toBeVisible();
  await expect(app.figure(/^Mean confidence/)).toHaveText(/^0\.\d/);
  await expect(app.button("Samples PNG")).toHaveCount(0);
  const { samples } = JSON.parse((await app.saved("JSON")).bytes.toString());
  expect(samples).toHaveLength(2);
});

test("a classifier that cannot be had is told beside the button, and the next try may have more luck", {
  tag: "@lab",
}, async ({ page, context }) => {
  const app = await openLabRun(page);
  await context.route(CLASSIFIER, (route) => route.abort());
  await app.ask(10, 2);
  await expect(app.form.getByRole("status")).toContainText("Could not load the classifier");
  await expect(app.measured).toHaveCount(0);
  await context.unroute(CLASSIFIER);
  await app.button("Measure").click();
  await app.waitForMeasured(1);
  await expect(app.form.getByText("Could not load")).toHaveCount(0);
});

test("fields tell what is wrong, and the settings come back from the address", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new QualityPage(page);
  await app.open(`${QUERY}&measureCount=40&measureSteps=7&measureSeed=3`);
  await app.goTo();
  await expect(app.form.getByLabel("Samples", { exact: true })).toHaveValue("40");
  await expect(app.form.getByLabel("Steps", { exact: true })).toHaveValue("7");
  await expect(app.form.getByLabel("Seed", { exact: true })).toHaveValue("3");
  await expect(app.form.getByText("It can be measured all the same")).toBeVisible();
  await app.form.getByLabel("Samples", { exact: true }).fill("2001");
  await expect(app.form.getByText("2 to 2000, not 2001")).toBeVisible();
  await expect(app.button("Measure")).toBeDisabled();
  await app.form.getByLabel("Samples", { exact: true }).fill("256");
  await expect(app.button("Measure")).toBeEnabled();
  await expect(page).not.toHaveURL(/measureCount/);
  await expect(page).toHaveURL(/measureSteps=7/);
});

test("while a run is trained its network is measured beside it, and the run goes on", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new QualityPage(page);
  await app.open(`${QUERY}&epochs=1000&previewEvery=0`);
  await app.button("Train").click();
  await app.waitForSteps(3);
  await app.goTo();
  await expect(app.form.getByText("It goes on while samples are measured")).toBeVisible();
  await app.ask(5, 2);
  await expect(app.form.getByText(/^(Drawing|Classifying|Comparing)/)).toBeVisible();
  const numBefore = (await app.losses()).length;
  await app.waitForMeasured(1);
  expect((await app.losses()).length).toBeGreaterThan(numBefore);
  await expect(page.getByRole("heading", { name: /, step \d+$/, level: 2 })).toBeVisible();
});
