import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { decode } from "fast-png";
import type { EpochMetrics, StepMetrics } from "../../src/worker/protocol.ts";
import { AppPage } from "./app.ts";

const TINY = "?backend=wasm&preset=tiny&previewEvery=0";
type Box = { x: number; y: number; width: number; height: number };

const CHARTS = [
  "Loss",
  "Validation loss by timestep",
  "Gradient norm",
  "Learning rate",
  "Milliseconds a step",
  "Images a second",
  "Tensor memory",
];

test("charts of a live run fill in without moving anything, and are told in words", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(`${TINY}&epochs=6`);
  await app.dropFewImages();
  await app.button("Train").click();
  await goToCharts(page);
  await app.waitForSteps(1);
  await expect(chart(page, "Loss").locator("[data-curve=loss]")).toBeVisible();
  const places = () => Promise.all(CHARTS.map((title) => chart(page, title).boundingBox()));
  const before = await places();
  await app.waitForSteps(30);
  for (const title of CHARTS) {
    await expect(chart(page, title).locator("[role=img]")).toHaveAttribute("aria-label", /: .* \d/);
  }
  await expect(chart(page, "Loss").locator("[data-curve=validation] circle")).toHaveCount(6);
  expect(await places()).toEqual(before);
  // All of it on one screen.
  expect(
    await page.evaluate(() => {
      const main = document.querySelector("main:has(h2)") as HTMLElement;
      return main.scrollHeight - main.clientHeight;
    }),
  ).toBe(0);
});

test("smoothing and scales change the curves, stand in the address and come back from it", {
  tag: "@lab",
}, async ({ page }) => {
  await openFinished(page);
  const smoothed = chart(page, "Loss").locator("[data-curve=smoothed] path");
  const before = await pathOf(smoothed);
  const slider = page.getByRole("slider", { name: "Smoothing" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(slider).toHaveAttribute("aria-valuetext", "0, none");
  await expect(smoothed).not.toHaveAttribute("d", before);
  // Without smoothing both are one curve.
  const each = await pathOf(chart(page, "Loss").locator("[data-curve=loss] path"));
  expect(await pathOf(smoothed)).toBe(each);

  const ticks = () =>
    chart(page, "Loss").locator(".recharts-yAxis-tick-labels text").allTextContents();
  const logTicks = await ticks();
  await choose(page, "Scale of the losses and the gradient norm", "Linear");
  await expect.poll(ticks).not.toEqual(logTicks);
  expect((await ticks())[0]).toBe("0");
  await choose(page, "What is on the x axis", "Time");
  await choose(page, "Scale of the x axis", "Log");
  await expect(chart(page, "Loss").getByText("time, s")).toBeVisible();
  const inAddress = () => Object.fromEntries(new URL(page.url()).searchParams);
  await expect
    .poll(inAddress)
    .toMatchObject({ smoothing: "0", x: "time", xScale: "log", yScale: "linear" });

  await page.goto(page.url());
  await expect(slider).toHaveAttribute("aria-valuetext", "0, none");
  for (const [group, label] of [
    ["What is on the x axis", "Time"],
    ["Scale of the x axis", "Log"],
    ["Scale of the losses and the gradient norm", "Linear"],
  ] as const) {
    await expect(page.getByRole("radiogroup", { name: group }).getByLabel(label)).toBeChecked();
  }
});

test("a drag zooms all charts, and what can be seen is told in the address", {
  tag: "@lab",
}, async ({ page }) => {
  await openFinished(page);
  const [loss, norm] = [chart(page, "Loss"), chart(page, "Gradient norm")];
  const before = await pathOf(norm.locator("[data-curve=gradientNorm] path"));
  const reset = page.getByRole("button", { name: "Reset zoom" });
  await expect(reset).toBeDisabled();
  await drag(page, plotOf(loss), 0.25, 0.75);
  await expect(reset).toBeEnabled();
  await expect(norm.locator("[data-curve=gradientNorm] path")).not.toHaveAttribute("d", before);
  await expect.poll(() => zoomOf(page)).toEqual([5, 15]);
  const ticks = await loss.locator(".recharts-xAxis-tick-labels text").allTextContents();
  expect(
    ticks
      .slice(0, -1)
      .map(Number)
      .every((tick) => tick >= 5 && tick <= 15),
  ).toBe(true);

  await reset.click();
  await expect(norm.locator("[data-curve=gradientNorm] path")).toHaveAttribute("d", before);
  await drag(page, plotOf(norm), 0.9, 0.4);
  await expect.poll(() => zoomOf(page)).toEqual([8, 18]);
  await plotOf(loss).dblclick();
  await expect(reset).toBeDisabled();
  await expect.poll(() => new URL(page.url()).searchParams.get("zoom")).toBeNull();
});

test("one cursor runs through all charts with the values at its step", { tag: "@lab" }, async ({
  page,
}) => {
  const app = await openFinished(page);
  const plot = plotOf(chart(page, "Loss"));
  await hover(page, plot, 0.5);
  await expect(page.locator("section [data-cursor]")).toHaveCount(CHARTS.length);
  const step = (await stepsOf(app)).find(({ step }) => step === 10) as StepMetrics;
  await expect(chart(page, "Loss")).toContainText("Step 10");
  await expect(value(chart(page, "Loss"), "loss")).toHaveText(step.loss.toFixed(4));
  await expect(value(chart(page, "Gradient norm"), "gradientNorm")).toHaveText(
    step.gradNorm.toPrecision(3),
  );
  const [, second] = (await app.epochs()) as [unknown, EpochMetrics];
  await expect(value(chart(page, "Loss"), "validation")).toHaveText(
    second.validationLoss.toFixed(4),
  );
  await expect(page.getByText("validation, epoch 2")).toBeVisible();

  await page.mouse.move(5, 5);
  await expect(page.locator("section [data-cursor]")).toHaveCount(0);
  await expect(chart(page, "Loss")).toContainText("Step 20");
});

test("files of a chart have the worker's own numbers, its picture is twice as large", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openFinished(page);
  const steps = await stepsOf(app);
  const epochs = await app.epochs();

  const csv = (await saved(page, "Loss", "CSV")).bytes.toString();
  const [head, ...lines] = csv
    .trim()
    .split("\r\n")
    .map((line) => line.split(","));
  expect(head).toEqual(["step", "loss", "smoothed", "train", "validation"]);
  expect(lines.map(([step, loss]) => [Number(step), Number(loss)])).toEqual(
    steps.map(({ step, loss }) => [step, loss]),
  );
  const told = lines.filter(([, , , , validation]) => validation !== "");
  expect(
    told.map(([step, , , train, validation]) => [Number(step), Number(train), Number(validation)]),
  ).toEqual(epochs.map(({ step, trainLoss, validationLoss }) => [step, trainLoss, validationLoss]));

  const json = JSON.parse((await saved(page, "Tensor memory", "JSON")).bytes.toString());
  expect(json.series[0].value).toEqual(
    steps.map(({ memoryBytes }) => (memoryBytes as number) / 1e6),
  );

  const file = await saved(page, "Loss", "PNG picture");
  expect(file.fileName).toMatch(/^tiny-.*-loss\.png$/);
  const { width, height, data, channels } = decode(file.bytes);
  const box = await chart(page, "Loss").boundingBox();
  expect([width, height]).toEqual([
    Math.round(2 * (box?.width ?? 0)),
    Math.round(2 * (box?.height ?? 0)),
  ]);
  const colours = new Set<string>();
  for (let i = 0; i < data.length; i += channels) colours.add(data.slice(i, i + 3).join());
  // The curves of training and of validation, on the page's ground.
  for (const colour of ["0,114,178", "213,94,0", "255,255,255"]) expect(colours).toContain(colour);

  const whole = page.waitForEvent("download", (d) => /-steps\.csv$/.test(d.suggestedFilename()));
  await page.locator("main:visible").getByRole("button", { name: "Export…" }).click();
  await page
    .locator("main:visible")
    .getByRole("button", { name: /CSV/ })
    .filter({ hasText: "Two tables" })
    .click();
  const all = readFileSync(await (await whole).path(), "utf8")
    .trim()
    .split("\r\n");
  expect(all[0]).toBe("step,wall_time_ms,loss,gradient_norm,learning_rate,step_ms,memory_bytes");
  expect(all.length - 1).toBe(steps.length);
});

test("charts are read, zoomed and listed with the keyboard alone", { tag: "@lab" }, async ({
  page,
}) => {
  const app = await openFinished(page);
  const losses = (await stepsOf(app)).map(({ loss }) => loss.toFixed(4));
  const menu = page.getByRole("button", { name: "Save or list: Loss", exact: true });
  await menu.focus();
  await page.keyboard.press("Tab");
  const plot = plotOf(chart(page, "Loss"));
  await expect(plot).toBeFocused();
  await page.keyboard.press("Home");
  await expect(plot).toHaveAttribute(
    "aria-valuetext",
    `Step 1: each step ${losses[0]}, smoothed ${losses[0]}`,
  );
  await page.keyboard.press("ArrowRight");
  await expect(plot).toHaveAttribute(
    "aria-valuetext",
    new RegExp(`^Step 2: each step ${losses[1]}`),
  );
  await page.keyboard.press("End");
  await expect(plot).toHaveAttribute("aria-valuenow", "20");
  await page.keyboard.press("+");
  await expect.poll(() => zoomOf(page)).toEqual([10, 20]);
  await page.keyboard.press("Home");
  await expect(plot).toHaveAttribute("aria-valuenow", "10");
  await page.keyboard.press("-");
  await expect.poll(() => zoomOf(page)).toBeNull();
  await page.keyboard.press("+");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Reset zoom" })).toBeDisabled();

  await page.keyboard.press("Shift+Tab");
  await expect(menu).toBeFocused();
  await page.keyboard.press("Enter");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const table = page.getByRole("dialog", { name: "Loss" });
  await expect(table.getByRole("row")).toHaveCount(21);
  await expect(table.getByRole("row", { name: `3 ${losses[2]}` })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(table).toHaveCount(0);
});

test.describe("on a telephone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("the charts stand one below the other, and a finger zooms", { tag: "@lab" }, async ({
    page,
  }) => {
    await openFinished(page);
    let lastBottom = 0;
    for (const title of CHARTS) {
      const box = (await chart(page, title).boundingBox()) as Box;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(390);
      expect(box.y).toBeGreaterThan(lastBottom);
      lastBottom = box.y + box.height;
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

    const plot = plotOf(chart(page, "Loss"));
    await plot.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await plot.boundingBox()) as Box;
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", place?: number) =>
      devtools.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: place === undefined ? [] : [{ x: x + place * width, y: y + height / 2 }],
      });
    await touch("touchStart", 0.25);
    for (const place of [0.3, 0.4, 0.5, 0.6, 0.75]) await touch("touchMove", place);
    await touch("touchEnd");
    await expect.poll(() => zoomOf(page)).toEqual([5, 15]);
  });
});

test("before a run the assignment's curve is explained, and training is a click away", {
  tag: "@lab",
}, async ({ page }) => {
  await page.goto("./?view=charts");
  await expect(chart(page, "Loss").locator("[data-curve=reference] path")).toBeVisible();
  await expect(page.getByText(/validation loss of the course assignment/).last()).toBeVisible();
  await page.getByRole("link", { name: "Go to Train" }).click();
  await expect(new AppPage(page).button("Train")).toBeVisible();
  await page.getByRole("link", { name: "All charts" }).click();
  await expect(chart(page, "Loss")).toBeVisible();
});

/** Trains four epochs of five steps, and shows their charts. */
async function openFinished(page: Page): Promise<AppPage> {
  const app = new AppPage(page);
  await app.open(`${TINY}&epochs=4`);
  await app.dropFewImages();
  await app.trainToEnd();
  await goToCharts(page);
  await expect(chart(page, "Loss").locator("[data-curve=validation] circle")).toHaveCount(4);
  return app;
}

async function goToCharts(page: Page) {
  await page.getByRole("link", { name: "Charts", exact: true }).click();
}

function chart(page: Page, title: string): Locator {
  return page.locator("section", {
    has: page.getByRole("heading", { name: title, level: 3, exact: true }),
  });
}

function plotOf(card: Locator): Locator {
  return card.getByRole("slider");
}

/** Of a series at the cursor. */
function value(card: Locator, key: string): Locator {
  return card.locator(`[data-entry=${key}] b`);
}

async function choose(page: Page, group: string, label: string) {
  await page.getByRole("radiogroup", { name: group }).getByText(label, { exact: true }).click();
}

async function pathOf(path: Locator): Promise<string> {
  return (await path.getAttribute("d")) ?? "";
}

async function stepsOf(app: AppPage): Promise<StepMetrics[]> {
  const events = await app.page.evaluate(() => window.recordedEvents);
  return events.flatMap((event) => (event.type === "steps" ? event.steps : []));
}

/** Steps, rounded; null for all. */
function zoomOf(page: Page): number[] | null {
  const zoom = new URL(page.url()).searchParams.get("zoom");
  return zoom?.split("-").map((end) => Math.round(Number(end))) ?? null;
}

async function hover(page: Page, plot: Locator, place: number) {
  const box = await plot.boundingBox();
  if (!box) throw new Error("The plot is not on the page.");
  await page.mouse.move(box.x + place * box.width, box.y + box.height / 2);
}

async function drag(page: Page, plot: Locator, from: number, to: number) {
  await hover(page, plot, from);
  await page.mouse.down();
  await hover(page, plot, (from + to) / 2);
  await hover(page, plot, to);
  await page.mouse.up();
}

async function saved(page: Page, title: string, item: string) {
  await page.getByRole("button", { name: `Save or list: ${title}`, exact: true }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: item, exact: true }).click();
  const file = await download;
  return { fileName: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
