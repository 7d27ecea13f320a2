import type { Locator } from "@playwright/test";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { metricsOf } from "../../src/engine/train/metrics.ts";
import type { EpochMetrics, StepMetrics } from "../../src/runtime/run/events.ts";
import { AppPage, LAB_RUN, openView } from "./app.ts";
import {
  CHARTS,
  chart,
  choose,
  hover,
  openCharts,
  pathOf,
  plotOf,
  QUALITY_CHARTS,
  value,
} from "./charts.ts";
import { expect, test } from "./labRun.ts";

/** These metrics are drawn as they are, and as their moving average. */
const SMOOTHED = metricsOf().filter(({ smoothedKey }) => smoothedKey !== undefined);

/** As of a run on the settings of LabPage.tellRun, 5 steps an epoch. */
function toldStep(step: number): StepMetrics {
  const told = { loss: 0.8 / Math.sqrt(step), gradNorm: 1.5, learningRate: 1e-3, stepMs: 130 };
  return { step, ...told, memoryBytes: 1e8 + step, wallTimeMs: 1e12 + 130 * step };
}

function toldEpoch(epoch: number): EpochMetrics {
  const { step, loss, wallTimeMs } = toldStep(5 * epoch);
  const bucketLosses = Array.from({ length: 10 }, (_, i) => loss / (1 + i));
  return { epoch, step, wallTimeMs, trainLoss: loss, validationLoss: 1.1 * loss, bucketLosses };
}

test("charts fill in without moving anything on any screen; before a run training is a click away", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=charts");
  await expect(chart(page, "Loss").locator("[data-curve=reference] path")).toBeVisible();
  await page.getByRole("link", { name: "Go to Train" }).click();
  await expect(new AppPage(page).train).toBeVisible();
  await openView(page, "charts");
  await expect(chart(page, "Loss")).toBeVisible();

  // A legend has its room before its values come.
  const plotPlaces = async () => {
    const places: Record<string, number> = {};
    for (const width of [1440, 1280, 1024, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const title of CHARTS) {
        const plot = chart(page, title).locator("[role=img]");
        places[`${title} at ${width}`] = await plot.evaluate((element) => {
          const card = element.closest("section") as HTMLElement;
          return element.getBoundingClientRect().top - card.getBoundingClientRect().top;
        });
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    return places;
  };
  const plotsBefore = await plotPlaces();

  await lab.tellRun({ status: "training" });
  const runId = "run-made";
  await lab.tell({ type: "steps", runId, steps: [toldStep(1)] });
  await expect(chart(page, "Loss").locator("[data-curve=loss]")).toBeVisible();
  const places = () => Promise.all(CHARTS.map((title) => chart(page, title).boundingBox()));
  const before = await places();
  const steps = Array.from({ length: 29 }, (_, i) => toldStep(i + 2));
  await lab.tell({ type: "steps", runId, steps });
  for (const epoch of [1, 2, 3, 4, 5, 6]) {
    await lab.tell({ type: "epoch", runId, epoch: toldEpoch(epoch) });
  }
  const epochs = chart(page, "Loss").locator("[data-curve=validation] circle");
  await expect(epochs).toHaveCount(6);
  // Large enough to be told from the thickest line, on which it may lie.
  const radius = Number(await epochs.first().getAttribute("r"));
  const widths = await chart(page, "Loss")
    .locator("[data-curve] path")
    .evaluateAll((paths) =>
      paths.map((path) => Number.parseFloat(getComputedStyle(path).strokeWidth)),
    );
  expect(2 * radius).toBeGreaterThan(3 * Math.max(...widths));
  for (const title of CHARTS) {
    await expect(chart(page, title).locator("[role=img]")).toHaveAttribute("aria-label", /: .* \d/);
  }
  expect(await places()).toEqual(before);
  // All of it on one screen.
  const hidden = await page.evaluate(() => {
    const main = document.querySelector("main:has(h2)") as HTMLElement;
    return main.scrollHeight - main.clientHeight;
  });
  expect(hidden).toBe(0);
  expect(await plotPlaces()).toEqual(plotsBefore);

  // Where samples were to be measured, and were not, the charts are there without a curve.
  for (const title of QUALITY_CHARTS) await expect(chart(page, title)).toHaveCount(0);
  const config = { ...presetConfig("tiny"), evaluateEvery: 1 };
  await lab.tellRun({ runId: "run-measured", config, steps, epochs: [toldEpoch(6)] });
  for (const title of QUALITY_CHARTS) {
    await expect(chart(page, title)).toBeVisible();
    await expect(chart(page, title).locator("[data-curve]")).toHaveCount(0);
  }
});

test("one cursor runs through all charts; smoothing, axes and scales change the curves and stand in the address", async ({
  lab,
}) => {
  const { page } = lab;
  await openCharts(lab);
  const { steps, epochs } = await lab.run();
  const loss = chart(page, "Loss");
  const plot = plotOf(loss);
  await hover(page, plot, 0.4);
  // The chart of Train is there as well, hidden, and React need not keep that up to date.
  const cursors = page.locator("section [data-cursor]").filter({ visible: true });
  await expect(cursors).toHaveCount(CHARTS.length);
  const pointed = Number(await plot.getAttribute("aria-valuenow"));
  expect(Math.abs(pointed - 0.4 * LAB_RUN.numSteps)).toBeLessThan(4);
  const step = steps[pointed - 1] as StepMetrics;
  await expect(loss).toContainText(`Step ${pointed}`);
  await expect(value(loss, "loss")).toHaveText(step.loss.toFixed(4));
  const norm = value(chart(page, "Gradient norm"), "gradientNorm");
  await expect(norm).toHaveText(step.gradNorm.toPrecision(3));
  await expect(value(loss, "validation")).toHaveText((epochs[1]?.validationLoss ?? 0).toFixed(4));
  await expect(page.getByText("validation, epoch 2")).toBeVisible();
  await page.mouse.move(5, 5);
  await expect(cursors).toHaveCount(0);
  await expect(loss).toContainText("Step 600");

  // The plots stand still when the horizontal axis is another.
  const places = () => Promise.all(CHARTS.map((title) => plotOf(chart(page, title)).boundingBox()));
  const before = await places();
  for (const [label, words] of [
    ["Epoch", "Step 600, epoch 6.00"],
    ["Wall time", /Step 600, [\d.]+ (s|min)/],
  ] as const) {
    await choose(page, "Quantity on the horizontal axis", label);
    await expect(loss.getByText(words)).toBeVisible();
    expect(await places()).toEqual(before);
  }

  const curve = (key = "") => page.locator(`[data-curve=${key}] path`).filter({ visible: true });
  const averages = await Promise.all(SMOOTHED.map(({ smoothedKey }) => pathOf(curve(smoothedKey))));
  expect(averages.length).toBeGreaterThan(3);
  const slider = page.getByRole("slider", { name: "Smoothing" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(slider).toHaveAttribute("aria-valuenow", "0");
  // Without smoothing both are one curve in each chart. The average of how long steps take leaves out the first.
  await hover(page, plot, 0.4);
  const read = (card: Locator, key = "") => value(card, key).textContent();
  for (const [i, { key, smoothedKey, isTimed }] of SMOOTHED.entries()) {
    await expect(curve(smoothedKey), key).not.toHaveAttribute("d", averages[i] as string);
    if (!isTimed)
      await expect(curve(smoothedKey), key).toHaveAttribute("d", await pathOf(curve(key)));
    const card = page.locator("section").filter({ has: curve(smoothedKey) });
    expect(await read(card, smoothedKey), key).toBe(await read(card, key));
  }

  const ticks = () => loss.locator(".recharts-yAxis-tick-labels text").allTextContents();
  const logTicks = await ticks();
  await choose(page, "Scale of the losses and the gradient norm", "Linear");
  await expect.poll(ticks).not.toEqual(logTicks);
  const linearTicks = await ticks();
  expect(Number(linearTicks[0])).toBe(0);
  // All numbers of an axis have as many decimals.
  expect(new Set(linearTicks.map((tick) => tick.split(".")[1]?.length)).size).toBe(1);
  await choose(page, "Scale of the horizontal axis", "Log");
  await expect(loss.getByText("Wall time (s)")).toBeVisible();
  const inAddress = () => Object.fromEntries(new URL(page.url()).searchParams);
  await expect
    .poll(inAddress)
    .toMatchObject({ smoothing: "0", x: "time", xScale: "log", yScale: "linear" });

  await page.reload();
  await expect(slider).toHaveAttribute("aria-valuenow", "0");
  for (const [group, label] of [
    ["Quantity on the horizontal axis", "Wall time"],
    ["Scale of the horizontal axis", "Log"],
    ["Scale of the losses and the gradient norm", "Linear"],
  ] as const) {
    await expect(page.getByRole("radiogroup", { name: group }).getByLabel(label)).toBeChecked();
  }
});
