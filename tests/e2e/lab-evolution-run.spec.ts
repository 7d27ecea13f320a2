import { madeEvolution } from "../madeEvolution.ts";
import { AppPage, openRuns, openView } from "./app.ts";
import {
  chooseFilm,
  evolutionOf,
  goToEvolution,
  NEWEST,
  now,
  openEvolution,
  saved,
} from "./evolution.ts";
import { expect, test } from "./labRun.ts";

test("before any snapshot the view leads to training; of a run that trains the newest is followed, unless one went back", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("view=evolution");
  const toTrain = page.getByRole("link", { name: "Go to Train" });
  await toTrain.click();
  await expect(lab.train).toBeVisible();
  await expect(page).not.toHaveURL(/view=/);
  await openView(page, "evolution");
  await expect(toTrain).toBeVisible();

  await lab.tellRun({ status: "training" });
  await expect(page.getByText("The first digits are on their way.")).toBeVisible();
  await expect(toTrain).toHaveCount(0);

  const size = { numSnapshots: 7, count: 16, numFrames: 6, stepsPerEpoch: 5 };
  const { snapshots } = madeEvolution(size);
  await lab.tellSnapshots(snapshots.slice(0, 2));
  const { training, digits } = evolutionOf(page);
  await expect(training).toHaveAttribute("aria-valuemax", "1");
  await lab.tellSnapshots(snapshots.slice(2, 4));
  await expect(training).toHaveAttribute("aria-valuemax", "3");
  expect(await now(training)).toBe(3);

  await page.keyboard.press("Home");
  await expect(digits).toHaveAttribute("aria-label", /^Digits at the start of training/);
  await lab.tellSnapshots(snapshots.slice(4, 6));
  await expect(training).toHaveAttribute("aria-valuemax", "5");
  expect(await now(training)).toBe(0);
  await page.keyboard.press("End");
  await lab.tellSnapshots(snapshots.slice(6));
  await expect(training).toHaveAttribute("aria-valuenow", "6");
});

test("the address has the place, and leads there after a reload; another run is followed wherever one was", async ({
  lab,
}) => {
  const { page } = lab;
  const { training, denoising } = await openEvolution(lab);
  await page.getByRole("radio", { name: "Sample 7" }).check();
  await training.focus();
  await page.keyboard.press("Home");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"]) {
    await page.keyboard.press(key);
  }
  await chooseFilm(page, "Both");
  // In any order: what the address is given first stands first in it.
  for (const parameter of ["step=100", "denoising=3", "sample=7", "film=both"]) {
    await expect(page).toHaveURL(new RegExp(`[?&]${parameter}(&|$)`));
  }
  const numEntries = await page.evaluate(() => window.history.length);

  await page.reload();
  await expect(training).toHaveAttribute("aria-valuenow", "2");
  await expect(denoising).toHaveAttribute("aria-valuenow", "3");
  await expect(page.getByRole("radio", { name: "Sample 7" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Both" })).toBeChecked();
  expect(await page.evaluate(() => window.history.length)).toBe(numEntries);

  // At the newest digits it says no more than that it is this view.
  await training.focus();
  await page.keyboard.press("End");
  await expect(page).not.toHaveURL(/step=/);

  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
  await lab.tellRun();
  const size = { numSnapshots: 3, count: 16, numFrames: 2, stepsPerEpoch: 5 };
  await lab.tellSnapshots(madeEvolution(size).snapshots);
  await expect(training).toHaveAttribute("aria-valuemax", "2");
  await expect(training).toHaveAttribute("aria-valuenow", "2");
});

test("a run that is deleted while it is shown stays, and is said to go with the page", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm");
  await app.openLabRun();
  const { training } = await goToEvolution(page);
  const strip = page.getByRole("region", { name: "The run" });
  const row = (await openRuns(page)).getByRole("listitem", { name: "Lab run" });
  await row.getByRole("button", { name: "Delete" }).click();
  await row.getByRole("group", { name: "Delete this run?" }).getByText("Delete").last().click();
  await expect(row).toHaveCount(0);
  await openView(page, "evolution");
  await expect(strip.getByRole("status")).toHaveText(
    "Finished after 600 steps; deleted, gone after a reload",
  );
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  const { fileName } = await saved(page, /^PNG picture of the (digits|images)/);
  expect(fileName).toMatch(/^lab-run/);
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  expect((await asked).type()).toBe("beforeunload");
});
