import { chart, openCharts, pictureOf, saved } from "./charts.ts";
import { expect, test } from "./labRun.ts";

test("files of a chart have the worker's own numbers, its picture is twice as large", {
  tag: "@long",
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

  // The losses by timestep of one epoch are bars, in a card with a picture of them.
  const title = "Latest validation, by timestep";
  await expect(chart(page, title)).toContainText("validation, epoch 6");
  const picture = pictureOf(await saved(page, title, "PNG picture"));
  expect(picture.width).toBe(
    Math.round(2 * ((await chart(page, title).boundingBox())?.width ?? 0)),
  );
  expect(picture.colors).toContain("213,94,0");
});
