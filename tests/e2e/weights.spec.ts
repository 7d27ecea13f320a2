import { readFileSync } from "node:fs";
import type { Download, Page } from "@playwright/test";
import { decodeWeights } from "../../src/runtime/files/weightsFile.ts";
import { AppPage, LAB_RUN, openView } from "./app.ts";
import { DenoisePage, drawDigits } from "./denoisePage.ts";
import { expect, test } from "./labRun.ts";

/** A tiny network after a few steps, with a setting that a page opened anew does not have. */
async function trainedPage(page: Page) {
  const app = new AppPage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&previewEvery=0&timesteps=500&epochs=10000",
  );
  await app.train.click();
  await app.waitForSteps(2);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const { length: numSteps } = await app.losses();
  return { app, numSteps };
}

/** Saves the weights in one of the formats, and gives the downloads in the order of their names. */
async function saveWeights(
  app: AppPage,
  format: string,
  { numFiles = 1, weights = "" } = {},
): Promise<Download[]> {
  const downloads: Download[] = [];
  const take = (download: Download) => downloads.push(download);
  app.page.on("download", take);
  await app.button("Export").click();
  if (weights) await choose(app, "Weights to save", weights);
  await choose(app, "Format", format);
  await app.button("Download").click();
  await expect(() => expect(downloads).toHaveLength(numFiles)).toPass();
  app.page.off("download", take);
  return downloads.sort((a, b) => a.suggestedFilename().localeCompare(b.suggestedFilename()));
}

async function choose(app: AppPage, name: string, option: string) {
  await app.page.getByRole("radiogroup", { name }).getByText(option).click();
}

async function bytesOf(download: Download | undefined): Promise<Buffer> {
  return readFileSync((await download?.path()) ?? "");
}

async function loadWeights(app: AppPage, name: string, buffer: Buffer) {
  await (await app.chooseWeights()).setFiles({
    name,
    mimeType: "application/octet-stream",
    buffer,
  });
}

/** The digits of a seed, by a network as the caption names it. Twice the same cannot be told apart. */
async function sampledPicture(app: AppPage, drawnWith: string, digits = 4): Promise<string> {
  const draw = await drawDigits(app.page, { digits, seed: 11 });
  await expect(draw.grid).toHaveAttribute(
    "aria-label",
    new RegExp(`^${digits} (digits|images) .*${drawnWith}.* 5 steps`),
  );
  const { greys } = await draw.greys(draw.grid);
  await openView(app.page, "train");
  return greys.join();
}

test("the weights of a run are saved, and draw the same digits in a page that loads them", async ({
  page,
}) => {
  const { app, numSteps } = await trainedPage(page);
  const picture = await sampledPicture(app, `after ${numSteps} training steps`);
  const [saved] = await saveWeights(app, "float32");
  const fileName = `diffusion-mnist-${numSteps}-steps.safetensors`;
  expect(saved?.suggestedFilename()).toBe(fileName);
  const bytes = await bytesOf(saved);
  // What PyTorch reads of it.
  const { network, values, metadata } = decodeWeights(bytes);
  expect(network).toMatchObject({ dim: 8, dimMults: [1, 2], attnHeads: 2, attnDimHead: 8 });
  expect(values).toHaveLength(49_417);
  expect(JSON.parse(metadata.training ?? "")).toMatchObject({ trainedSteps: numSteps });

  await app.open("?backend=wasm&preset=quick&epochs=10000");
  await app.button("Export").click();
  await expect(page.getByRole("textbox", { name: "Link" })).toBeVisible();
  await expect(app.button("Download")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await loadWeights(app, fileName, bytes);
  await expect(page.getByText(fileName, { exact: true })).toBeVisible();
  await expect(page.getByText(`49,417 parameters after ${numSteps} steps.`)).toBeVisible();
  // The settings are the file's, also the one that differs from its preset.
  await expect(page.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(page).toHaveURL(/preset=tiny/);
  await expect(page).toHaveURL(/timesteps=500/);
  expect(await sampledPicture(app, `by ${fileName}`)).toBe(picture);

  await app.train.click();
  await app.waitForSteps(2);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const total = numSteps + (await app.losses()).length;
  await sampledPicture(app, `after ${total} training steps`);

  // The run has taken the place of the file.
  await expect(app.button("Forget these weights")).toHaveCount(0);
  await expect(page.getByText(`begun with ${fileName}`)).toBeVisible();
});

test("the averaged and the latest weights of a run are sampled and saved as one chooses", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  const averaged = "emaDecay=0.99&emaUpdateAfter=0&emaUpdateEvery=1";
  await app.openWithFewImages(
    `?backend=wasm&preset=tiny&dim=4&previewEvery=0&learningRate=0.01&${averaged}`,
  );
  const choices = page.getByRole("combobox", { name: "Weights" });
  const choose = async (weights: "Latest" | "Averaged") => {
    await openView(page, "denoise");
    await new DenoisePage(page).unfold();
    await choices.selectOption(weights);
  };
  await app.trainToEnd();

  const drawnWith = "after 5 training steps";
  const ofAverage = await sampledPicture(app, drawnWith, 4);
  await expect(choices).toHaveCount(0);
  await choose("Latest");
  await sampledPicture(app, drawnWith, 5);
  const ofLatest = await sampledPicture(app, drawnWith, 4);
  expect(ofLatest).not.toBe(ofAverage);
  await choose("Averaged");
  await sampledPicture(app, drawnWith, 5);
  expect(await sampledPicture(app, drawnWith, 4)).toBe(ofAverage);

  // What each of them is, the files say, which draw the same.
  const files = new Map<string, Buffer>();
  for (const weights of ["Averaged weights", "Latest weights"]) {
    const [saved] = await saveWeights(app, "float32", { weights });
    files.set(saved?.suggestedFilename() ?? "", await bytesOf(saved));
  }
  const expected = [
    { fileName: "diffusion-mnist-5-steps.safetensors", isAverage: true, picture: ofAverage },
    { fileName: "diffusion-mnist-5-steps-latest.safetensors", isAverage: false, picture: ofLatest },
  ];
  expect([...files.keys()]).toEqual(expected.map(({ fileName }) => fileName));
  for (const { fileName, isAverage, picture } of expected) {
    const bytes = files.get(fileName) as Buffer;
    const { metadata } = decodeWeights(bytes);
    expect(JSON.parse(metadata.training ?? "")).toMatchObject({ isAverage, trainedSteps: 5 });
    await loadWeights(app, fileName, bytes);
    // Another network brings its own number of steps.
    await expect(page.getByText(fileName, { exact: true })).toBeVisible();
    expect(await sampledPicture(app, `by ${fileName}`)).toBe(picture);
  }
  // Of one kind of weights there is no choice.
  await openView(page, "denoise");
  await new DenoisePage(page).unfold();
  await expect(choices).toHaveCount(0);
});

test("a dropped file that is broken is named where files are loaded, and the page samples as before", async ({
  lab: app,
}) => {
  const { page } = app;
  await app.openRun("view=train");
  const drawnWith = `after ${LAB_RUN.numSteps} training steps`;
  const picture = await sampledPicture(app, drawnWith);
  const bytes = await bytesOf((await saveWeights(app, "float32"))[0]);
  await app.dropFiles([{ name: "cut-off.safetensors", bytes: bytes.subarray(0, -1000) }]);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("cut-off.safetensors did not load");
  // Nowhere else, in sight, over nothing of the view, and in the other views as well.
  await expect(alert).toHaveCount(1);
  await expect(alert).toBeInViewport();
  const [notice, view] = [await alert.boundingBox(), await page.getByRole("main").boundingBox()];
  expect(notice && notice.y + notice.height).toBeLessThanOrEqual(view?.y as number);
  await openView(page, "denoise");
  await expect(alert).toContainText("cut-off.safetensors did not load");
  await openView(page, "train");
  await expect(page.getByText("Trained weights", { exact: true })).toBeVisible();
  expect(await sampledPicture(app, drawnWith, 5)).not.toBe(picture);
  expect(await sampledPicture(app, drawnWith)).toBe(picture);
  // The whole file takes the notice back.
  await app.dropFiles([{ name: "whole.safetensors", bytes }]);
  await expect(page.getByText("whole.safetensors", { exact: true })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("for TensorFlow.js the weights are two files, the first of which names the second", {
  tag: "@long",
}, async ({ lab: app }) => {
  await app.openRun("view=train");
  const downloads = await saveWeights(app, "TensorFlow.js", { numFiles: 2 });
  const [jsonName, binName] = downloads.map((download) => download.suggestedFilename());
  expect(jsonName).toBe(`diffusion-mnist-${LAB_RUN.numSteps}-steps.model.json`);
  const { weightsManifest } = JSON.parse((await bytesOf(downloads[0])).toString());
  expect(weightsManifest[0].paths).toEqual([binName]);
  const { numParameters } = await app.run();
  expect(numParameters).toBeGreaterThan(0);
  expect(await bytesOf(downloads[1])).toHaveLength(4 * numParameters);
});
