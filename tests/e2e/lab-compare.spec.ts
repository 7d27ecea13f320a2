import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { AppPage, LAB_RUN } from "./app.ts";
import { chart, saved } from "./charts.ts";

const QUERY = "?backend=wasm&preset=tiny&epochs=2&previewTimesteps=5&seed=5";

test("a stored run and a live one stand side by side, with what differs between them", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await app.dropFewImages();
  await page.getByRole("textbox", { name: "Seed" }).first().fill("5");
  await app.trainToEnd();
  await goToCompare(page);

  const table = page.getByRole("region", { name: "Differences" }).getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveCount(3);
  const [, first = "", second = ""] = await table.getByRole("columnheader").allTextContents();
  expect([first, second].map((name) => name.trim()[0])).toEqual(["A", "B"]);
  const lab = first.includes("Lab run") ? 0 : 1;
  const letter = "AB"[lab];
  const valuesOf = (name: string) =>
    table
      .getByRole("row", { name: new RegExp(`^${name}`) })
      .getByRole("cell")
      .allTextContents();
  expect((await valuesOf("Seed"))[lab]).toBe("0");
  expect((await valuesOf("Seed"))[1 - lab]).toBe("5");
  // Those that are the same are left out.
  await expect(table.getByRole("rowheader", { name: "Noise schedule" })).toHaveCount(0);
  expect((await valuesOf("Whole epochs"))[lab]).toBe("6");

  const curves = page.getByRole("img", {
    name: new RegExp(`^Loss: .*${letter} Lab run, training, smoothed`),
  });
  await expect(curves).toHaveCount(1);
  await expect(
    page.getByRole("img", { name: `Digits of ${letter} Lab run after 600 steps` }),
  ).toBeVisible();
});

test("the slider goes through the training of all runs; the choice is in the address", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await goToCompare(page);
  const digits = page.getByRole("img", { name: /^Digits of A Lab run/ });
  await expect(digits).toHaveAccessibleName("Digits of A Lab run after 600 steps");
  const pictureBefore = await digits.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.getByRole("slider", { name: "Training step" }).focus();
  await page.keyboard.press("Home");
  await expect(digits).toHaveAccessibleName("Digits of A Lab run after 0 steps");
  await page.keyboard.press("ArrowRight");
  await expect(digits).toHaveAccessibleName("Digits of A Lab run after 50 steps");
  expect(await digits.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())).not.toBe(
    pictureBefore,
  );

  await page.keyboard.press("End");
  await expect(digits).toHaveAccessibleName("Digits of A Lab run after 600 steps");
  const picture = () => digits.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  expect(await picture()).toBe(pictureBefore);
  await page.getByRole("slider", { name: "Denoising" }).focus();
  await page.keyboard.press("Home");
  await expect.poll(picture).not.toBe(pictureBefore);
  await page.keyboard.press("End");
  await expect.poll(picture).toBe(pictureBefore);

  const box = page.getByRole("checkbox", { name: "Lab run" });
  await box.uncheck();
  await expect(page.getByRole("region", { name: "Differences" })).toHaveCount(0);
  await box.check();
  await expect(page.getByRole("region", { name: "Differences" })).toBeVisible();
  await expect(page).toHaveURL(/view=compare/);
  await page.reload();
  await expect(page.getByRole("checkbox", { name: "Lab run" })).toBeChecked();
  await expect(page.getByRole("img", { name: /^Digits of A Lab run/ })).toBeVisible();
});

test("pointing at the loss moves the digits of all runs", { tag: "@lab" }, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await goToCompare(page);
  const chart = page.getByRole("img", { name: /^Loss: / });
  const box = await chart.boundingBox();
  if (!box) throw new Error("The chart is not on the page.");
  await page.mouse.move(box.x + 0.55 * box.width, box.y + box.height / 2);
  const digits = page.getByRole("img", { name: /^Digits of A Lab run/ });
  await expect(digits).toHaveAccessibleName(/after (200|300) steps/);
  await page.mouse.move(5, 5);
  await expect(digits).toHaveAccessibleName("Digits of A Lab run after 600 steps");
});

test("a chart of the comparison is a CSV file with the numbers of the run", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(QUERY);
  await app.openLabRun();
  await page.getByRole("link", { name: "Compare" }).click();
  await page
    .getByRole("radiogroup", { name: "What is compared" })
    .getByText("Learning rate")
    .click();
  await page.getByRole("button", { name: "Save or table: Learning rate" }).click();
  const download = page.waitForEvent("download");
  await page.getByText("CSV", { exact: true }).click();
  const csv = readFileSync(await (await download).path(), "utf8")
    .trim()
    .split("\n");
  expect(csv).toHaveLength(1 + 600);
  expect(Number(csv.at(-1)?.split(",").at(-1))).toBeCloseTo(0.006, 9);
});

test("the losses by timestep of two runs lie in one chart, after the epoch under the cursor", {
  tag: "@lab",
}, async ({ page }) => {
  await compareTwoRuns(new AppPage(page));
  await page
    .getByRole("radiogroup", { name: "What is compared" })
    .getByText("Loss by timestep")
    .click();
  await expect(page).toHaveURL(/figure=timestepLoss/);
  const title = "Validation loss by timestep";
  await expect(chart(page, title).locator("[data-curve]")).toHaveCount(2);
  const picture = page.getByRole("img", { name: new RegExp(`^${title}:`) });
  await expect(picture).toHaveAccessibleName(/A Lab run.*, epoch 6, B Lab run.*, epoch 6$/);
  const csv = (await saved(page, title, "CSV")).bytes.toString().trim().split("\r\n");
  expect(csv).toHaveLength(1 + 10);
  const [first, last, a, b] = csv.at(-1)?.split(",").map(Number) ?? [];
  expect([first, last]).toEqual([900, 999]);
  expect(a).toBeGreaterThan(0);
  expect(b).toBe(a);

  await page.getByRole("slider", { name: "Training step" }).press("Home");
  await expect(picture).toHaveAccessibleName(/A Lab run.*, epoch 1, B/);
  await page.getByRole("button", { name: `Save or table: ${title}` }).click();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const table = page.getByRole("dialog", { name: title }).getByRole("table");
  await expect(table.getByRole("row")).toHaveCount(1 + 10);
  await expect(table.getByRole("rowheader").last()).toHaveText("900–999");
});

test("on a screen of medium width what differs is shown whole, and the page does not scroll", {
  tag: "@lab",
}, async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await compareTwoRuns(new AppPage(page));
  const differences = page.getByRole("region", { name: "Differences" });
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
});

test("two runs of one name have letters, and what is compared comes back from the address", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await compareTwoRuns(app);
  for (const letter of ["A", "B"]) {
    await expect(page.getByRole("checkbox", { name: `${letter} Lab run` })).toBeChecked();
    await expect(page.getByRole("columnheader", { name: `${letter} Lab run` })).toBeVisible();
    await expect(page.getByRole("img", { name: `Digits of ${letter} Lab run` })).toBeVisible();
  }
  const figures = page.getByRole("radiogroup", { name: "What is compared" });
  await figures.getByText("Memory").click();
  await page
    .getByRole("radiogroup", { name: "What is on the horizontal axis" })
    .getByText("Wall time")
    .click();
  await page.getByRole("slider", { name: "Smoothing" }).press("Home");
  await page.getByRole("checkbox", { name: "A Lab run" }).uncheck();
  await expect(page).toHaveURL(/figure=memoryBytes/);
  await expect(page).toHaveURL(/smoothing=0/);
  await page.reload();
  await expect(figures.getByLabel("Memory")).toBeChecked();
  await expect(page.getByRole("img", { name: /^Memory: A Lab run .* MiB/ })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "A Lab run" })).toHaveCount(1);
  await expect(page.getByText("Wall time (s)")).toBeVisible();
});

async function compareTwoRuns(app: AppPage) {
  const { page } = app;
  await app.open(QUERY);
  await app.openLabRun();
  await app.dropFiles([{ name: "again.safetensors", bytes: readFileSync(LAB_RUN.path) }]);
  const list = page.getByRole("dialog", { name: "Runs" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await goToCompare(page);
}

async function goToCompare(page: Page) {
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByRole("region", { name: "Differences" })).toBeVisible();
}
