import { presetConfig } from "../../src/engine/config/presets.ts";
import { madeEvolution } from "../madeEvolution.ts";
import { AppPage, openView } from "./app.ts";
import { chart } from "./charts.ts";
import { expect, test } from "./labRun.ts";

const CLASSES = Array.from({ length: 10 }, (_, label) => `${label}`);

test("a run with classes has previews with a row for each, beside its name, and a curve of its loss", async ({
  lab,
}) => {
  const { page } = lab;
  const made = madeEvolution({ numSnapshots: 7, count: 100, numFrames: 2, stepsPerEpoch: 200 });
  const { steps, snapshots } = made;
  const epochs = made.epochs.map((epoch) => ({
    ...epoch,
    classLosses: CLASSES.map((_, i) => (epoch.trainLoss * (i + 1)) / 10),
  }));
  await lab.goToAddress("view=evolution");
  await lab.tellRun({ config: { ...presetConfig("tiny"), classes: 10 }, steps, epochs });
  await lab.tellSnapshots(snapshots.slice(-2));
  const names = page.locator("[data-row-names]:visible > span");
  await expect(names).toHaveText(CLASSES);
  await page.getByRole("radio", { name: "Sample 38, class 3" }).check();
  await expect(page.getByRole("heading", { name: /^Sample 38, class 3/ })).toBeVisible();
  const placeOf = (name: string) => page.getByRole("radio", { name }).boundingBox();
  const [first, third] = [await placeOf("Sample 31, class 3"), await names.nth(3).boundingBox()];
  expect(
    Math.abs(
      (first?.y ?? 0) + (first?.height ?? 0) / 2 - (third?.y ?? 1e9) - (third?.height ?? 0) / 2,
    ),
  ).toBeLessThan(3);
  expect((await placeOf("Sample 1, class 0"))?.x).toBe(first?.x);

  await openView(page, "train");
  await expect(names).toHaveText(CLASSES);

  await openView(page, "charts");
  const curves = chart(page, "Validation loss by class").locator("[data-names] text");
  await expect(curves).toHaveText(CLASSES);
});

test("a run of other images than digits has the names of its classes in Evolution, Train and Charts", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const made = madeEvolution({ numSnapshots: 3, count: 20, numFrames: 2, stepsPerEpoch: 50 });
  const { steps, snapshots } = made;
  const epochs = made.epochs.map((epoch) => ({ ...epoch, classLosses: [0.2, 0.1] }));
  const classNames = ["cat", "a very long-haired dog"];
  const dataset = { id: "files", name: "Pets", classNames };
  const hasNoDigit = () =>
    expect(page.getByRole("main")).not.toContainText(/digit/i, { useInnerText: true });
  await lab.goToAddress("view=evolution");
  await lab.tellRun({ config: { ...presetConfig("tiny"), classes: 2 }, dataset, steps, epochs });
  await lab.tellSnapshots(snapshots);
  await page.getByRole("radio", { name: "Sample 12, class a very long-haired dog" }).check();
  await expect(page.getByRole("img", { name: /^Images after/ })).toBeVisible();
  await hasNoDigit();

  await openView(page, "train");
  await expect(page.getByRole("heading", { name: "Images", exact: true })).toBeVisible();
  await expect(page.getByText("cat", { exact: true }).filter({ visible: true })).toBeVisible();

  await openView(page, "charts");
  const curves = chart(page, "Validation loss by class").locator("[data-names] text");
  await expect(curves).toHaveText(["cat", "a very long-haired…"]);
  await hasNoDigit();
});

test("fewer classes than the labels tell apart keep Train from beginning, until a click sets as many", async ({
  lab,
}) => {
  const { page } = lab;
  const train = new AppPage(page).train;
  await lab.goToAddress("preset=tiny&classes=9");
  await page.getByRole("button", { name: "Set it to 10" }).click();
  await expect(page).toHaveURL(/classes=10/);
  await expect(train).toBeEnabled();
});
