import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { AppPage, LAB_RUN, openRuns, openView } from "./app.ts";
import { exported } from "./exported.ts";
import { eventsOf } from "./faults.ts";

/** 5 steps an epoch of the few images, and a preview after each. */
const SMALL = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&previewTimesteps=3";
const RUN_NAME = /^Tiny, \d+ \w+, \d\d:\d\d$/;

/** Trains a run of 10,000 epochs, and stops it in the second. */
async function stoppedRun(page: Page) {
  const app = new AppPage(page);
  // Long enough not to be over before Stop is clicked.
  await app.openWithFewImages(`${SMALL}&epochs=10000`);
  await app.train.click();
  await app.waitForSteps(7);
  await stop(app);
  const { length: numSteps } = await app.losses();
  return { app, numSteps };
}

async function stop(app: AppPage) {
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
}

/** Chooses a file to import, and gives the name that its run has in the list. */
async function importRun(list: Locator, name: string, buffer: Buffer): Promise<string> {
  const imported = async () => {
    const events = await eventsOf(list.page(), "runImported");
    return events.map((event) => event.name);
  };
  const { length: numBefore } = await imported();
  const chooser = list.page().waitForEvent("filechooser");
  await list.getByRole("button", { name: "Import…" }).click();
  await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer });
  await expect.poll(async () => (await imported()).length).toBe(numBefore + 1);
  return (await imported()).at(-1) as string;
}

async function deleteRun(run: Locator) {
  await run.getByRole("button", { name: "Delete" }).click();
  await run.getByRole("button", { name: "Delete" }).click();
  await expect(run).toHaveCount(0);
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
    const transaction = request.result.transaction("records", "readwrite");
    const table = transaction.objectStore("records");
    for (const record of records) table.put(record, String(record.runId));
    await new Promise((done) => {
      transaction.oncomplete = done;
    });
    request.result.close();
  }, records);
}

test("a stopped run is listed with where it stands, keeps a new name over a reload, and lends its settings", async ({
  page,
}) => {
  const { app, numSteps } = await stoppedRun(page);
  let list = await openRuns(page);
  const run = list.getByRole("listitem", { name: RUN_NAME });
  // It is the one that is shown.
  await expect(run).toHaveAttribute("aria-current", "true");
  await expect(run.getByRole("button", { name: "Open" })).toHaveCount(0);
  await expect(run.locator("[data-state]")).toHaveAttribute("data-state", "unfinished");
  await expect(figure(run, "Step")).toHaveText(`${numSteps} of 50,000`);
  await expect(figure(run, "Epoch")).toHaveText(`${Math.ceil(numSteps / 5)} of 10,000`);
  const { validationLoss } = (await app.epochs()).at(-1) ?? {};
  await expect(figure(run, "Validation")).toHaveText(validationLoss?.toFixed(4) ?? "");
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
  await openView(page, "train");
  await putRecords(page, [
    { runId: "newer", name: "From tomorrow", format: 999 },
    { runId: "broken", name: "Half a run", format: 1, step: "many" },
  ]);

  await app.open("?backend=wasm&preset=quick");
  const card = page.getByRole("region", { name: "Unfinished run" });
  await expect(card).toContainText("<b>My</b> first run");
  await expect(card).toContainText(`Step ${numSteps} of 50,000`);
  list = await openRuns(page);
  // Of what cannot be read it says what is wrong, and it can be deleted.
  await expect(list.getByRole("listitem")).toHaveCount(3);
  for (const [unreadable, problem] of [
    ["From tomorrow", "format 999"],
    ["Half a run", "damaged"],
  ] as const) {
    const broken = list.getByRole("listitem", { name: unreadable });
    await expect(broken).toContainText(problem);
    await expect(broken.getByRole("button")).toHaveText(["Delete"]);
    await deleteRun(broken);
  }
  await list.getByRole("button", { name: "Duplicate settings" }).click();
  await expect(list).toHaveCount(0);
  await expect(page.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(page.getByRole("textbox", { name: "Epochs" })).toHaveValue("10000");
});

test("a run goes out as one file, is deleted, comes in again, and trains on; meanwhile no other is opened", async ({
  page,
}) => {
  const { app, numSteps } = await stoppedRun(page);
  let list = await openRuns(page);
  let run = list.getByRole("listitem", { name: RUN_NAME });
  const [file] = await exported(run, /^Checkpoint/);
  if (!file) throw new Error("Nothing was downloaded.");
  expect(file.fileName).toMatch(/^tiny-.*\.safetensors$/);

  await run.getByRole("button", { name: "Delete" }).click();
  await expect(run.getByRole("button", { name: "Keep" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(run.getByRole("button", { name: "Delete" })).toBeFocused();
  await run.getByRole("button", { name: "Delete" }).click();
  await run.getByRole("button", { name: "Keep" }).click();
  await expect(run).toBeVisible();
  await deleteRun(run);
  await expect(list.getByRole("listitem")).toHaveCount(0);

  await app.open(SMALL);
  list = await openRuns(page);
  await expect(list.getByRole("listitem")).toHaveCount(0);
  expect(await importRun(list, file.fileName, file.bytes)).toMatch(RUN_NAME);
  run = list.getByRole("listitem", { name: RUN_NAME });
  await expect(figure(run, "Step")).toHaveText(`${numSteps} of 50,000`);
  expect(await numShades(run.getByRole("img"))).toBeGreaterThan(50);
  await expect(run).not.toHaveAttribute("aria-current");
  // The same file once more is a run of its own, by a name of its own.
  expect(await importRun(list, file.fileName, file.bytes)).toMatch(/ \(2\)$/);
  expect(await importRun(list, "finished.safetensors", readFileSync(LAB_RUN.path))).toBe(
    LAB_RUN.name,
  );
  const second = list.getByRole("listitem", { name: /\(2\)$/ });
  const finished = list.getByRole("listitem", { name: LAB_RUN.name });
  await expect(finished.locator("[data-state]")).toHaveAttribute("data-state", "finished");
  await expect(finished.getByRole("button", { name: "Resume" })).toHaveCount(0);

  await run.getByRole("button", { name: "Open" }).click();
  await expect(list).toHaveCount(0);
  await expect(app.status).toContainText(`Unfinished after ${numSteps} steps`);
  await expect(page.locator("[data-curve=loss] path")).toBeVisible();
  await app.waitForCaption(/^Preview after \d+ training steps/);

  list = await openRuns(page);
  await run.getByRole("button", { name: "Resume" }).click();
  await expect(list).toHaveCount(0);
  await app.waitForSteps(1);
  const [first] = await eventsOf(page, "steps");
  expect(first?.steps[0]?.step).toBe(numSteps + 1);

  list = await openRuns(page);
  await expect(run.locator("[data-state]")).toHaveAttribute("data-state", "training");
  await expect(run.getByRole("button", { name: "Delete" })).toBeDisabled();
  await expect(run.getByRole("button", { name: "Open" })).toHaveCount(0);
  await expect(list.getByRole("note")).toBeVisible();
  await expect(finished.getByRole("button", { name: "Open" })).toBeDisabled();
  await expect(second.getByRole("button", { name: "Open" })).toBeDisabled();
  await expect(second.getByRole("button", { name: "Resume" })).toBeDisabled();
  await deleteRun(second);
  const [trained] = await exported(run, /^Checkpoint/);
  const { metadata } = decodeSafetensors(trained?.bytes as Buffer);
  expect(JSON.parse(metadata.run ?? "").step).toBeGreaterThan(numSteps);
  await openView(page, "train");
  await stop(app);
});
