import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { decode } from "fast-png";
import type { StepMetrics } from "../../src/worker/protocol.ts";
import { AppPage } from "./app.ts";

/** The view of the charts, for its tests. */
export const TINY = "?backend=wasm&preset=tiny&previewEvery=0";
export type Box = { x: number; y: number; width: number; height: number };

export const CHARTS = [
  "Loss",
  "Validation loss by timestep",
  "Gradient norm",
  "Learning rate",
  "Step time",
  "Images a second",
  "Memory",
];

/** Trains four epochs of five steps, and shows their charts. */
export async function openFinished(page: Page): Promise<AppPage> {
  const app = new AppPage(page);
  await app.open(`${TINY}&epochs=4`);
  await app.dropFewImages();
  await app.trainToEnd();
  await goToCharts(page);
  await expect(chart(page, "Loss").locator("[data-curve=validation] circle")).toHaveCount(4);
  return app;
}

export async function goToCharts(page: Page) {
  await page.getByRole("link", { name: "Charts", exact: true }).click();
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

export async function stepsOf(app: AppPage): Promise<StepMetrics[]> {
  const events = await app.page.evaluate(() => window.recordedEvents);
  return events.flatMap((event) => (event.type === "steps" ? event.steps : []));
}

/** Steps, rounded; null for all. */
export function zoomOf(page: Page): number[] | null {
  const zoom = new URL(page.url()).searchParams.get("zoom");
  return zoom?.split("-").map((end) => Math.round(Number(end))) ?? null;
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

/** Its size in pixels and the colours in it, as `r,g,b`. */
export function pictureOf({ bytes }: { bytes: Uint8Array }) {
  const { width, height, data, channels } = decode(bytes);
  const colours = new Set<string>();
  for (let i = 0; i < data.length; i += channels) colours.add(data.slice(i, i + 3).join());
  return { width, height, colours };
}
