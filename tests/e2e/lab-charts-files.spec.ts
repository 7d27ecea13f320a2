import { readFileSync } from "node:fs";
import type { EpochMetrics } from "../../src/runtime/run/events.ts";
import { chart, openCharts, pictureOf, saved } from "./charts.ts";
import { expect, test } from "./labRun.ts";

test("files of a chart have the worker's own numbers, its picture is twice as large", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  await openCharts(lab);
  const { steps, epochs } = await lab.run();

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
  expect(file.fileName).toBe("lab-run-loss.png");
  const { width, height, colors } = pictureOf(file);
  const box = await chart(page, "Loss").boundingBox();
  expect([width, height]).toEqual([
    Math.round(2 * (box?.width ?? 0)),
    Math.round(2 * (box?.height ?? 0)),
  ]);
  // The curves of training and of validation, on the page's ground.
  for (const color of ["0,114,178", "213,94,0", "255,255,255"]) expect(colors).toContain(color);

  const tables = ["steps", "epochs"].map((name) =>
    page.waitForEvent("download", (d) => d.suggestedFilename().endsWith(`-${name}.csv`)),
  );
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("dialog", { name: "Export" }).getByRole("button", { name: /^CSV/ }).click();
  // The second comes after a while: it is not to be taken for the next download.
  const [ofSteps] = await Promise.all(tables);
  const all = readFileSync((await ofSteps?.path()) ?? "", "utf8")
    .trim()
    .split("\r\n");
  expect(all[0]).toBe("step,wall_time_ms,loss,gradient_norm,learning_rate,step_ms,memory_bytes");
  expect(all.length - 1).toBe(steps.length);

  // The losses by timestep of one epoch are a card with its files and its picture.
  const [before, last] = epochs.slice(-2) as [EpochMetrics, EpochMetrics];
  const title = "Latest validation, by timestep";
  await expect(chart(page, title)).toContainText("validation, epoch 6");
  const buckets = (await saved(page, title, "CSV")).bytes.toString().trim().split("\r\n");
  expect(buckets[0]).toBe("first_timestep,last_timestep,epoch_5,epoch_6");
  const rows = buckets.slice(1).map((line) => line.split(",").map(Number));
  expect(rows.map((row) => row[2])).toEqual(before.bucketLosses);
  expect(rows.map((row) => row[3])).toEqual(last.bucketLosses);
  const picture = pictureOf(await saved(page, title, "PNG picture"));
  expect(picture.width).toBe(
    Math.round(2 * ((await chart(page, title).boundingBox())?.width ?? 0)),
  );
  // The bars.
  expect(picture.colors).toContain("213,94,0");
});
