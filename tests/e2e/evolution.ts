/** The evolution's view, for its tests. */
import { readFileSync } from "node:fs";
import { type Download, expect, type Locator, type Page } from "@playwright/test";
import { madeEvolution } from "../madeEvolution.ts";
import { AppPage, LAB_RUN } from "./app.ts";

export const TAG = { tag: "@lab" };
/** 5 steps an epoch of the few images. */
export const SMALL = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&previewTimesteps=4";
export const NUM_SNAPSHOTS = LAB_RUN.snapshotSteps.length;
export const NUM_FRAMES = LAB_RUN.numFrames;
export const NEWEST = NUM_SNAPSHOTS - 1;

export async function goToEvolution(page: Page) {
  await page.getByRole("link", { name: "Evolution" }).click();
  const view = {
    training: page.getByRole("slider", { name: "Training" }),
    denoising: page.getByRole("slider", { name: "Denoising step" }),
    digits: page.getByRole("img", { name: /^Digits / }),
  };
  await expect(view.training).toBeVisible();
  return view;
}

/** The view of the stored run. */
export async function openEvolution(page: Page) {
  const app = new AppPage(page);
  await app.open("?backend=wasm");
  await app.openLabRun();
  const view = await goToEvolution(page);
  await expect(view.training).toHaveAttribute("aria-valuenow", String(NEWEST));
  return view;
}

/** The view of a run that was just trained, with many snapshots as if the worker had told them. */
export async function openMadeEvolution(page: Page, numSnapshots: number) {
  const app = new AppPage(page);
  await app.open(`${SMALL}&epochs=1`);
  await app.dropFewImages();
  await app.trainToEnd();
  const size = { numSnapshots, count: 16, numFrames: NUM_FRAMES, stepsPerEpoch: 5 };
  const snapshots = madeEvolution(size).snapshots.map(({ pixels, ...snapshot }) => ({
    ...snapshot,
    pixels: Buffer.from(pixels).toString("base64"),
  }));
  await page.evaluate((plain) => {
    const bytes = (base64: string) =>
      Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const started = window.recordedEvents.find(({ type }) => type === "runStarted");
    const data = {
      type: "snapshots",
      runId: started && "runId" in started ? started.runId : null,
      snapshots: plain.map((each) => ({ ...each, pixels: bytes(each.pixels) })),
    };
    window.recordedWorker?.dispatchEvent(new MessageEvent("message", { data }));
  }, snapshots);
  return goToEvolution(page);
}

export const now = (slider: Locator) => slider.getAttribute("aria-valuenow").then(Number);

/** What a canvas shows. */
export async function picture(canvas: Locator): Promise<string> {
  await canvas.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  return canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
}

/** What an item of the menu saves. */
export async function saved(page: Page, name: RegExp) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name }).click();
  return bytesOf(await download);
}

export async function bytesOf(download: Download) {
  return {
    fileName: download.suggestedFilename(),
    bytes: new Uint8Array(readFileSync(await download.path())),
  };
}
