import { expect, type Locator, type Page, test } from "@playwright/test";
import { cellPlace, planeLayout } from "../../src/ui/evolution/planeLayout.ts";
import { AppPage } from "./app.ts";
import {
  NEWEST,
  NUM_FRAMES,
  NUM_SNAPSHOTS,
  now,
  openEvolution,
  openMadeEvolution,
  picture,
  SMALL,
  TAG,
} from "./evolution.ts";

/** The middle of a place of the pad, on the screen. */
async function padPlace(page: Page, index: number, frame: number) {
  const pad = page.getByRole("img", { name: /training across, denoising down/ });
  const box = await pad.boundingBox();
  if (!box) throw new Error("The pad has no box.");
  return [
    box.x + 14 + ((box.width - 28) * index) / NEWEST,
    box.y + 14 + ((box.height - 28) * frame) / (NUM_FRAMES - 1),
  ] as const;
}

test(
  "before any snapshot the view says what will be there, and leads to training",
  TAG,
  async ({ page }) => {
    await new AppPage(page).open(SMALL);
    await page.getByRole("link", { name: "Evolution" }).click();
    await expect(
      page.getByText(/the same noise is turned into digits again and again/),
    ).toBeVisible();
    await page.getByRole("link", { name: "Go to Train" }).click();
    await expect(page.getByRole("button", { name: "Train", exact: true })).toBeVisible();
    await expect(page).not.toHaveURL(/view=/);
  },
);

test("sliders and pad go through training and denoising, with words", TAG, async ({ page }) => {
  const { training, denoising, digits } = await openEvolution(page);
  await expect(digits).toHaveAttribute(
    "aria-label",
    "Digits after 600 steps, the end of epoch 6; digits, t = 0",
  );
  const newest = await picture(digits);

  const track = await training.locator("..").boundingBox();
  if (!track) throw new Error("The slider has no box.");
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
});

test(
  "the keyboard alone plays the film, moves both sliders and chooses a digit",
  TAG,
  async ({ page }) => {
    const { training, denoising } = await openEvolution(page);
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

    await page.keyboard.press("Space");
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    await expect(async () => expect(await now(training)).toBeGreaterThan(1)).toPass();
    await page.keyboard.press("Space");
    await expect(page.getByRole("button", { name: "Play" })).toBeVisible();

    await page.getByRole("radio", { name: "Sample 1", exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("radio", { name: "Sample 5" })).toBeFocused();
    await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("heading", { name: /^Sample 6/ })).toBeVisible();
  },
);

test(
  "the film over both plays from the first noise to the newest digits, and ends",
  TAG,
  async ({ page }) => {
    const { training, denoising } = await openEvolution(page);
    await page
      .locator("label")
      .filter({ hasText: /^Both$/ })
      .click();
    await page.locator("label").filter({ hasText: /^4×$/ }).click();
    await page.getByRole("button", { name: "Play" }).click();
    await expect(async () => expect(await now(training)).toBeLessThan(4)).toPass();
    await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
    expect([await now(training), await now(denoising)]).toEqual([NEWEST, NUM_FRAMES - 1]);
  },
);

test("the plane of a digit leads to each of its places", TAG, async ({ page }) => {
  const { training, denoising } = await openEvolution(page);
  await page.getByRole("radio", { name: "Sample 7" }).check();
  const plane = page.getByRole("img", { name: /^Sample 7: 8 snapshots/ });
  const box = await plane.boundingBox();
  if (!box) throw new Error("The plane has no box.");
  const room = await page.locator("[data-plane]").evaluate((element) => ({
    width: element.clientWidth,
    height: element.clientHeight,
  }));
  const layout = planeLayout({ numRows: NUM_SNAPSHOTS, numColumns: NUM_FRAMES, ...room });
  const middleOf = (row: number, column: number) => {
    const { x, y } = cellPlace(layout, row, column);
    return [box.x + x + layout.cell / 2, box.y + y + layout.cell / 2] as const;
  };
  await page.mouse.move(...middleOf(3, 1));
  await expect(training).toHaveAttribute("aria-valuenow", "3");
  expect(await now(denoising)).toBe(1);
  await page.mouse.move(...middleOf(5, 2));
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(box.x, box.y - 100);
  await expect(training).toHaveAttribute("aria-valuenow", "5");
  expect(await now(denoising)).toBe(2);
});

test(
  "all of a hundred snapshots are drawn in the plane, without scrolling on a laptop",
  TAG,
  async ({ page }) => {
    const { training } = await openMadeEvolution(page, 106);
    await expect(training).toHaveAttribute("aria-valuemax", "105");
    const plane = page.getByRole("img", { name: /106 snapshots/ });
    const isScrolled = await plane.evaluate(({ parentElement }) => {
      const box = parentElement?.parentElement as HTMLElement;
      return box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth;
    });
    expect(isScrolled).toBe(false);
    const main = page.getByRole("main");
    expect(await main.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
  },
);

test("on a telephone all is there, one below the other", TAG, async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { training, denoising, digits } = await openEvolution(page);
  await expect(denoising).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  const box = await digits.boundingBox();
  expect(box?.width).toBeGreaterThan(250);
  await training.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
});

test(
  "where the page scrolls its keys scroll it, unless a slider has the focus",
  TAG,
  async ({ page }) => {
    const { training } = await openEvolution(page);
    await page.setViewportSize({ width: 390, height: 844 });
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
    await training.focus();
    await page.keyboard.press("Home");
    await expect(training).toHaveAttribute("aria-valuenow", "0");
  },
);

test("a finger on the loss or its slider may scroll the page", TAG, async ({ page }) => {
  const { training, denoising } = await openEvolution(page);
  const loss = page.getByRole("img", { name: /^Loss, smoothed/ });
  const touchAction = (place: Locator) =>
    place.evaluate((element) => getComputedStyle(element).touchAction);
  expect(await touchAction(loss)).toBe("pan-y");
  expect(await touchAction(training.locator("../.."))).toBe("pan-y");
  expect(await touchAction(denoising.locator("../.."))).toBe("none");
  // It goes to a place only where it stays.
  const box = await loss.boundingBox();
  if (!box) throw new Error("The loss has no box.");
  const finger = { pointerType: "touch", bubbles: true, clientX: box.x + 5, clientY: box.y + 5 };
  await loss.dispatchEvent("pointerdown", { ...finger, buttons: 1 });
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
  await loss.dispatchEvent("pointerup", finger);
  await expect(training).toHaveAttribute("aria-valuenow", "0");
});

test(
  "the place in a plane that is higher than its box is brought into view",
  TAG,
  async ({ page }) => {
    const { training } = await openMadeEvolution(page, 106);
    const box = page.locator("[data-plane]");
    await training.focus();
    await page.keyboard.press("End");
    // It stays in view where the box becomes another.
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
    await page.keyboard.press("Home");
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBeLessThan(30);
    await page.keyboard.press("End");
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBeGreaterThan(100);
    // The plane has the focus: its keys are of training, and what is shown follows.
    await box.focus();
    await page.keyboard.press("Home");
    await expect(training).toHaveAttribute("aria-valuenow", "0");
    await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBeLessThan(30);
  },
);
