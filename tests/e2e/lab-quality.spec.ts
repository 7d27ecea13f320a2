import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { expectNoViolations, goDark } from "./axe.ts";
import { pictureOf } from "./charts.ts";
import { expect, type LabPage, test } from "./labRun.ts";
import { noted } from "./noted.ts";

const CLASSIFIER = /\/classifier\.safetensors/;

/** The view of quality as a person sees it. */
class QualityView {
  constructor(readonly page: Page) {}

  get form() {
    return this.page.getByRole("form", { name: "What to measure" });
  }

  get measure() {
    return this.form.getByRole("button", { name: "Measure" });
  }

  /** The rows, with the heading's; the newest first. */
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

  /** What is said of how the shown samples were drawn. */
  sampling(count: number, steps: number) {
    const words = new RegExp(`^${count} samples, ${steps} steps, .*seed 0$`);
    return this.page.getByRole("paragraph").getByText(words);
  }

  async ask(count: number, steps: number) {
    await this.form.getByLabel("Samples", { exact: true }).fill(String(count));
    await this.form.getByLabel("Steps", { exact: true }).fill(String(steps));
    await this.measure.click();
  }

  /** Waits until there are so many measurements. */
  async waitForMeasured(count: number) {
    await expect(this.measured).toHaveCount(1 + count, { timeout: 120_000 });
    await expect(this.measure).toBeEnabled();
  }

  async saved(item: string) {
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("group", { name: "Save" }).getByText(item, { exact: true }).click();
    const file = await download;
    return { fileName: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  }
}

/** To choose in the form. */
async function chooseCheckpoint(form: QualityView["form"], step: number) {
  const network = form.getByLabel("Network");
  const checkpoint = network.locator("option").filter({ hasText: `Step ${step}` });
  await network.selectOption((await checkpoint.getAttribute("value")) ?? "");
}

async function openQuality(lab: LabPage, query = "") {
  await lab.openRun(`preset=tiny&view=quality${query}`);
  return new QualityView(lab.page);
}

test("samples of a run are drawn, classified and compared with all of MNIST, and told in figures, on its web page, too", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=tiny");
  await app.openLabRun();
  await openView(page, "quality");
  const view = new QualityView(page);
  await view.ask(20, 5);
  await view.waitForMeasured(1);

  await expect(page.getByRole("heading", { name: "Lab run, step 600", level: 2 })).toBeVisible();
  await expect(view.sampling(20, 5)).toBeVisible();
  const number = async (name: RegExp) =>
    Number.parseFloat((await view.figure(name).textContent()) ?? "");
  const confidence = await number(/^Mean confidence/);
  expect(confidence).toBeGreaterThan(0.1);
  expect(confidence).toBeLessThanOrEqual(1);
  expect(await number(/^Fréchet/)).toBeGreaterThan(0);
  await expect(page.getByRole("row", { name: /^Fréchet/ })).toContainText(/\d 20 training images/);
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures.getByRole("columnheader", { name: "10,000 test images" })).toBeVisible();
  // Real test images score what a good classifier says of them.
  const real = page
    .getByRole("row", { name: /^Mean confidence/ })
    .getByRole("cell")
    .nth(1);
  expect(Number(await real.textContent())).toBeGreaterThan(0.98);
  await expect(page.getByText(/^\d+ of 20 samples .* 0\.029; /)).toBeVisible();

  // How likely the network finds an eighth as many test images as there are samples, and two at least.
  const likelihood = page.getByRole("region", { name: "Bits per dimension" });
  await expect(likelihood).toContainText(/at most [1-7]\.\d\d ± \d\.\d\d/);
  await expect(page.getByText(/with 3 test images: \d\.\d\d bits are at t\s=\s0/)).toBeVisible();
  expect(await likelihood.locator("[data-curve=term] circle").count()).toBeGreaterThan(10);

  const words = (await view.histogram.getAttribute("aria-label")) ?? "";
  const counts = Array.from(words.matchAll(/\d: (\d+)/g), ([, count]) => Number(count));
  expect(counts).toHaveLength(10);
  const bars = await view.histogram
    .locator("rect")
    .evaluateAll((all) => all.map((bar) => (bar as SVGRectElement).height.baseVal.value));
  const highest = Math.max(...counts);
  expect(bars.map((height) => height / Math.max(...bars))).toEqual(
    counts.map((count) => expect.closeTo(count / highest, 5)),
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
  await page.getByRole("button", { name: "Save or table: Samples of each digit" }).click();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const rows = page.getByRole("dialog", { name: "Samples of each digit" }).locator("tbody tr");
  const cells = await rows.locator("td:first-of-type").allInnerTexts();
  expect(cells.map(Number)).toEqual(counts);
  await page.keyboard.press("Escape");

  const measured = await figures.getByRole("cell").allInnerTexts();
  await openView(page, "charts");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: /^Web page/ }).click();
  const sampling = /20 samples in 5 steps of .* after 600 training steps/;
  await expect(page.getByRole("dialog", { name: "Web page" })).toContainText(sampling);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Make the page" }).click();
  const path = test.info().outputPath("run.html");
  await (await download).saveAs(path);
  await page.goto(pathToFileURL(path).href);
  const quality = page.getByRole("region", { name: "Quality" });
  await expect(quality).toContainText(sampling);
  expect(await quality.getByRole("cell").allInnerTexts()).toEqual(measured);
  await expect(view.histogram).toHaveAttribute("aria-label", words);
  await expectNoViolations(page, "the run's web page");
});

test("what is measured goes into files, is kept and shown again, and can be cancelled; a classifier is tried for again", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.route(CLASSIFIER, (route) => route.abort());
  const view = await openQuality(lab);
  await view.ask(20, 5);
  await expect(view.form.getByRole("status")).toContainText("Could not load the classifier");
  await expect(view.measured).toHaveCount(0);
  await page.unroute(CLASSIFIER);
  await view.measure.click();
  await view.waitForMeasured(1);
  await expect(view.form.getByText("Could not load")).toHaveCount(0);

  const json = await view.saved("JSON");
  expect(json.fileName).toBe("lab-run-step-600-quality.json");
  const { network, count, seed, figures, samples, likelihood } = JSON.parse(json.bytes.toString());
  expect(network).toMatchObject({ name: "Lab run, step 600", trainedSteps: 600 });
  expect([count, seed]).toEqual([20, 0]);
  await expect(view.figure(/^Mean confidence/)).toHaveText(figures.meanConfidence.toFixed(3));
  await expect(view.figure(/^Median distance/)).toHaveText(
    figures.nearest.medianDistance.toFixed(3),
  );
  const bits = `${likelihood.bits.toFixed(2)} ± ${likelihood.standardError.toFixed(2)}`;
  await expect(page.getByRole("region", { name: "Bits per dimension" })).toContainText(bits);
  await expect(view.measured.last()).toContainText(bits);

  const csv = (await view.saved("CSV")).bytes.toString();
  expect(csv).toMatch(/^sample,digit,confidence,distance\r\n/);
  const rows: { place: number; confidence: number; distance: number }[] = samples.map(
    (of: object, i: number) => ({ place: i + 1, ...of }),
  );

  // The least distance comes first, and what is said of the sample is its row's.
  const sorted = rows.toSorted((a, b) => a.distance - b.distance);
  const about = page.locator("dl", { hasText: "Read as" });
  await expect(about).toContainText(`Sample${sorted[0]?.place}`);
  await expect(about).toContainText(`Distance${sorted[0]?.distance.toFixed(3)}`);
  await lab.button("Next sample").click();
  await expect(about).toContainText(`Distance${sorted[1]?.distance.toFixed(3)}`);
  await page.getByRole("radiogroup", { name: "Order of the samples" }).getByText("Least").click();
  const least = rows.toSorted((a, b) => a.confidence - b.confidence)[0];
  await expect(about).toContainText(`Sample${least?.place}`);

  // Black between them apart, a square of 5 x 4 digits and a grid of 8 x 5.
  for (const [item, columns, lines] of [
    ["Samples PNG", 5, 4],
    ["Pairs PNG", 8, 5],
  ] as const) {
    const { width, height } = pictureOf(await view.saved(item));
    expect(width / height).toBeCloseTo((30 * columns - 2) / (30 * lines - 2), 5);
  }

  // One that is cancelled leaves those before it, and they are shown again by a click.
  await view.ask(30, 2);
  await view.waitForMeasured(2);
  await expect(view.sampling(30, 2)).toBeVisible();
  await view.ask(2000, 200);
  await view.form.getByRole("button", { name: "Cancel" }).click();
  await expect(view.form.getByText("Cancelled.")).toBeVisible();
  await expect(view.measured).toHaveCount(1 + 2);
  await view.measured.last().getByRole("button").click();
  await expect(view.sampling(20, 5)).toBeVisible();
  await view.ask(10, 2);
  await view.waitForMeasured(3);
  await expect(view.sampling(10, 2)).toBeVisible();

  // Of many all figures are kept, and of the latest eight the pictures.
  for (let count = 4; count <= 9; count++) {
    await view.ask(2, 1);
    await view.waitForMeasured(count);
  }
  await expect(page.getByRole("img", { name: /^Sample \d, large/ })).toBeVisible();
  await view.measured.last().getByRole("button").click();
  await expect(view.figure(/^Mean confidence/)).toHaveText(figures.meanConfidence.toFixed(3));
  await expect(page.getByRole("img", { name: /, large/ })).toHaveCount(0);
  await expect(lab.button("Samples PNG")).toHaveCount(0);
  const kept = JSON.parse((await view.saved("JSON")).bytes.toString());
  expect(kept.samples).toHaveLength(20);
});

test("settings come back from the address, tell what is wrong, and are folded on a narrow screen", async ({
  lab,
}) => {
  const { page } = lab;
  const settings = "measureCount=40&measureSteps=7&measureSeed=3&measureWeights=raw";
  const view = await openQuality(lab, `&${settings}`);
  const { form, measure } = view;
  const samples = form.getByLabel("Samples", { exact: true });
  await samples.fill("2001");
  await expect(samples).toHaveAttribute("aria-invalid", "true");
  await expect(measure).toBeDisabled();
  await samples.fill("256");
  await expect(measure).toBeEnabled();
  await expect(page).not.toHaveURL(/measureCount/);
  await expect(page).toHaveURL(/measureSteps=7/);

  // Before anything is measured the figures of the trained models are there, each a click away from being measured again.
  const network = form.getByLabel("Network", { exact: true });
  const before = await network.inputValue();
  await page.getByRole("button", { name: "Medium in one step" }).click();
  await expect(network).toHaveValue("pretrained-medium-1-step.safetensors");
  await network.selectOption(before);

  await page.setViewportSize({ width: 390, height: 844 });
  const folded = form.getByText(/^Settings /);
  await expect(folded).toContainText(/Lab run, .*latest weights.*256 .*7 .*3$/);
  await folded.click();
  await chooseCheckpoint(form, 600);
  await samples.fill("20");
  await folded.click();
  await expect(folded).toContainText(/Step 600 .*20 .*7 .*3$/);
  // Nor does what comes of it make the page wider than the screen.
  await measure.click();
  await view.waitForMeasured(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test("a network with classes is asked for all digits with guidance, and what is read of each is a table that shows its samples", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&dim=4&classes=10&guidance=2&view=quality&measure=untrained");
  const view = new QualityView(page);
  const guidance = view.form.getByLabel("Guidance", { exact: true });
  await expect(guidance).toHaveValue("2");
  await guidance.fill("1.5");
  await expect(page).toHaveURL(/measureGuidance=1\.5/);
  await view.ask(20, 1);
  await view.waitForMeasured(1);
  await expect(page.getByText(/^20 samples, 1 step .*guidance 1\.5, seed 0/)).toBeVisible();

  const { figures, samples } = JSON.parse((await view.saved("JSON")).bytes.toString());
  await expect(view.figure(/^Read as asked/)).toHaveText(
    `${(100 * figures.readAsAsked).toFixed(1)} %`,
  );
  const matrix = page.getByRole("region", { name: "Asked for and read" });
  const row = matrix.getByRole("row", { name: /^3/ });
  const counts = (await row.getByRole("cell").allInnerTexts()).slice(0, 10).map(Number);
  expect(counts).toEqual(figures.confusion[3]);
  await expectNoViolations(page, "samples of a network with classes, light");
  await goDark(page);
  const rules = ["color-contrast", "link-in-text-block"];
  await expectNoViolations(page, "samples of a network with classes, dark", rules);

  // A number shows its samples alone, and again all.
  const read = counts.findIndex((count) => count > 0);
  await row.getByRole("button").first().click();
  const grid = page.getByRole("img", { name: /^Samples 1 to/ });
  await expect(grid).toHaveAccessibleName(new RegExp(`^Samples 1 to .* of ${counts[read]},`));
  const about = page.locator("dl", { hasText: "Read as" });
  await expect(about).toContainText(/Asked for3/);
  await expect(about).toContainText(`Read as${read}`);
  const place = Number(/Sample(\d+)/.exec((await about.textContent()) ?? "")?.[1]) - 1;
  expect(samples[place]).toMatchObject({ asked: 3, digit: read });
  await lab.button("Show all").click();
  await expect(grid).toHaveAccessibleName(/ of 20,/);
});

test("while a run is trained its network is measured beside it, and the run goes on", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&dim=4&epochs=10000&previewEvery=0");
  await app.train.click();
  await app.waitForSteps(1);
  await openView(page, "quality");
  const view = new QualityView(page);
  await view.ask(5, 2);
  await view.waitForMeasured(1);
  await app.waitForSteps((await app.losses()).length + 1);
  await expect(page.getByRole("heading", { name: /, step \d+$/, level: 2 })).toBeVisible();
});

test("samplers are compared by one click, point by point; what is measured stays when it is cancelled", async ({
  lab,
}) => {
  const { page } = lab;
  const view = await openQuality(lab);
  await view.form.getByLabel("Samples", { exact: true }).fill("2");
  const progress = await noted(
    page,
    () => /Comparing samplers: \d+/.exec(document.body.textContent ?? "")?.[0],
  );
  // By then each sampler was measured with each spacing, with 5 predictions of the network.
  const cancelled = lab.clickAt("Cancel", 6, "samplerMeasured");
  await lab.button("Compare samplers").click();
  await cancelled;
  await expect(view.form.getByText("Cancelled.")).toBeVisible();
  expect(await progress()).not.toEqual([]);
  const chart = page.getByRole("region", { name: "Fréchet distance by predictions" });
  await expect(chart.getByText("Heun, even in log-SNR")).toBeVisible();
  await expect(lab.button("Compare samplers")).toBeEnabled();
  await lab.button("Save or table: Fréchet distance by predictions").click();
  await lab.button("Table").click();
  const rows = page.getByRole("dialog").locator("tbody tr");
  expect(await rows.count()).toBeGreaterThanOrEqual(6);
  await expect(rows.nth(5)).toContainText(/^4\s*Heun.*log-SNR/);
});
