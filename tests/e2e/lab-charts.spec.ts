import { expect, test } from "@playwright/test";
import type { EpochMetrics, StepMetrics } from "../../src/worker/protocol.ts";
import { AppPage } from "./app.ts";
import {
  CHARTS,
  chart,
  choose,
  goToCharts,
  hover,
  openFinished,
  pathOf,
  plotOf,
  stepsOf,
  TINY,
  value,
} from "./charts.ts";

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

test("a legend has its room before its values come, on any screen", { tag: "@lab" }, async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.open(`${TINY}&epochs=1`);
  await app.dropFewImages();
  const places = async () => {
    await goToCharts(page);
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
    return places;
  };
  const before = await places();
  await page.getByRole("link", { name: "Train", exact: true }).click();
  await app.trainToEnd();
  expect(await places()).toEqual(before);
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
  const linearTicks = await ticks();
  expect(Number(linearTicks[0])).toBe(0);
  // All numbers of an axis have as many decimals.
  expect(new Set(linearTicks.map((tick) => tick.split(".")[1]?.length)).size).toBe(1);
  await choose(page, "What is on the horizontal axis", "Wall time");
  await choose(page, "Scale of the horizontal axis", "Log");
  await expect(chart(page, "Loss").getByText("Wall time (s)")).toBeVisible();
  const inAddress = () => Object.fromEntries(new URL(page.url()).searchParams);
  await expect
    .poll(inAddress)
    .toMatchObject({ smoothing: "0", x: "time", xScale: "log", yScale: "linear" });

  await page.goto(page.url());
  await expect(slider).toHaveAttribute("aria-valuetext", "0, none");
  for (const [group, label] of [
    ["What is on the horizontal axis", "Wall time"],
    ["Scale of the horizontal axis", "Log"],
    ["Scale of the losses and the gradient norm", "Linear"],
  ] as const) {
    await expect(page.getByRole("radiogroup", { name: group }).getByLabel(label)).toBeChecked();
  }
});

test("the plot stands still when the horizontal axis is another", { tag: "@lab" }, async ({
  page,
}) => {
  await openFinished(page);
  const places = () => Promise.all(CHARTS.map((title) => plotOf(chart(page, title)).boundingBox()));
  const before = await places();
  for (const [label, words] of [
    ["Epoch", "Step 20, epoch 4.00"],
    ["Wall time", /Step 20, [\d.]+ (s|min)/],
  ] as const) {
    await choose(page, "What is on the horizontal axis", label);
    await expect(chart(page, "Loss").getByText(words)).toBeVisible();
    expect(await places()).toEqual(before);
  }
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
