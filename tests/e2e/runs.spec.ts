import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { exported } from "./exported.ts";

/** 5 steps an epoch of the few images, and a preview after each. */
const SMALL = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&previewTimesteps=3";
const RUN_NAME = /^Tiny, \d+ \w+, \d\d:\d\d$/;

/** A run of 60 epochs that was stopped in the second. */
async function stoppedRun(page: Page) {
  const app = new AppPage(page);
  // Long enough not to be over before Stop is clicked.
  await app.open(`${SMALL}&epochs=60`);
  await app.dropFewImages();
  await app.button("Train").click();
  await app.waitForSteps(7);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
  const { length: numSteps } = await app.losses();
  return { app, numSteps };
}

async function openList(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^Runs\s*\d*$/ }).click();
  const list = page.getByRole("dialog", { name: "Runs" });
  await expect(list).toBeVisible();
  return list;
}

async function closeList(page: Page) {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Runs" })).toHaveCount(0);
}

/** A figure of a run, by what stands over it. */
function figure(run: Locator, name: string): Locator {
  return run.locator("dl > div").filter({ hasText: name }).getByRole("definition");
}

/** How many different grays a canvas shows. */
function numShades(canvas: Locator): Promise<number> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const { width, height } = element;
    const { data } = element.getContext("2d")?.getImageData(0, 0, width, height) ?? { data: [] };
    return new Set(data).size;
  });
}

/** Puts records into the database as an older, a newer or a broken version of the page would. */
async function putRecords(page: Page, records: Record<string, unknown>[]) {
  await page.evaluate(async (records) => {
    const request = indexedDB.open("diffusion-mnist");
    await new Promise((done) => {
      request.onsuccess = done;
    });
    const transaction = request.result.transaction("runs", "readwrite");
    for (const record of records) transaction.objectStore("runs").put(record);
    await new Promise((done) => {
      transaction.oncomplete = done;
    });
    request.result.close();
  }, records);
}

test("a stopped run is listed with where it stands, and keeps a new name over a reload", async ({
  page,
}) => {
  const { app, numSteps } = await stoppedRun(page);
  let list = await openList(page);
  const run = list.getByRole("listitem", { name: RUN_NAME });
  await expect(run).toContainText("Unfinished");
  await expect(run).toContainText(
    /Tiny, on “Your files”, 40 images\. Made \d+ \w+, \d\d:\d\d, saved just now/,
  );
  // It is the one that is shown.
  await expect(run).toHaveAttribute("aria-current", "true");
  await expect(run.getByRole("button", { name: "Open" })).toHaveCount(0);
  await expect(figure(run, "Step")).toHaveText(`${numSteps} of 300`);
  await expect(figure(run, "Epoch")).toHaveText(`${Math.ceil(numSteps / 5)} of 60`);
  const { validationLoss } = (await app.epochs()).at(-1) ?? {};
  await expect(figure(run, "Validation")).toHaveText(validationLoss?.toFixed(4) ?? "");
  await expect(figure(run, "Best")).toHaveText(/^0\.\d{4}$/);
  await expect(figure(run, "Size")).toHaveText(/^\d\.\d MB$/);
  expect(await numShades(run.getByRole("img"))).toBeGreaterThan(50);

  const name = () => run.getByRole("textbox", { name: "Name" });
  await run.getByRole("button", { name: "Rename" }).click();
  await name().fill("Not this");
  await page.keyboard.press("Escape");
  await expect(run.getByRole("heading")).toHaveText(RUN_NAME);
  await expect(run.getByRole("button", { name: "Rename" })).toBeFocused();
  await page.keyboard.press("Enter");
  await name().pressSequentially("  <b>My</b> first  run ");
  await page.keyboard.press("Enter");
  const renamed = list.getByRole("listitem", { name: "<b>My</b> first run" });
  await expect(renamed).toBeVisible();
  await expect(renamed.getByRole("button", { name: "Rename" })).toBeFocused();
  await closeList(page);
  await expect(page.getByRole("button", { name: /^Runs/ })).toBeFocused();

  await app.open(SMALL);
  const card = page.getByRole("region", { name: "Unfinished run" });
  await expect(card).toContainText("<b>My</b> first run");
  await expect(card).toContainText(`Step ${numSteps} of 300`);
  list = await openList(page);
  await expect(list.getByRole("heading", { level: 3 })).toHaveText("<b>My</b> first run");
});

test("a run's settings are taken for another run, and its history comes as CSV, JSON and tfevents", async ({
  page,
}) => {
  const { app, numSteps } = await stoppedRun(page);
  await app.open("?backend=wasm&preset=quick");
  let list = await openList(page);
  await list.getByRole("button", { name: "Duplicate settings" }).click();
  await expect(list).toHaveCount(0);
  await expect(page.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(page.getByRole("textbox", { name: "Epochs" })).toHaveValue("60");
  await expect(page.getByText("Train starts a new run with those of")).toBeVisible();

  list = await openList(page);
  const run = list.getByRole("listitem", { name: RUN_NAME });
  const csv = await exported(run, /^CSV/, 2);
  const steps = csv.find(({ fileName }) => fileName.endsWith("-steps.csv"));
  expect(steps?.bytes.toString().trim().split(/\r?\n/)).toHaveLength(numSteps + 1);
  const [json] = await exported(run, /^JSON/);
  expect(json?.fileName).toMatch(/^tiny-.*-history\.json$/);
  const history = JSON.parse(json?.bytes.toString() ?? "");
  expect(history.steps).toHaveLength(numSteps);
  expect(history.config).toMatchObject({ dim: 4, epochs: 60 });
  const [events] = await exported(run, /^TensorBoard/);
  expect(events?.fileName).toMatch(/^events\.out\.tfevents\.\d+\./);
  // Every step has four figures, and a preview is a picture.
  expect(events?.bytes.length).toBeGreaterThan(100 * numSteps);
});

test("a run goes out as one file, is deleted, comes in again, and is trained to its end", async ({
  page,
}) => {
  const { app, numSteps } = await stoppedRun(page);
  const total = 300;
  let list = await openList(page);
  let run = list.getByRole("listitem", { name: RUN_NAME });
  const [file] = await exported(run, /^Whole run/);
  if (!file) throw new Error("Nothing was downloaded.");
  expect(file.fileName).toMatch(/^tiny-.*\.safetensors$/);

  await run.getByRole("button", { name: "Delete" }).click();
  await expect(run.getByRole("button", { name: "Keep" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(run.getByRole("button", { name: "Delete" })).toBeFocused();
  await run.getByRole("button", { name: "Delete" }).click();
  await run.getByRole("button", { name: "Keep" }).click();
  await expect(run).toBeVisible();
  await run.getByRole("button", { name: "Delete" }).click();
  await run.getByRole("button", { name: "Delete" }).click();
  await expect(run).toHaveCount(0);
  await expect(list.getByText("No run is stored yet")).toBeVisible();

  await app.open(SMALL);
  list = await openList(page);
  const chooser = page.waitForEvent("filechooser");
  await list.getByRole("button", { name: "Import…" }).click();
  await (await chooser).setFiles({
    ...{ name: file.fileName, mimeType: "application/octet-stream", buffer: file.bytes },
  });
  await expect(list.getByText(/^“Tiny, .*” is imported\. 1 run, \d\.\d MB/)).toBeVisible();
  run = list.getByRole("listitem", { name: RUN_NAME });
  await expect(figure(run, "Step")).toHaveText(`${numSteps} of ${total}`);
  expect(await numShades(run.getByRole("img"))).toBeGreaterThan(50);
  await expect(run).not.toHaveAttribute("aria-current");

  // The same file once more is a run of its own, by a name of its own.
  const again = page.waitForEvent("filechooser");
  await list.getByRole("button", { name: "Import…" }).click();
  await (await again).setFiles({
    ...{ name: file.fileName, mimeType: "application/octet-stream", buffer: file.bytes },
  });
  await expect(list.getByText(/^“Tiny, .* \(2\)” is imported\. 2 runs/)).toBeVisible();
  const second = list.getByRole("listitem", { name: /\(2\)$/ });
  await second.getByRole("button", { name: "Delete" }).click();
  await second.getByRole("button", { name: "Delete" }).click();
  await expect(second).toHaveCount(0);

  await run.getByRole("button", { name: "Open" }).click();
  await expect(list).toHaveCount(0);
  await expect(app.status).toContainText(`Unfinished after ${numSteps} steps`);
  await expect(page.locator("[data-curve=loss] path")).toBeVisible();
  await app.waitForCaption(/^Preview after \d+ training steps/);

  // The page has MNIST, the run other images.
  await app.button("Resume").click();
  await expect(page.getByRole("alert")).toContainText("“Your files” with 40 images and 8");
  await app.dropFewImages();
  list = await openList(page);
  await list.getByRole("button", { name: "Resume" }).click();
  await expect(list).toHaveCount(0);
  await expect(app.status).toContainText(`Finished after ${total} steps`, {
    timeout: 120_000,
  });
  expect((await app.losses()).length).toBe(total - numSteps);
  list = await openList(page);
  await expect(list.getByRole("listitem")).toContainText("Finished");
  await expect(list.getByRole("button", { name: "Resume" })).toHaveCount(0);
});

test("while a run trains the list says so, and neither opens nor deletes", async ({ page }) => {
  const { app } = await stoppedRun(page);
  await app.open("?backend=wasm&preset=tiny&previewEvery=0");
  await app.button(/^Train/).click();
  await app.waitForSteps(2);
  const list = await openList(page);
  const trained = list.getByRole("listitem").filter({ hasText: "Training now" });
  await expect(trained.getByRole("button", { name: "Delete" })).toBeDisabled();
  await expect(trained.getByRole("button", { name: "Open" })).toHaveCount(0);
  await expect(list.getByRole("note")).toContainText(
    "is being trained. Stop it to delete it, or to open another",
  );
  const other = list.getByRole("listitem").filter({ hasText: "Unfinished" });
  await expect(other.getByRole("button", { name: "Open" })).toBeDisabled();
  await expect(other.getByRole("button", { name: "Resume" })).toBeDisabled();
  await other.getByRole("button", { name: "Delete" }).click();
  await other.getByRole("button", { name: "Delete" }).click();
  await expect(other).toHaveCount(0);
  const [file] = await exported(trained, /^Whole run/);
  expect(file?.bytes.length).toBeGreaterThan(500_000);
  await closeList(page);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
});

test("records that cannot be read are listed with what is wrong, and can be deleted", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(SMALL);
  await putRecords(page, [
    { runId: "newer", name: "From tomorrow", format: 999 },
    { runId: "broken", name: "Half a run", format: 1, step: "many" },
  ]);
  await app.open(SMALL);
  const list = await openList(page);
  const newer = list.getByRole("listitem", { name: "From tomorrow" });
  await expect(newer).toContainText("saved by a newer version of this page (format 999");
  const broken = list.getByRole("listitem", { name: "Half a run" });
  await expect(broken).toContainText("Its record is damaged");
  for (const run of [newer, broken]) {
    await expect(run.getByRole("button")).toHaveText(["Delete"]);
    await run.getByRole("button", { name: "Delete" }).click();
    await run.getByRole("button", { name: "Delete" }).click();
    await expect(run).toHaveCount(0);
  }
  await expect(list.getByText("No run is stored yet")).toBeVisible();
});

test("where nothing can be stored a standing line says so, and the run is downloaded while it trains", {
  tag: "@faults",
}, async ({ page }) => {
  await page.route("**/assets/main-*.js", async (route) => {
    const response = await route.fetch();
    const noStorage = 'Object.defineProperty(self, "indexedDB", { value: undefined });';
    await route.fulfill({ response, body: `${noStorage}${await response.text()}` });
  });
  const app = new AppPage(page);
  await app.open("?backend=wasm&preset=tiny&previewEvery=0");
  const trouble = page.getByRole("alert").filter({ hasText: "Nothing is saved." });
  await expect(trouble).toBeVisible();
  await expect(app.button("Download the run")).toHaveCount(0);
  await app.button("Train").click();
  await app.waitForSteps(3);
  const coming = page.waitForEvent("download");
  await app.button("Download the run").click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^tiny-.*\.safetensors$/);
  expect(readFileSync(await download.path()).length).toBeGreaterThan(500_000);
  const { length: numSteps } = await app.losses();
  await app.waitForSteps(numSteps + 2);
  await expect(trouble).toBeVisible();

  const list = await openList(page);
  await expect(list.getByText("The browser gives this page no storage")).toBeVisible();
});
