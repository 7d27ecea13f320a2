import { type Download, expect, test } from "@playwright/test";
import { decode } from "fast-png";
import { GifReader } from "omggif";
import {
  bytesOf,
  goToEvolution,
  NEWEST,
  NUM_FRAMES,
  NUM_SNAPSHOTS,
  openEvolution,
  openMadeEvolution,
  saved,
  TAG,
} from "./evolution.ts";
import { readVideo } from "./videoReading.ts";

/** 4 x 4 digits with gaps of 2, and the words below. */
const SIDE = 4 * 30 - 2;
const CAPTION_HEIGHT = 28;

test("the film is saved as a GIF with its frames, times and size", TAG, async ({ page }) => {
  await openEvolution(page);
  const { fileName, bytes } = await saved(page, /^GIF film/);
  expect(fileName).toBe("lab-run-evolution.gif");
  await expect(
    page
      .getByRole("status")
      .filter({ hasText: /^Saved lab-run-evolution\.gif \(8 frames, \d+ kB\)$/ }),
  ).toBeVisible();
  const gif = new GifReader(Buffer.from(bytes));
  expect(gif.numFrames()).toBe(NUM_SNAPSHOTS);
  expect([gif.width, gif.height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
  expect(gif.frameInfo(0).delay).toBe(16);
  expect(gif.frameInfo(NUM_SNAPSHOTS - 1).delay).toBe(120);

  await page
    .locator("label")
    .filter({ hasText: /^Both$/ })
    .click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("label").filter({ hasText: /^2$/ }).click();
  await page.getByRole("switch", { name: /below the digits/ }).uncheck();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^GIF film/ }).click();
  const both = new GifReader(Buffer.from((await bytesOf(await download)).bytes));
  expect(both.numFrames()).toBe(NUM_SNAPSHOTS * NUM_FRAMES);
  expect([both.width, both.height]).toEqual([2 * SIDE, 2 * SIDE]);
  const rgba = new Uint8Array(4 * both.width * both.height);
  both.decodeAndBlitFrameRGBA(NUM_SNAPSHOTS * NUM_FRAMES - 1, rgba);
  expect(new Set(rgba).size).toBeGreaterThan(50);
});

test("the film is saved as a video with its frames and size", TAG, async ({ page }) => {
  const refused: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await openEvolution(page);
  const { fileName, bytes } = await saved(page, /^WebM film/);
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
  "an MP4 is offered where the browser encodes H.264, with its frames and size",
  TAG,
  async ({ page }) => {
    await openEvolution(page);
    const encodesH264 = await page.evaluate(async () => {
      const config = { codec: "avc1.640033", width: 472, height: 500 };
      return (await VideoEncoder.isConfigSupported(config)).supported === true;
    });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("button", { name: /^WebM film/ })).toBeVisible();
    await expect(page.getByRole("button", { name: /^MP4 film/ })).toHaveCount(encodesH264 ? 1 : 0);
    if (!encodesH264) return;
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: /^MP4 film/ }).click();
    const { fileName, bytes } = await bytesOf(await download);
    expect(fileName).toBe("lab-run-evolution.mp4");
    const video = await readVideo(page, bytes);
    expect(video.codec).toBe("avc");
    expect(video.frames).toHaveLength(NUM_SNAPSHOTS);
    for (const { width, height, darkest, brightest } of video.frames) {
      expect([width, height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
      expect(darkest).toBeLessThan(40);
      expect(brightest).toBeGreaterThan(180);
    }
    expect(video.duration).toBeCloseTo(NEWEST * 0.16 + 1.2, 1);
  },
);

test("a browser without an encoder of videos is offered none", TAG, async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, "VideoEncoder"));
  await openEvolution(page);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: /^GIF film/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^(MP4|WebM) film/ })).toHaveCount(0);
});

test(
  "a film that takes long says how far it is and how long it takes, and is cancelled",
  TAG,
  async ({ page }) => {
    await openMadeEvolution(page, 106);
    const downloads: Download[] = [];
    page.on("download", (download) => downloads.push(download));
    await page
      .locator("label")
      .filter({ hasText: /^Both$/ })
      .click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("label").filter({ hasText: /^8$/ }).click();
    await page.getByRole("button", { name: /^GIF film/ }).click();
    await expect(page.getByText(/^\d+ of 636 frames, .+ left$/)).toBeVisible();
    await expect(page.getByRole("progressbar", { name: "Saving" })).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("progressbar", { name: "Saving" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Save", exact: true })).toBeEnabled();
    expect(downloads).toEqual([]);
  },
);

test("digits and plane are saved as PNG", TAG, async ({ page }) => {
  await openEvolution(page);
  const digits = await saved(page, /^PNG picture of the digits/);
  expect(digits.fileName).toMatch(/-digits\.png$/);
  const grid = decode(digits.bytes);
  // At least twice what a screen of 900 pixels has room for.
  expect([grid.width, grid.height]).toEqual([16 * SIDE, 16 * SIDE + 2 * CAPTION_HEIGHT]);
  const plane = await saved(page, /^PNG picture of the plane/);
  expect(plane.fileName).toMatch(/-plane\.png$/);
  const message = page.getByText(/^Saved lab-run-plane\.png \(\d+ kB\)$/);
  await expect(message).toBeVisible();
  await page.getByRole("button", { name: "Dismiss the message" }).click();
  await expect(message).toHaveCount(0);
  const { width, height, data } = decode(plane.bytes);
  expect([width, height]).toEqual([2 * (46 + NUM_FRAMES * 30), 2 * (22 + NUM_SNAPSHOTS * 30)]);
  expect(new Set(data).size).toBeGreaterThan(50);
});

test("what hindered saving is said until one closes it", TAG, async ({ page }) => {
  await openEvolution(page);
  await page.evaluate(() => {
    HTMLCanvasElement.prototype.toBlob = (onBlob) => onBlob(null);
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: /^PNG picture of the plane/ }).click();
  const message = page.getByText(/^Nothing was saved\. The picture is larger/);
  await expect(message).toBeVisible();
  await page.getByRole("button", { name: "Dismiss the message" }).click();
  await expect(message).toHaveCount(0);
});

test("saving ends when its view is left", TAG, async ({ page }) => {
  await openMadeEvolution(page, 60);
  const downloads: Download[] = [];
  page.on("download", (download) => downloads.push(download));
  const saveFilm = async () => {
    await page
      .locator("label")
      .filter({ hasText: /^Both$/ })
      .click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: /^GIF film/ }).click();
    await expect(page.getByText(/^\d+ of 360 frames/)).toBeVisible();
  };
  await saveFilm();
  await page.getByRole("link", { name: "Train" }).click();
  await goToEvolution(page);
  // The first would be there before the second.
  await saveFilm();
  await expect.poll(() => downloads.length, { timeout: 120_000 }).toBe(1);
  await expect(page.getByRole("progressbar", { name: "Saving" })).toHaveCount(0);
  expect(downloads).toHaveLength(1);
});
