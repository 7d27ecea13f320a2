import type { Locator, Page } from "@playwright/test";
import { cellPlace, planeLayout } from "../../src/app/features/results/evolution/planeLayout.ts";
import { openView } from "./app.ts";
import {
  chooseFilm,
  NEWEST,
  NUM_FRAMES,
  NUM_SNAPSHOTS,
  now,
  openEvolution,
  openMadeEvolution,
  picture,
} from "./evolution.ts";
import { expect, test } from "./labRun.ts";

/** The middle of a place of the pad, on the screen. */
async function padPlace(page: Page, index: number, frame: number) {
  const pad = page.getByRole("img", { name: /training across, denoising down/ });
  const box = await boxOf(pad);
  return [
    box.x + 14 + ((box.width - 28) * index) / NEWEST,
    box.y + 14 + ((box.height - 28) * frame) / (NUM_FRAMES - 1),
  ] as const;
}

async function boxOf(place: Locator) {
  const box = await place.boundingBox();
  if (!box) throw new Error("It has no box.");
  return box;
}

test("sliders, pad, plane and loss lead through training and denoising", async ({ lab }) => {
  const { page } = lab;
  const { training, denoising, digits } = await openEvolution(lab);
  await expect(digits).toHaveAttribute(
    "aria-label",
    "Images after 600 steps, the end of epoch 6; samples, t = 0",
  );
  const newest = await picture(digits);

  const track = await boxOf(training.locator(".."));
  await page.mouse.click(track.x + (track.width * 3) / NEWEST, track.y + 10);
  await expect(training).toHaveAttribute("aria-valuenow", "3");
  await expect(training).toHaveAttribute("aria-valuetext", "after 200 steps, the end of epoch 2");
  const early = await picture(digits);
  expect(early).not.toBe(newest);

  await page.mouse.move(...(await padPlace(page, NEWEST, 0)));
  await page.mouse.down();
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  await expect(denoising).toHaveAttribute("aria-valuenow", "0");
  await expect(denoising).toHaveAttribute("aria-valuetext", "noise, t = 999");
  await page.mouse.move(...(await padPlace(page, 3, 2)), { steps: 5 });
  await page.mouse.up();
  await expect(training).toHaveAttribute("aria-valuenow", "3");
  await expect(denoising).toHaveAttribute("aria-valuetext", "denoising step 2 of 5, t = 599");
  expect(await picture(digits)).not.toBe(early);

  await page.getByRole("radio", { name: "Sample 7" }).check();
  const plane = await boxOf(page.getByRole("img", { name: /^Sample 7: 8 snapshots/ }));
  const room = await page.locator("[data-plane]").evaluate((element) => ({
    width: element.clientWidth,
    height: element.clientHeight,
  }));
  const layout = planeLayout({ numRows: NUM_SNAPSHOTS, numColumns: NUM_FRAMES, ...room });
  const middleOf = (row: number, column: number) => {
    const { x, y } = cellPlace(layout, row, column);
    return [plane.x + x + layout.picture / 2, plane.y + y + layout.picture / 2] as const;
  };
  await page.mouse.move(...middleOf(4, 1));
  await expect(training).toHaveAttribute("aria-valuenow", "4");
  expect(await now(denoising)).toBe(1);
  await page.mouse.move(...middleOf(5, 3));
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(plane.x, plane.y - 100);
  await expect(training).toHaveAttribute("aria-valuenow", "5");
  expect(await now(denoising)).toBe(3);

  // Who points at the loss sees the digits of that step, and then those from before.
  await training.focus();
  await page.keyboard.press("End");
  await denoising.focus();
  await page.keyboard.press("End");
  await expect.poll(() => picture(digits)).toBe(newest);
  const loss = page.getByRole("img", { name: /^Loss, smoothed/ });
  const box = await boxOf(loss);
  await page.mouse.move(box.x + (box.width * 2.1) / NEWEST, box.y + 20);
  await expect(training).toHaveAttribute("aria-valuenow", "2");
  expect(await picture(digits)).not.toBe(newest);
  expect(await loss.getAttribute("aria-label")).toMatch(
    /^Loss, smoothed: \d\.\d{4} at step 1\d\d$/,
  );
  await page.mouse.move(box.x, box.y - 300);
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  expect(await picture(digits)).toBe(newest);
  await training.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(loss).toHaveAttribute("aria-label", /at step 500$/);
  const said = /\d\.\d{4}/.exec((await loss.getAttribute("aria-label")) ?? "")?.[0];
  const table = page.getByRole("table", { name: "Loss at the snapshots, smoothed" });
  await expect(table.locator("tbody tr")).toHaveCount(NUM_SNAPSHOTS);
  await expect(table.getByRole("row", { name: `500 ${said}` })).toHaveCount(1);

  // What is held stays when the pointer passes over a chart.
  await page.keyboard.press("Home");
  // Train follows the newest, whatever is held here.
  await openView(page, "train");
  const chart = page.getByRole("slider", { name: "Step, Loss", exact: true });
  await expect(chart).toHaveAttribute("aria-valuenow", "600");
  await expect(page.locator("[data-cursor]")).toHaveCount(0);
  await openView(page, "charts");
  await expect(chart).toHaveAttribute("aria-valuenow", "0");
  await chart.hover();
  await expect(chart).not.toHaveAttribute("aria-valuenow", "0");
  await page.mouse.move(5, 5);
  await openView(page, "evolution");
  await expect(training).toHaveAttribute("aria-valuenow", "0");
});

test("the keyboard alone moves both sliders, chooses a digit and plays the film to its end", async ({
  lab,
}) => {
  const { page } = lab;
  const { training, denoising } = await openEvolution(lab);
  await page.keyboard.press("Home");
  expect(await now(training)).toBe(0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  expect([await now(training), await now(denoising)]).toEqual([1, NUM_FRAMES - 2]);
  await denoising.focus();
  await page.keyboard.press("Home");
  expect([await now(training), await now(denoising)]).toEqual([1, 0]);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  expect([await now(training), await now(denoising)]).toEqual([0, NUM_FRAMES - 1]);

  await page.getByRole("radio", { name: "Sample 1", exact: true }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Sample 5" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("heading", { name: /^Sample 6/ })).toBeVisible();

  // The film plays in a loop, so that it is not over before it is paused.
  const loop = page.getByRole("switch", { name: "Loop" });
  await loop.press("Space");
  await training.focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(async () => expect(await now(training)).toBeGreaterThan(0)).toPass();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await loop.press("Space");

  // Both axes, from the last but one snapshot's noise on.
  await chooseFilm(page, "Both");
  await page.getByRole("combobox", { name: "Speed" }).selectOption("4");
  await denoising.focus();
  await page.keyboard.press("Home");
  await training.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  expect([await now(training), await now(denoising)]).toEqual([NEWEST - 1, 0]);
  await page.keyboard.press("Space");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  expect([await now(training), await now(denoising)]).toEqual([NEWEST, NUM_FRAMES - 1]);
});

test("lines and words of the pictures follow the page's colors", { tag: "@long" }, async ({
  lab,
}) => {
  const { page } = lab;
  await page.emulateMedia({ colorScheme: "light" });
  await openMadeEvolution(lab, 3);
  const canvases = [/training across, denoising down/, /^Sample 1: 3 snapshots/].map((name) =>
    page.getByRole("img", { name }),
  );
  const light = await Promise.all(canvases.map(picture));
  const areLight = () =>
    Promise.all(canvases.map(async (canvas, i) => (await picture(canvas)) === light[i]));
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(areLight).toEqual([false, false]);
  await lab.button("About this page").click();
  await page.getByRole("button", { name: /Change to light$/ }).click();
  await expect.poll(areLight).toEqual([true, true]);
});

test("all of a hundred snapshots are drawn, without scrolling on a laptop; on a telephone where one is comes into view", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const { training } = await openMadeEvolution(lab, 106);
  const plane = page.getByRole("img", { name: /106 snapshots/ });
  const isScrolled = await plane.evaluate(({ parentElement }) => {
    const box = parentElement?.parentElement as HTMLElement;
    return box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth;
  });
  expect(isScrolled).toBe(false);
  const main = page.getByRole("main");
  expect(await main.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);

  const box = page.locator("[data-plane]");
  const scrollTop = () => box.evaluate((element) => element.scrollTop);
  await training.focus();
  await page.keyboard.press("End");
  // It stays in view where the box becomes another.
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(scrollTop).toBeGreaterThan(100);
  await page.keyboard.press("Home");
  await expect.poll(scrollTop).toBeLessThan(30);
  await page.keyboard.press("End");
  await expect.poll(scrollTop).toBeGreaterThan(100);
  // The plane has the focus: its keys are of training, and what is shown follows.
  await box.focus();
  await page.keyboard.press("Home");
  await expect(training).toHaveAttribute("aria-valuenow", "0");
  await expect.poll(scrollTop).toBeLessThan(30);
});

test("on a telephone all is there, one below the other; keys and fingers scroll where no slider has them", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.setViewportSize({ width: 390, height: 844 });
  const { training, denoising, digits } = await openEvolution(lab);
  await expect(denoising).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  expect((await boxOf(digits)).width).toBeGreaterThan(250);
  await training.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
  await page.keyboard.press("ArrowRight");

  const scrollTop = () => page.evaluate(() => document.scrollingElement?.scrollTop ?? 0);
  await page.getByRole("heading", { name: "Evolution", exact: true }).click();
  await page.keyboard.press("PageDown");
  await expect.poll(scrollTop).toBeGreaterThan(200);
  // A key during the scroll of the one before may be lost.
  await expect(async () => {
    await page.keyboard.press("Home");
    expect(await scrollTop()).toBe(0);
  }).toPass();
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));

  const loss = page.getByRole("img", { name: /^Loss, smoothed/ });
  const touchAction = (place: Locator) =>
    place.evaluate((element) => getComputedStyle(element).touchAction);
  expect(await touchAction(loss)).toBe("pan-y");
  expect(await touchAction(training.locator("../.."))).toBe("pan-y");
  expect(await touchAction(denoising.locator("../.."))).toBe("none");
  // A finger goes to a place only where it stays.
  const box = await boxOf(loss);
  const finger = { pointerType: "touch", bubbles: true, clientX: box.x + 5, clientY: box.y + 5 };
  await loss.dispatchEvent("pointerdown", { ...finger, buttons: 1 });
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  await loss.dispatchEvent("pointerup", finger);
  await expect(training).toHaveAttribute("aria-valuenow", "0");
  await training.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await expect(training).toHaveAttribute("aria-valuenow", "0");
});
