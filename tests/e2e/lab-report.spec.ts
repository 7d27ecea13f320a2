import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FrameLocator, Locator, Page } from "@playwright/test";
import { presetConfig } from "../../src/engine/config/presets.ts";
import type * as Module from "../../src/hosts/embed/digits.ts";
import { readReport } from "../../src/runtime/files/readReport.ts";
import { LAB_RUN } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { drag, plotOf } from "./charts.ts";
import { evolutionOf, NEWEST, picture } from "./evolution.ts";
import { openFromDisk } from "./exported.ts";
import { test as base, expect, LabPage } from "./labRun.ts";

const TITLE = "Noise & </title> digits";
const PARAGRAPHS = ["What I tried.", "A <b>second</b> paragraph."];
const FRAMED = "framed.html";

/** The page of the stored run, as the app makes it, in a folder of its own. */
const test = base.extend<object, { reportPath: string }>({
  reportPath: [
    async ({ labBrowser: { context, runId } }, use) => {
      const page = await context.newPage();
      const lab = new LabPage(page, runId);
      await lab.openRun("preset=tiny&view=charts");
      await page.getByRole("button", { name: "Export", exact: true }).click();
      await page.getByRole("button", { name: /^Web page/ }).click();
      const form = page.getByRole("dialog", { name: "Web page" });
      await expect(form.getByLabel("Title")).toHaveValue(LAB_RUN.name);
      await expectNoViolations(page, "the form");
      await form.getByLabel("Title").fill(TITLE);
      await form.getByLabel("Text").fill(PARAGRAPHS.join("\n\n"));
      const download = page.waitForEvent("download");
      await form.getByRole("button", { name: "Make the page" }).click();
      await expect(form).toHaveCount(0);
      const file = await download;
      expect(file.suggestedFilename()).toBe("lab-run.html");
      const folder = mkdtempSync(join(tmpdir(), "report-"));
      const path = join(folder, file.suggestedFilename());
      await file.saveAs(path);
      const frame = `<iframe sandbox="allow-scripts" src="lab-run.html" width="1200" height="900" title="A run">`;
      writeFileSync(join(folder, FRAMED), `<!doctype html><title>A blog</title>${frame}`);
      await page.close();
      await use(path);
      rmSync(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

function reportIn(path: string) {
  const html = readFileSync(path, "utf8");
  return readReport((part) => new RegExp(`id="${part}">(.*?)</script>`, "s").exec(html)?.[1] ?? "");
}

/** What the module itself draws with the weights of the page, here in Node. */
async function drawn(path: string, drawing: Module.Drawing): Promise<number[]> {
  const { weights } = await reportIn(path);
  const { href } = pathToFileURL(join(import.meta.dirname, "../../dist/embed/digits.js"));
  const { loadDigits }: typeof Module = await import(href);
  return [...(await (await loadDigits(weights ?? "")).draw(drawing))];
}

/** Of a canvas that shows one digit. */
function grays(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const { width, height } = element;
    const data = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    return Array.from({ length: width * height }, (_, i) => data[4 * i] as number);
  });
}

const lossOf = (page: Page | FrameLocator) =>
  page.getByRole("region", { name: "Loss", exact: true });

/** Draws one digit, of images of one's own called an image, and holds it to that of the module. */
async function expectGenerates(page: Page | FrameLocator, path: string) {
  const digits = page.getByRole("region", { name: "Images" });
  for (const [name, number] of [
    ["Images", "1"],
    ["Steps", "2"],
    ["Seed", "5"],
  ] as const) {
    await digits.getByRole("textbox", { name }).fill(number);
  }
  await digits.getByRole("button", { name: "Generate" }).click();
  const canvas = digits.getByRole("img", { name: "1 image, seed 5", exact: true });
  await expect(canvas).toBeVisible();
  const expected = await drawn(path, { count: 1, seed: 5, steps: 2 });
  expect(await grays(canvas)).toEqual(expected);
}

test("a run's page opens from disk without a request: curves to zoom and read, both axes of the evolution, and digits on request", async ({
  page,
  reportPath,
}) => {
  const noted = await openFromDisk(page, reportPath);
  await expect(page).toHaveTitle(TITLE);
  await expect(page.getByRole("heading", { name: TITLE, level: 1 })).toBeVisible();
  for (const paragraph of PARAGRAPHS) {
    await expect(page.getByText(paragraph, { exact: true })).toBeVisible();
  }
  const steps = page.getByRole("term").filter({ hasText: /^Steps$/ });
  await expect(steps.locator("xpath=following-sibling::dd")).toHaveText("600");

  const loss = lossOf(page);
  await expect(loss.locator("[data-curve=validation] circle")).toHaveCount(LAB_RUN.numEpochs);
  const reset = page.getByRole("button", { name: "Reset zoom" });
  await expect(reset).toBeDisabled();
  await loss.scrollIntoViewIfNeeded();
  await drag(page, plotOf(loss), 0.25, 0.75);
  await expect(reset).toBeEnabled();
  await reset.click();
  await plotOf(loss).focus();
  await page.keyboard.press("Home");
  const [first] = (await reportIn(reportPath)).run.steps;
  const value = first?.loss.toFixed(4);
  const words = `Step 1: each step ${value}, smoothed ${value}`;
  await expect(plotOf(loss)).toHaveAttribute("aria-valuetext", words);

  const { training, denoising, digits } = evolutionOf(page);
  await expect(training).toHaveAttribute("aria-valuemax", String(NEWEST));
  await training.focus();
  await page.keyboard.press("Home");
  await expect(training).toHaveAttribute("aria-valuenow", "0");
  const untrained = await picture(digits);
  await page.keyboard.press("ArrowUp");
  await expect(denoising).not.toHaveAttribute("aria-valuenow", "5");
  expect(await picture(digits)).not.toBe(untrained);
  await page.getByRole("button", { name: "Play" }).click();
  await expect(training).not.toHaveAttribute("aria-valuenow", "0");

  await expectGenerates(page, reportPath);
  await expect(page.getByRole("row", { name: "Base width 4 8", exact: true })).toBeVisible();
  expect(noted).toEqual([pathToFileURL(reportPath).href]);
});

test("it is whole in a frame that has no origin, and draws there", { tag: "@long" }, async ({
  page,
  reportPath,
}) => {
  const path = join(dirname(reportPath), FRAMED);
  const noted = await openFromDisk(page, path);
  const frame = page.frameLocator("iframe");
  await expect(frame.getByRole("heading", { name: TITLE, level: 1 })).toBeVisible();
  const { training } = evolutionOf(frame);
  await training.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
  const points = lossOf(frame).locator("[data-curve=validation] circle");
  await expect(points).toHaveCount(LAB_RUN.numEpochs);
  await expectGenerates(frame, reportPath);
  expect(noted).toEqual([path, reportPath].map((each) => pathToFileURL(each).href));
});

test("axe finds nothing wrong in it, in light and in dark, on a desk and on a phone", {
  tag: "@long",
}, async ({ page, reportPath }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await openFromDisk(page, reportPath);
      await expect(page.getByRole("slider", { name: "Training" })).toBeVisible();
      await page.getByText("All settings").click();
      await expectNoViolations(page, `${colorScheme}, ${width}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(overflow).toBeLessThanOrEqual(width);
    }
  }
});

test("of a network with classes one asks for a digit by its key; weights that are damaged are refused in a sentence", {
  tag: "@long",
}, async ({ page, reportPath }) => {
  const html = readFileSync(reportPath, "utf8");
  const quick = readFileSync("public/models/pretrained-quick.safetensors", "base64");
  const path = join(dirname(reportPath), "classes.html");
  const withParts = (weights: string) =>
    html
      .replace(/(?<=id="about">).*?(?=<)/, (about) => {
        const { run, ...rest } = JSON.parse(about);
        const dataset = { id: "mnist", name: "MNIST" };
        const config = presetConfig("quick");
        return JSON.stringify({
          ...rest,
          title: "Quick",
          text: "",
          run: { ...run, config, dataset },
        });
      })
      .replace(/(?<=id="weights">).*?(?=<)/, () => weights);
  writeFileSync(path, withParts(quick));
  await openFromDisk(page, path);
  const digits = page.getByRole("region", { name: "Digits" });
  await expect(digits.getByRole("textbox", { name: "Number to write" })).toBeVisible();
  await expectNoViolations(page, "what can be asked for");
  await digits.getByRole("textbox", { name: "Digits", exact: true }).fill("1");
  await digits.getByRole("heading", { name: "Digits" }).click();
  await page.keyboard.press("7");
  const words = "1 digit of class 7 with guidance 1.5, seed 0";
  const canvas = digits.getByRole("img", { name: words, exact: true });
  await expect(canvas).toBeVisible();
  expect(await grays(canvas)).toEqual(await drawn(path, { digits: [7] }));
  await digits.getByRole("textbox", { name: "Number to write" }).fill("42");
  await page.keyboard.press("Enter");
  await expect(digits.getByRole("img", { name: /^“42” with guidance 1.5, seed 0$/ })).toBeVisible();

  writeFileSync(path, withParts(Buffer.from("no weights").toString("base64")));
  await openFromDisk(page, path);
  await digits.getByRole("button", { name: "Generate" }).click();
  await expect(digits.getByRole("status")).toContainText("Expected");
  await expect(digits.getByRole("button", { name: "Generate" })).toBeEnabled();
});

test("an error of the worker that draws is told in its words, and Generate starts another; one that may not start is another matter", {
  tag: "@long",
}, async ({ page, reportPath }) => {
  await openFromDisk(page, reportPath);
  await expectGenerates(page, reportPath);
  const digits = page.getByRole("region", { name: "Images" });
  const [worker] = page.workers();
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new RangeError("Array buffer allocation failed");
    });
  });
  await expect(digits.getByRole("status")).toContainText(
    /^Drawing failed: .*Array buffer allocation failed\. Press Generate/,
  );
  await expect.poll(() => page.workers()).toEqual([]);
  await digits.getByRole("button", { name: "Generate" }).click();
  await expect(digits.getByRole("status")).toBeEmpty();
  await expect(digits.getByRole("button", { name: "Generate" })).toBeEnabled();
  await expect.poll(() => page.workers()).toHaveLength(1);

  const html = readFileSync(reportPath, "utf8");
  const path = join(dirname(reportPath), "no-workers.html");
  writeFileSync(path, html.replace("worker-src blob:", "worker-src 'none'"));
  await openFromDisk(page, path);
  await digits.getByRole("button", { name: "Generate" }).click();
  await expect(digits.getByRole("status")).toContainText("does not let the network run");
  await expect(digits.getByRole("button", { name: "Generate" })).toBeEnabled();
});
