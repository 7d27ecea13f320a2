import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { AppPage, openRuns, openView, pressEnter } from "./app.ts";
import { expectNoViolations } from "./axe.ts";

/** 5 steps an epoch of the few images. */
const SMALL = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&previewTimesteps=1&epochs=500";

async function openSweep(page: Page): Promise<AppPage> {
  const app = new AppPage(page);
  await app.openWithFewImages(SMALL);
  await goToSweep(page);
  return app;
}

async function goToSweep(page: Page) {
  await openView(page, "sweep");
}

async function fillIn(page: Page, rates: string, seeds: string, steps: string) {
  await page.getByLabel("Values of Learning rate").fill(rates);
  await page.getByLabel("Values of Seed").fill(seeds);
  await page.getByLabel("Each run").fill(steps);
}

const results = (page: Page) => page.getByRole("region", { name: "Results" });

/** The texts of a column of the table of runs, from the top. */
async function column(page: Page, name: string): Promise<string[]> {
  const table = results(page).getByRole("table").first();
  const headings = await table.getByRole("columnheader").allTextContents();
  const index = headings.findIndex((heading) => heading.startsWith(name));
  return table.locator(`tbody tr > :nth-child(${index + 1})`).allTextContents();
}

test("a sweep is paused, goes on after a reload, and ends with a sortable table, parallel coordinates and the spread over seeds; a row opens its run", async ({
  page,
}) => {
  const app = await openSweep(page);
  const more = page.getByRole("button", { name: "Vary another setting" });
  await pressEnter(more);
  await pressEnter(page.getByRole("button", { name: "Do not vary Objective" }));
  await expect(more).toBeFocused();
  await fillIn(page, "0.001, 0.004", "0-1", "20");
  await expect(page.getByText("4 runs of 20 steps each, 80 steps in all.")).toBeVisible();
  const second = app.clickAt("Pause sweep", 2, "runStarted");
  await page.getByRole("button", { name: "Start sweep" }).click();
  await second;
  await expect(page.getByRole("button", { name: "Resume sweep" })).toBeEnabled();
  await expect(page.getByRole("form", { name: "What to vary" })).toHaveCount(0);

  await page.reload();
  const resume = page.getByRole("button", { name: "Resume sweep" });
  await expect(resume).toBeEnabled();
  expect(await column(page, "State")).toContain("waiting");
  await resume.click();
  const status = results(page).getByRole("status");
  await expect(status).toHaveText("Done: 4 of 4 runs.", { timeout: 120_000 });
  expect(await column(page, "State")).toEqual(["done", "done", "done", "done"]);
  expect(await column(page, "Steps")).toEqual(["20", "20", "20", "20"]);
  expect(await column(page, "Learning rate")).toEqual(["0.001", "0.001", "0.004", "0.004"]);
  // The fourth epoch has ended with its validation.
  const losses = (await column(page, "Validation loss")).map(Number);
  expect(losses.every((loss) => loss > 0)).toBe(true);

  const heading = page.getByRole("columnheader", { name: "Validation loss" }).first();
  await heading.getByRole("button").click();
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  const ascending = [...losses].sort((a, b) => a - b);
  expect((await column(page, "Validation loss")).map(Number)).toEqual(ascending);
  await heading.getByRole("button").click();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  expect((await column(page, "Validation loss")).map(Number)).toEqual(ascending.reverse());

  const lines = page.getByRole("img", { name: /^A line for each of 4 runs, from Learning rate/ });
  await expect(lines).toBeVisible();
  await page.getByLabel("Figure").selectOption("Training loss, mean at the end");
  await expect(lines).toHaveAccessibleName(/through Training loss, mean at the end\./);
  const seeds = page.getByRole("region", { name: "Mean ± standard deviation over seeds" });
  await expect(seeds.getByRole("row").nth(1)).toHaveText(/^0\.0012\d\.\d{4} ± \d\.\d{4}/);
  await expectNoViolations(page, "a sweep that is done");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const csv = readFileSync(await (await download).path(), "utf8").split("\r\n");
  expect(csv[0]).toMatch(/^run,learningRate,seed,state,step,minutes,loss,.*validation_loss$/);
  expect(csv[4]).toMatch(/^4,0\.004,1,done,20,/);

  // Its runs are finished, and nothing suggests to go on with them.
  await openRuns(page);
  await expect(page.getByText("Sweep run finished", { exact: true })).toHaveCount(4);
  await goToSweep(page);
  await expect(page.getByRole("button", { name: "Resume", exact: true })).toHaveCount(0);
  await page.getByRole("link", { name: "Compare these" }).click();
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(4);
  await goToSweep(page);
  await page.getByRole("button", { name: "Use the best" }).click();
  const best = losses.indexOf(Math.min(...losses));
  await expect(app.status).toContainText("Sweep run finished after 20 steps");
  await app.openSettings();
  await app.unfoldSettings();
  await expect(page.getByRole("textbox", { name: "Learning rate" })).toHaveValue(
    best < 2 ? "0.001" : "0.004",
  );

  await goToSweep(page);
  await page.getByRole("button", { name: "Run 3", exact: true }).click();
  await expect(app.status).toContainText("Sweep run finished after 20 steps");
  await expect(page.getByText("Learning rate 0.004, Seed 0").first()).toBeVisible();
  await goToSweep(page);
  await page.getByRole("button", { name: "New sweep…" }).click();
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(page.getByRole("button", { name: "Start sweep" })).toBeEnabled();
  await expect(page.getByRole("link", { name: "Runs 4" })).toBeVisible();
});

test("with halving only the best run is trained to the end", { tag: "@long" }, async ({ page }) => {
  await openSweep(page);
  await page.getByText("List of runs").click();
  const runs = ["seed=1", "seed=2", "seed=3 learningRate=1e-7", "seed=4 learningRate=1e-7"];
  await page.getByRole("textbox", { name: "Runs" }).fill(runs.join("\n"));
  await page.getByLabel("Each run").fill("40");
  await page.getByLabel("Successive halving").selectOption("Keep the best 1 of 2");
  await expect(page.getByText(/^4 runs of 10 steps, then the best 2 up to 20 steps/)).toBeVisible();
  await page.getByRole("button", { name: "Start sweep" }).click();
  const status = results(page).getByRole("status");
  await expect(status).toHaveText("Done: 4 of 4 runs.", { timeout: 120_000 });
  const out = "out after round 1";
  const [first, second, ...others] = await column(page, "State");
  expect([first, second].sort()).toEqual(["done", "out after round 2"]);
  expect(others).toEqual([out, out]);
  expect((await column(page, "Steps")).sort()).toEqual(["10", "10", "20", "40"]);
});

test("a sweep that cannot be says why, and keeps what was typed", async ({ page }) => {
  await openSweep(page);
  const start = page.getByRole("button", { name: "Start sweep" });
  await expect(start).toBeEnabled();
  const seed = page.getByLabel("Values of Seed");
  await seed.fill("0, many");
  const reason = "Seed: A whole number, 0 to 4,294,967,295, not many.";
  await expect(page.getByText(reason).first()).toBeVisible();
  await expect(start).toBeDisabled();
  await expect(seed).toHaveValue("0, many");
  await seed.fill("0-1");
  await page.getByLabel("Each run").fill("0");
  await expect(page.getByText("Expected a number of steps above 0").first()).toBeVisible();
  await page.getByLabel("Each run").fill("10");
  await page.getByText("List of runs").click();
  const list = page.getByRole("textbox", { name: "Runs" });
  await list.fill("dim=5\nseed=1");
  await expect(page.getByText("The run with dim 5: ").first()).toBeVisible();
  await expect(start).toBeDisabled();
  await expect(list).toHaveValue("dim=5\nseed=1");
  // What was typed before is still there.
  await page.getByText("All combinations").click();
  await expect(seed).toHaveValue("0-1");
  await expect(start).toBeEnabled();
});
