/** The evolution's view, for its tests. */
import { readFileSync } from "node:fs";
import { type Download, expect, type Locator, type Page } from "@playwright/test";
import { madeEvolution } from "../madeEvolution.ts";
import { LAB_RUN, openView } from "./app.ts";
import type { LabPage } from "./labRun.ts";

export const NUM_SNAPSHOTS = LAB_RUN.snapshotSteps.length;
export const NUM_FRAMES = LAB_RUN.numFrames;
export const NEWEST = NUM_SNAPSHOTS - 1;

export function evolutionOf(page: Pick<Page, "getByRole">) {
  return {
    training: page.getByRole("slider", { name: "Training" }),
    denoising: page.getByRole("slider", { name: "Denoising step" }),
    digits: page.getByRole("img", { name: /^(Digits|Images) (at|after) / }),
  };
}

export async function goToEvolution(page: Page) {
  await openView(page, "evolution");
  const view = evolutionOf(page);
  await expect(view.training).toBeVisible();
  return view;
}

/** The view of the stored run. */
export async function openEvolution(lab: LabPage) {
  await lab.openRun("view=evolution");
  const view = evolutionOf(lab.page);
  await expect(view.training).toHaveAttribute("aria-valuenow", String(NEWEST));
  return view;
}

/** The view of a run with many snapshots, as if the worker had told them. */
export async function openMadeEvolution(lab: LabPage, numSnapshots: number) {
  await lab.goToAddress("view=evolution");
  const size = { numSnapshots, count: 16, numFrames: NUM_FRAMES, stepsPerEpoch: 5 };
  const { snapshots, ...history } = madeEvolution(size);
  await lab.tellRun(history);
  await lab.tellSnapshots(snapshots);
  const view = evolutionOf(lab.page);
  await expect(view.training).toHaveAttribute("aria-valuemax", String(numSnapshots - 1));
  return view;
}

export const now = (slider: Locator) => slider.getAttribute("aria-valuenow").then(Number);

/** What a canvas shows. */
export async function picture(canvas: Locator): Promise<string> {
  await canvas.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  return canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
}

export async function chooseFilm(page: Page, label: string) {
  await page.locator("label").getByText(label, { exact: true }).click();
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

/** A film gives way by timers without a time: held, it is never done before one does something. */
export async function holdTimers(page: Page) {
  await page.evaluate(() => {
    const { setTimeout } = window;
    const held: TimerHandler[] = [];
    let isHolding = true;
    window.heldTimers = (areHeld) => {
      isHolding = areHeld;
      if (!areHeld) for (const timer of held.splice(0)) setTimeout(timer);
    };
    window.setTimeout = ((timer: TimerHandler, ms?: number) =>
      isHolding && ms === undefined ? held.push(timer) : setTimeout(timer, ms)) as never;
  });
}

declare global {
  interface Window {
    /** Holds what timers without a time are to call, or lets it be called. */
    heldTimers: (areHeld: boolean) => void;
  }
}
