import { expect, test } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { chart, goToCharts, plotOf, QUALITY_CHARTS, TINY, value } from "./charts.ts";

const MEASURED = `${TINY}&dim=4&epochs=2&evaluateEvery=1&samplingTimesteps=2`;

test("samples are measured after each epoch, and what comes of it is drawn, told and kept", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages(MEASURED);
  await app.trainToEnd();
  await goToCharts(page);
  const [quality, distance] = QUALITY_CHARTS.map((title) => chart(page, title)) as [
    ReturnType<typeof chart>,
    ReturnType<typeof chart>,
  ];
  await expect(quality.locator("[data-curve=meanConfidence] circle")).toHaveCount(2);
  await expect(quality.locator("[data-curve=shareConfident] circle")).toHaveCount(2);
  await expect(quality.locator("[data-curve=classSpread] circle")).toHaveCount(2);
  await expect(distance.locator("[data-curve=frechetDistance] circle")).toHaveCount(2);

  // The worker's own figures, at the cursor.
  const epochs = await app.epochs();
  const confidences = epochs.map((epoch) => epoch.quality?.meanConfidence ?? Number.NaN);
  expect(epochs[0]?.quality?.count).toBe(256);
  await expect(value(quality, "meanConfidence")).toHaveText((confidences[1] as number).toFixed(3));
  const slider = plotOf(quality);
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(value(quality, "meanConfidence")).toHaveText((confidences[0] as number).toFixed(3));
  await expect(value(chart(page, "Loss"), "validation")).not.toHaveText("–");

  // Of the stored run, as it was.
  await page.reload();
  await expect(quality.locator("[data-curve=meanConfidence] circle")).toHaveCount(2);
  await openView(page, "compare");
  await page.getByRole("radiogroup", { name: "What is compared" }).getByText("Quality").click();
  await expect(chart(page, "Quality").locator("[data-curve] circle").first()).toBeVisible();
});
