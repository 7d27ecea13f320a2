import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import type { EpochMetrics } from "../../src/worker/protocol.ts";
import { AppPage, LAB_RUN } from "./app.ts";
import { chart, goToCharts, openFinished, pictureOf, saved, stepsOf } from "./charts.ts";

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

  const json = JSON.parse((await saved(page, "Memory", "JSON")).bytes.toString());
  expect(json.series[0].value).toEqual(steps.map(({ memoryBytes }) => memoryBytes));

  const file = await saved(page, "Loss", "PNG picture");
  expect(file.fileName).toMatch(/^tiny-.*-loss\.png$/);
  const { width, height, colours } = pictureOf(file);
  const box = await chart(page, "Loss").boundingBox();
  expect([width, height]).toEqual([
    Math.round(2 * (box?.width ?? 0)),
    Math.round(2 * (box?.height ?? 0)),
  ]);
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

test("the losses by timestep of one epoch are a card with its files and its picture", {
  tag: "@lab",
}, async ({ page }) => {
  const app = await openFinished(page);
  const epochs = await app.epochs();
  const [before, last] = epochs.slice(-2) as [EpochMetrics, EpochMetrics];
  const title = "One epoch by timestep";
  await expect(chart(page, title)).toContainText("validation, epoch 4");

  const csv = (await saved(page, title, "CSV")).bytes.toString();
  const [head, ...lines] = csv.trim().split("\r\n");
  expect(head).toBe("first_timestep,last_timestep,epoch_3,epoch_4");
  const numbers = (losses: number[]) => losses.map((loss) => (Number.isNaN(loss) ? "" : `${loss}`));
  expect(lines.map((line) => line.split(",")[2])).toEqual(numbers(before.bucketLosses));
  expect(lines.map((line) => line.split(",")[3])).toEqual(numbers(last.bucketLosses));

  const { width, colours } = pictureOf(await saved(page, title, "PNG picture"));
  expect(width).toBe(Math.round(2 * ((await chart(page, title).boundingBox())?.width ?? 0)));
  // The bars.
  expect(colours).toContain("213,94,0");
});

test("a chart's table has every epoch once", { tag: "@lab" }, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?backend=wasm");
  await app.openLabRun();
  await goToCharts(page);
  await page.getByRole("button", { name: "Save or table: Loss", exact: true }).click();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const table = page.getByRole("dialog", { name: "Loss" }).getByRole("table");
  const heads = await table.getByRole("columnheader").allTextContents();
  const rows = await table
    .locator("tbody tr")
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent)),
    );
  const validation = heads.indexOf("validation");
  expect(rows.filter((row) => row[validation] !== "").map(([step]) => step)).toEqual(
    LAB_RUN.snapshotSteps.filter((step) => step % 100 === 0 && step > 0).map(String),
  );
});
