import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { decodeRunFile } from "../../src/runtime/files/runFile.ts";
import { decodeWeights } from "../../src/runtime/files/weightsFile.ts";
import { AppPage, openRuns, openView } from "./app.ts";
import { DenoisePage } from "./denoisePage.ts";
import { exported } from "./exported.ts";
import { notices, unfinishedRun } from "./faults.ts";

/** The form of a distillation, filled in; Train in it begins. */
async function fillIn(page: Page, of: { from?: string; to: string; steps?: string }) {
  const { from = "", to, steps = "2" } = of;
  const dialog = page.getByRole("dialog", { name: /^Distil “/ });
  if (from) await dialog.getByLabel("From").selectOption(from);
  await dialog.getByLabel("To").selectOption(to);
  await dialog.getByLabel("Steps per phase").fill(steps);
  return dialog;
}

/** Of the stored run, from 8 steps to 2, in two phases. */
async function distilLabRun(page: Page, steps: string) {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  await app.openLabRun();
  const list = await openRuns(page);
  await list.getByRole("button", { name: "Distil…" }).click();
  const form = await fillIn(page, { from: "8", to: "2", steps });
  await form.getByRole("button", { name: "Train" }).click();
  return { app, list };
}

test("a trained model is distilled, and its student again: half the steps each, in previews and in Denoise", async ({
  page,
}) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages("?backend=wasm");
  const distil = app.button("Distil…");
  await expect(distil).toHaveCount(0);
  await app.takeTrainedModel();
  await app.waitForCaption(/^36 digits .*by Quick/);
  await distil.click();
  const form = await fillIn(page, { from: "8", to: "2" });
  await expect(form).toContainText("8 → 4 → 2, in 2 phases");
  await expect(form).toContainText(/About .* a phase on this device/, { timeout: 30_000 });
  await form.getByRole("button", { name: "Train" }).click();
  await expect(app.status).toContainText("Finished", { timeout: 60_000 });
  expect(await app.losses()).toHaveLength(4);
  await app.waitForCaption(/2 of 2/);
  await expect(page.getByText("phase 2 of 2: 4 → 2 steps")).toBeVisible();
  // Beside the loss, which is another one than that of images.
  await expect(app.button("Explain: Distillation: fewer steps")).toBeVisible();
  await openView(app.page, "denoise");
  await app.unfold();
  await expect(app.form.getByRole("textbox", { name: "Steps" })).toHaveValue("2");
  // So few steps need no Generate.
  await app.expectStep("step 2 of 2, finished");
  await openView(app.page, "train");
  await expect(page.getByText("begun with Quick (trained model)")).toBeVisible();
  // It was no setting of the form: Train trains with what is there, as before.
  await expect(app.train).toBeEnabled();
  await expect(page).not.toHaveURL(/distilFrom/);

  // The run is stored, and goes on from the steps that it was made for.
  await openRuns(page);
  await app.button("Distil…").click();
  const next = await fillIn(page, { to: "1" });
  await expect(next.getByLabel("From").getByRole("option")).toHaveText(["2 sampling steps"]);
  await next.getByRole("button", { name: "Train" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(app.status).toContainText("Finished", { timeout: 60_000 });
  expect(await app.losses()).toHaveLength(6);
  await app.waitForCaption(/1 of 1/);
  await expect(page.getByText(/begun with Quick in 2 steps/)).toBeVisible();
});

test("a stored run is distilled, and goes on from the middle of a phase after a pause and a reload; it is exported and compared as any other", {
  tag: "@long",
}, async ({ page, context }) => {
  const { app, list } = await distilLabRun(page, "20");
  await app.clickAt("Pause", 3);
  await expect(app.status).toContainText("Paused");
  const stopped = app.clickAt("Stop", 23);
  await app.button("Resume").click();
  await stopped;
  await expect(app.status).toContainText("Unfinished after");
  const { length: numSteps } = await app.losses();

  await page.reload();
  const card = unfinishedRun(page);
  await expect(card).toContainText(`Step ${numSteps} of 40, phase 2 of 2`);
  await card.getByRole("button", { name: "Resume" }).click();
  await expect(app.status).toContainText("Finished after 40", { timeout: 60_000 });
  const [first] = await app.steps();
  expect(first?.step).toBe(numSteps + 1);
  await app.waitForCaption(/2 of 2/);

  await openRuns(page);
  const run = list.getByRole("listitem", { name: /in 2 steps/ });
  const [file] = await exported(run, /^Checkpoint/);
  const whole = decodeRunFile(decodeSafetensors(file?.bytes as Uint8Array), "again", () => {});
  expect(whole.record).toMatchObject({ step: 40, config: { distilFrom: 8 }, isFinished: true });
  const [json] = await exported(run, /^JSON/);
  expect(JSON.parse(String(json?.bytes)).epochs).toHaveLength(2);

  await openView(page, "train");
  await app.button("Export").click();
  const download = page.waitForEvent("download");
  await app.button("Download").click();
  const weights = decodeWeights(readFileSync(await (await download).path()));
  const config = { distilFrom: 8, samplingTimesteps: 2, samplerKind: "ddim", guidance: 1 };
  expect(JSON.parse(weights.metadata.config ?? "")).toMatchObject(config);

  await openView(page, "compare");
  const differences = page.getByRole("region", { name: "Differences" });
  await expect(differences.getByRole("row", { name: /^Distil from/ })).toContainText("8");
  await expect(page.getByRole("img", { name: /^(Digits|Images) of/ })).toHaveCount(2);

  // Deleted in another tab between the click on Distil… and that on Train.
  await openRuns(page);
  await list
    .getByRole("listitem", { name: /in 2 steps/ })
    .getByText("Distil…")
    .click();
  const last = await fillIn(page, { to: "1", steps: "2" });
  const other = new AppPage(await context.newPage());
  await other.openWithFewImages("?backend=wasm&preset=tiny");
  const gone = (await openRuns(other.page)).getByRole("listitem", { name: /in 2 steps/ });
  await gone.getByRole("button", { name: "Delete" }).click();
  await gone.getByRole("button", { name: "Delete" }).click();
  await expect(gone).toHaveCount(0);
  await last.getByRole("button", { name: "Train" }).click();
  await expect(notices(page)).toContainText(/did not load.*no longer stored/s);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

// That runs of all kinds survive it faults-kill.spec.ts shows; here that a phase is no exception.
test("a distillation whose page is killed in its second phase goes on from the end of the first or later", {
  tag: "@long",
}, async ({ page, context }) => {
  const { app } = await distilLabRun(page, "40");
  // There are 80, so that the run is not over before it is killed, also where the page is slow to tell.
  await app.waitForSteps(44);
  const isGone = page.waitForEvent("crash");
  const devtools = await context.newCDPSession(page);
  void devtools.send("Page.crash").catch(() => {});
  await isGone;
  await page.close();

  const next = new AppPage(await context.newPage());
  await next.openWithFewImages("?backend=wasm&preset=tiny");
  const card = unfinishedRun(next.page);
  await expect(card).toContainText(/Step [4-7]\d of 80/);
  await card.getByRole("button", { name: "Resume" }).click();
  await expect(next.status).toContainText("Finished after 80", { timeout: 60_000 });
  await next.waitForCaption(/2 of 2/);
});
