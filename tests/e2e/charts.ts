import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { decode } from "fast-png";
import { LAB_RUN, openView } from "./app.ts";
import type { LabPage } from "./labRun.ts";

/** The view of the charts, for its tests. */
export const TINY = "?backend=wasm&preset=tiny&previewEvery=0";
export type Box = { x: number; y: number; width: number; height: number };

export const CHARTS = [
  "Loss",
  "Validation loss by timestep",
  "Gradient norm",
  "Learning rate",
  "Step time",
  "Images per second",
  "Memory",
];

/** Of a run whose samples are measured after epochs. */
export const QUALITY_CHARTS = ["Quality", "Fréchet distance on classifier features"] as const;

/** The charts of the stored run. */
export async function openCharts(lab: LabPage, query = "") {
  await lab.openRun(`view=charts${query}`);
  const epochs = chart(lab.page, "Loss").locator("[data-curve=validation] circle");
  await expect(epochs).toHaveCount(LAB_RUN.numEpochs);
}

export async function goToCharts(page: Page) {
  await openView(page, "charts");
}

export function chart(page: Page, title: string): Locator {
  return page.locator("section", {
    has: page.getByRole("heading", { name: title, level: 3, exact: true }),
  });
}

export function plotOf(card: Locator): Locator {
  return card.getByRole("slider");
}

/** Of a series at the cursor. */
export function value(card: Locator, key: string): Locator {
  return card.locator(`[data-entry=${key}] b`);
}

export async function choose(page: Page, group: string, label: string) {
  await page.getByRole("radiogroup", { name: group }).getByText(label, { exact: true }).click();
}

export async function pathOf(path: Locator): Promise<string> {
  return (await path.getAttribute("d")) ?? "";
}

/** Steps; null for all. */
export function zoomOf(page: Page): number[] | null {
  const zoom = new URL(page.url()).searchParams.get("zoom");
  return zoom?.split("-").map(Number) ?? null;
}

/** Waits until the charts show from one step to another, as near as a pixel is to a step. */
export async function expectZoom(page: Page, from: number, to: number) {
  const isNear = () => {
    const [left = Number.NaN, right = Number.NaN] = zoomOf(page) ?? [];
    return Math.abs(left - from) <= 3 && Math.abs(right - to) <= 3;
  };
  await expect.poll(isNear, { message: `a zoom from ${from} to ${to}` }).toBe(true);
}

export async function hover(page: Page, plot: Locator, place: number) {
  const box = await plot.boundingBox();
  if (!box) throw new Error("The plot is not on the page.");
  await page.mouse.move(box.x + place * box.width, box.y + box.height / 2);
}

export async function drag(page: Page, plot: Locator, from: number, to: number) {
  await hover(page, plot, from);
  await page.mouse.down();
  await hover(page, plot, (from + to) / 2);
  await hover(page, plot, to);
  await page.mouse.up();
}

export async function saved(page: Page, title: string, item: string) {
  await page.getByRole("button", { name: new RegExp(`^Save( or table)?: ${title}$`) }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: item, exact: true }).click();
  const file = await download;
  return { fileName: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Its size in pixels and the colors in it, as `r,g,b`. */
export function pictureOf({ bytes }: { bytes: Uint8Array }) {
  const { width, height, data, channels } = decode(bytes);
  // As one number each: there are millions of pixels.
  const found = new Set<number>();
  for (let i = 0; i < data.length; i += channels) {
    found.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
  }
  const colors = Array.from(found, (rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255].join());
  return { width, height, colors: new Set(colors) };
}
