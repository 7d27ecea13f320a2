import { readFileSync } from "node:fs";
import { type Download, expect, type Locator, type Page, test } from "@playwright/test";
import { decode } from "fast-png";
import { GifReader } from "omggif";
import { madeEvolution } from "../madeEvolution.ts";
import { AppPage, LAB_RUN } from "./app.ts";
import { readVideo } from "./videoReading.ts";

const TAG = { tag: "@lab" };
/** 5 steps an epoch of the few images. */
const SMALL = "?backend=wasm&preset=tiny&dim=4&previewEvery=0&previewTimesteps=4";
const NUM_SNAPSHOTS = LAB_RUN.snapshotSteps.length;
const NUM_FRAMES = LAB_RUN.numFrames;
const NEWEST = NUM_SNAPSHOTS - 1;
/** 4 x 4 digits with gaps of 2, and the words below. */
const SIDE = 4 * 30 - 2;
const CAPTION_HEIGHT = 28;

async function goToEvolution(page: Page) {
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
async function openEvolution(page: Page) {
  const app = new AppPage(page);
  await app.open("?backend=wasm");
  await app.openLabRun();
  const view = await goToEvolution(page);
  await expect(view.training).toHaveAttribute("aria-valuenow", String(NEWEST));
  return view;
}

/** The view of a run that was just trained, with many snapshots as if the worker had told them. */
async function openMadeEvolution(page: Page, numSnapshots: number) {
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

const now = (slider: Locator) => slider.getAttribute("aria-valuenow").then(Number);

/** What a canvas shows. */
async function picture(canvas: Locator): Promise<string> {
  await canvas.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  return canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
}

async function exported(page: Page, name: RegExp) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export…" }).click();
  await page.getByRole("button", { name }).click();
  return bytesOf(await download);
}

async function bytesOf(download: Download) {
  return {
    fileName: download.suggestedFilename(),
    bytes: new Uint8Array(readFileSync(await download.path())),
  };
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

test(
  "pointing at the loss shows the digits of that step, and then those from before",
  TAG,
  async ({ page }) => {
    const { training, digits } = await openEvolution(page);
    const loss = page.getByRole("img", { name: /^Loss, smoothed/ });
    const box = await loss.boundingBox();
    if (!box) throw new Error("The loss has no box.");
    const newest = await picture(digits);
    await page.mouse.move(box.x + (box.width * 2.1) / NEWEST, box.y + 20);
    await expect(training).toHaveAttribute("aria-valuenow", "2");
    expect(await picture(digits)).not.toBe(newest);
    const label = await loss.getAttribute("aria-label");
    expect(label).toMatch(/^Loss, smoothed: \d\.\d{4} at step 1\d\d$/);
    await page.mouse.move(box.x, box.y - 300);
    await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
    expect(await picture(digits)).toBe(newest);
    await training.focus();
    await page.keyboard.press("ArrowLeft");
    await expect(loss).toHaveAttribute("aria-label", /at step 500$/);
  },
);

test("the plane of a digit leads to each of its places", TAG, async ({ page }) => {
  const { training, denoising } = await openEvolution(page);
  await page.getByRole("radio", { name: "Sample 7" }).check();
  const plane = page.getByRole("img", { name: /^Sample 7: 8 snapshots/ });
  const box = await plane.boundingBox();
  if (!box) throw new Error("The plane has no box.");
  const cell = (box.width - 46) / NUM_FRAMES;
  await page.mouse.move(box.x + 46 + 1.5 * cell, box.y + 22 + 3.5 * cell);
  await expect(training).toHaveAttribute("aria-valuenow", "3");
  expect(await now(denoising)).toBe(1);
  await page.mouse.move(box.x + 46 + 2.5 * cell, box.y + 22 + 5.5 * cell);
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

test("the film is exported as a GIF with its frames, times and size", TAG, async ({ page }) => {
  await openEvolution(page);
  const { fileName, bytes } = await exported(page, /^GIF/);
  expect(fileName).toBe("lab-run-evolution.gif");
  const gif = new GifReader(Buffer.from(bytes));
  expect(gif.numFrames()).toBe(NUM_SNAPSHOTS);
  expect([gif.width, gif.height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
  expect(gif.frameInfo(0).delay).toBe(16);
  expect(gif.frameInfo(NUM_SNAPSHOTS - 1).delay).toBe(120);

  await page
    .locator("label")
    .filter({ hasText: /^Both$/ })
    .click();
  await page.getByRole("button", { name: "Export…" }).click();
  await page.locator("label").filter({ hasText: /^2$/ }).click();
  await page.getByRole("switch", { name: /below the digits/ }).uncheck();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^GIF/ }).click();
  const both = new GifReader(Buffer.from((await bytesOf(await download)).bytes));
  expect(both.numFrames()).toBe(NUM_SNAPSHOTS * NUM_FRAMES);
  expect([both.width, both.height]).toEqual([2 * SIDE, 2 * SIDE]);
  const rgba = new Uint8Array(4 * both.width * both.height);
  both.decodeAndBlitFrameRGBA(NUM_SNAPSHOTS * NUM_FRAMES - 1, rgba);
  expect(new Set(rgba).size).toBeGreaterThan(50);
});

test("the film is exported as a video with its frames and size", TAG, async ({ page }) => {
  const refused: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await openEvolution(page);
  const { fileName, bytes } = await exported(page, /^WebM video/);
  expect(fileName).toMatch(/-evolution\.webm$/);
  const video = await readVideo(page, bytes);
  // The last one twice, so that it is seen.
  expect(video.frames).toHaveLength(NUM_SNAPSHOTS + 1);
  for (const { width, height, darkest, brightest } of video.frames) {
    expect([width, height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
    expect(darkest).toBeLessThan(40);
    expect(brightest).toBeGreaterThan(180);
  }
  expect(video.duration).toBeCloseTo(NEWEST * 0.16 + 1.2, 1);
  expect(refused).toEqual([]);
});

test(
  "a long export says how far it is and how long it takes, and is cancelled",
  TAG,
  async ({ page }) => {
    await openMadeEvolution(page, 106);
    const downloads: Download[] = [];
    page.on("download", (download) => downloads.push(download));
    await page
      .locator("label")
      .filter({ hasText: /^Both$/ })
      .click();
    await page.getByRole("button", { name: "Export…" }).click();
    await page.locator("label").filter({ hasText: /^8$/ }).click();
    await page.getByRole("button", { name: /^GIF/ }).click();
    await expect(page.getByText(/^\d+ of 636 frames, .+ left$/)).toBeVisible();
    await expect(page.getByRole("progressbar", { name: "Export" })).toBeVisible();
    await page.getByRole("button", { name: "Cancel the export" }).click();
    await expect(page.getByRole("progressbar", { name: "Export" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Export…" })).toBeEnabled();
    expect(downloads).toEqual([]);
  },
);

test("digits and plane are exported as PNG", TAG, async ({ page }) => {
  await openEvolution(page);
  const digits = await exported(page, /^PNG of the digits/);
  expect(digits.fileName).toMatch(/-digits\.png$/);
  const grid = decode(digits.bytes);
  // At least twice what a screen of 900 pixels has room for.
  expect([grid.width, grid.height]).toEqual([16 * SIDE, 16 * SIDE + 2 * CAPTION_HEIGHT]);
  const plane = await exported(page, /^PNG of the plane/);
  expect(plane.fileName).toMatch(/-plane\.png$/);
  const { width, height, data } = decode(plane.bytes);
  expect([width, height]).toEqual([2 * (46 + NUM_FRAMES * 30), 2 * (22 + NUM_SNAPSHOTS * 30)]);
  expect(new Set(data).size).toBeGreaterThan(50);
});

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
  "while a run trains its newest digits are followed, unless one went back",
  TAG,
  async ({ page }) => {
    const app = new AppPage(page);
    await app.open(`${SMALL}&epochs=60`);
    await app.dropFewImages();
    await app.button("Train").click();
    const { training, digits } = await goToEvolution(page);
    const max = () => training.getAttribute("aria-valuemax").then(Number);
    const numNow = await max();
    await expect(async () => expect(await max()).toBeGreaterThan(numNow + 1)).toPass();
    const [value, newest] = await training.evaluate((slider) =>
      ["aria-valuenow", "aria-valuemax"].map((name) => slider.getAttribute(name)),
    );
    expect(value).toBe(newest);

    await page.keyboard.press("Home");
    await expect(digits).toHaveAttribute("aria-label", /^Digits before training/);
    const numThen = await max();
    await expect(async () => expect(await max()).toBeGreaterThan(numThen + 1)).toPass();
    expect(await now(training)).toBe(0);
    await page.keyboard.press("End");
    await expect(async () => {
      expect(await now(training)).toBeGreaterThan(numThen + 1);
    }).toPass();
  },
);

test("a held step stays when the pointer passes over a chart", TAG, async ({ page }) => {
  const { training } = await openEvolution(page);
  await training.focus();
  await page.keyboard.press("Home");
  await page.getByRole("link", { name: "Charts" }).click();
  const chart = page.getByRole("slider", { name: "Step, Loss", exact: true });
  await expect(chart).toHaveAttribute("aria-valuenow", "0");
  await chart.hover();
  await expect(chart).not.toHaveAttribute("aria-valuenow", "0");
  await page.mouse.move(5, 5);
  await page.getByRole("link", { name: "Evolution" }).click();
  await expect(training).toHaveAttribute("aria-valuenow", "0");
});

test("another run is followed, wherever one had gone in the one before", TAG, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(`${SMALL}&epochs=1`);
  await app.openLabRun();
  const { training } = await goToEvolution(page);
  await page.keyboard.press("ArrowLeft");
  await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST - 1));
  await page.getByRole("link", { name: "Train" }).click();
  await app.dropFewImages();
  await app.trainToEnd();
  await goToEvolution(page);
  await expect(training).not.toHaveAttribute("aria-valuemax", String(NEWEST));
  await expect(training).toHaveAttribute("aria-valuetext", /^after \d+ steps/);
  const max = await training.getAttribute("aria-valuemax");
  await expect(training).toHaveAttribute("aria-valuenow", max ?? "");
});

test(
  "a run that is deleted while it is shown stays, and is said to go with the page",
  TAG,
  async ({ page }) => {
    const { training } = await openEvolution(page);
    const strip = page.getByRole("region", { name: "The run" });
    await expect(strip.getByRole("status")).toHaveText("Finished after 600 steps");
    await page.getByRole("button", { name: /^Runs/ }).click();
    const row = page
      .getByRole("dialog", { name: "Runs" })
      .getByRole("listitem", { name: "Lab run" });
    await row.getByRole("button", { name: "Delete" }).click();
    await row.getByRole("group", { name: "Delete this run?" }).getByText("Delete").last().click();
    await expect(row).toHaveCount(0);
    await page.keyboard.press("Escape");
    await expect(strip.getByRole("status")).toHaveText(
      "Finished after 600 steps; deleted, it goes with this page",
    );
    await expect(training).toHaveAttribute("aria-valuenow", String(NEWEST));
    const { fileName } = await exported(page, /^PNG of the digits/);
    expect(fileName).toMatch(/^lab-run/);
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    expect((await asked).type()).toBe("beforeunload");
  },
);

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
    await page.setViewportSize({ width: 390, height: 844 });
    const box = page.locator("[data-plane]");
    await training.focus();
    await page.keyboard.press("End");
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

test("what hindered an export is said until one closes it", TAG, async ({ page }) => {
  await openEvolution(page);
  await page.evaluate(() => {
    HTMLCanvasElement.prototype.toBlob = (onBlob) => onBlob(null);
  });
  await page.getByRole("button", { name: "Export…" }).click();
  await page.getByRole("button", { name: /^PNG of the plane/ }).click();
  const message = page.getByText(/^Nothing was exported\. The picture is larger/);
  await expect(message).toBeVisible();
  await page.getByRole("button", { name: "Dismiss the message" }).click();
  await expect(message).toHaveCount(0);
});

test("an export ends when its view is left", TAG, async ({ page }) => {
  await openMadeEvolution(page, 60);
  const downloads: Download[] = [];
  page.on("download", (download) => downloads.push(download));
  const exportFilm = async () => {
    await page
      .locator("label")
      .filter({ hasText: /^Both$/ })
      .click();
    await page.getByRole("button", { name: "Export…" }).click();
    await page.getByRole("button", { name: /^GIF/ }).click();
    await expect(page.getByText(/^\d+ of 360 frames/)).toBeVisible();
  };
  await exportFilm();
  await page.getByRole("link", { name: "Train" }).click();
  await goToEvolution(page);
  // The first would be there before the second.
  await exportFilm();
  await expect.poll(() => downloads.length, { timeout: 120_000 }).toBe(1);
  await expect(page.getByRole("progressbar", { name: "Export" })).toHaveCount(0);
  expect(downloads).toHaveLength(1);
});
