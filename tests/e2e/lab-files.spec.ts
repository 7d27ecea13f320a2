import { decode } from "fast-png";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { readTfevents } from "../unit/engine/formats/tfeventsReading.ts";
import { LAB_RUN, openRuns, openView } from "./app.ts";
import { exported } from "./exported.ts";
import { expect, test } from "./labRun.ts";

test("a run's event file has right checksums, and the same losses as its CSV and JSON", async ({
  lab,
}) => {
  await lab.openRun("preset=quick");
  const run = (await openRuns(lab.page)).getByRole("listitem", { name: LAB_RUN.name });

  const [json] = await exported(run, /^JSON/);
  const history = JSON.parse(String(json?.bytes));
  const losses: [number, number][] = history.steps.map(
    ({ step, loss }: { step: number; loss: number }) => [step, loss],
  );
  expect(losses).toHaveLength(LAB_RUN.numSteps);

  const csv = await exported(run, /^CSV/, 2);
  const steps = csv.find(({ fileName }) => fileName.endsWith("-steps.csv"));
  const [head, ...rows] = String(steps?.bytes)
    .trim()
    .split("\r\n")
    .map((row) => row.split(","));
  const lossColumn = head?.indexOf("loss") ?? -1;
  expect(rows.map((row) => [Number(row[0]), Number(row[lossColumn])])).toEqual(losses);

  const [events] = await exported(run, /^TensorBoard/);
  // Throws where one of the checksums is wrong.
  const read = readTfevents(events?.bytes ?? new Uint8Array());
  const values = (tag: string) =>
    read.flatMap(({ step, summary }) =>
      (summary?.value ?? []).filter((value) => value.tag === tag).map((value) => ({ step, value })),
    );
  expect(values("loss/step").map(({ step, value }) => [step, value.simpleValue])).toEqual(
    losses.map(([step, loss]) => [step, Math.fround(loss)]),
  );
  expect(values("loss/validation")).toHaveLength(LAB_RUN.numEpochs);
  const pictures = values("samples");
  expect(pictures.map(({ step }) => step)).toEqual(LAB_RUN.snapshotSteps);
  for (const { value } of pictures) {
    const { image } = value;
    const { width, height } = decode(image?.encodedImageString ?? new Uint8Array());
    expect([width, height]).toEqual([image?.width, image?.height]);
    // Sixteen digits, four by four.
    expect([width, height]).toEqual([4 * 28 + 3 * 2, 4 * 28 + 3 * 2]);
  }
});

test("where PyTorch's package lacks something that a notebook needs the menu says what", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("");
  await lab.tellRun({ config: { ...presetConfig("tiny"), optimizer: "muon" } });
  await openView(page, "charts");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const item = page.getByRole("button", { name: /^Jupyter notebook/ }).filter({ visible: true });
  await expect(item).toBeDisabled();
  await expect(item).toContainText("a notebook cannot train with the optimizer Muon");
});
