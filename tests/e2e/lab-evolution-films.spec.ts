import type { Download } from "@playwright/test";
import { decode } from "fast-png";
import { GifReader } from "omggif";
import { openView } from "./app.ts";
import {
  bytesOf,
  chooseFilm,
  goToEvolution,
  holdTimers,
  NEWEST,
  NUM_FRAMES,
  NUM_SNAPSHOTS,
  openEvolution,
  openMadeEvolution,
  saved,
} from "./evolution.ts";
import { expect, test } from "./labRun.ts";
import { type ReadVideo, readVideo } from "./videoReading.ts";

/** 4 x 4 digits with gaps of 2, and the words below. */
const SIDE = 4 * 30 - 2;
const CAPTION_HEIGHT = 28;

test("the film is saved as a GIF, digits and plane as PNG, with their sizes", async ({ lab }) => {
  const { page } = lab;
  await openEvolution(lab);
  const { fileName, bytes } = await saved(page, /^GIF film/);
  expect(fileName).toBe("lab-run-evolution.gif");
  const status = page.getByRole("status");
  await expect(status.filter({ hasText: /lab-run-evolution\.gif \(8 frames, / })).toBeVisible();
  const gif = new GifReader(Buffer.from(bytes));
  expect(gif.numFrames()).toBe(NUM_SNAPSHOTS);
  expect([gif.width, gif.height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
  expect(gif.frameInfo(0).delay).toBe(16);
  expect(gif.frameInfo(NUM_SNAPSHOTS - 1).delay).toBe(120);

  await chooseFilm(page, "Both");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await chooseFilm(page, "S");
  await page.getByRole("switch", { name: /below the (digits|images)/ }).uncheck();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^GIF film/ }).click();
  const both = new GifReader(Buffer.from((await bytesOf(await download)).bytes));
  expect(both.numFrames()).toBe(NUM_SNAPSHOTS * NUM_FRAMES);
  expect([both.width, both.height]).toEqual([2 * SIDE, 2 * SIDE]);
  const rgba = new Uint8Array(4 * both.width * both.height);
  both.decodeAndBlitFrameRGBA(NUM_SNAPSHOTS * NUM_FRAMES - 1, rgba);
  expect(new Set(rgba).size).toBeGreaterThan(50);

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("switch", { name: /below the (digits|images)/ }).check();
  await page.keyboard.press("Escape");
  const digits = await saved(page, /^PNG picture of the (digits|images)/);
  expect(digits.fileName).toMatch(/-digits\.png$/);
  const grid = decode(digits.bytes);
  // At least twice what a screen of 900 pixels has room for.
  expect([grid.width, grid.height]).toEqual([16 * SIDE, 16 * SIDE + 2 * CAPTION_HEIGHT]);
  const plane = await saved(page, /^PNG picture of the plane/);
  expect(plane.fileName).toMatch(/-plane\.png$/);
  const message = status.filter({ hasText: /lab-run-plane\.png \(/ });
  await expect(message).toBeVisible();
  await page.getByRole("button", { name: "Dismiss the message" }).click();
  await expect(message).toHaveCount(0);
  const { width, height, data } = decode(plane.bytes);
  expect([width, height]).toEqual([2 * (46 + NUM_FRAMES * 30), 2 * (22 + NUM_SNAPSHOTS * 30)]);
  expect(new Set(data).size).toBeGreaterThan(50);
});

function expectFilm({ frames, duration }: ReadVideo, numFrames: number) {
  expect(frames).toHaveLength(numFrames);
  for (const { width, height, darkest, brightest } of frames) {
    expect([width, height]).toEqual([4 * SIDE, 4 * SIDE + CAPTION_HEIGHT]);
    expect(darkest).toBeLessThan(40);
    expect(brightest).toBeGreaterThan(180);
  }
  expect(duration).toBeCloseTo(NEWEST * 0.16 + 1.2, 1);
}

test("the film is saved as a video, an MP4 where the browser encodes H.264", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const refused: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await openEvolution(lab);
  const webm = await saved(page, /^WebM film/);
  expect(webm.fileName).toMatch(/-evolution\.webm$/);
  // The last one twice, so that it is seen.
  expectFilm(await readVideo(page, webm.bytes), NUM_SNAPSHOTS + 1);

  const encodesH264 = await page.evaluate(async () => {
    const config = { codec: "avc1.640033", width: 472, height: 500 };
    return (await VideoEncoder.isConfigSupported(config)).supported === true;
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: /^WebM film/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^MP4 film/ })).toHaveCount(encodesH264 ? 1 : 0);
  await page.keyboard.press("Escape");
  if (encodesH264) {
    const mp4 = await saved(page, /^MP4 film/);
    expect(mp4.fileName).toBe("lab-run-evolution.mp4");
    const video = await readVideo(page, mp4.bytes);
    expect(video.codec).toBe("avc");
    expectFilm(video, NUM_SNAPSHOTS + 1);
  }
  expect(refused).toEqual([]);
});

test("a browser without an encoder of videos is offered none; what hinders saving is said until one closes it", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.addInitScript(() => Reflect.deleteProperty(window, "VideoEncoder"));
  await openEvolution(lab);
  await page.evaluate(() => {
    HTMLCanvasElement.prototype.toBlob = (onBlob) => onBlob(null);
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: /^GIF film/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^(MP4|WebM) film/ })).toHaveCount(0);
  await page.getByRole("button", { name: /^PNG picture of the plane/ }).click();
  const message = page.getByRole("alert").filter({ hasText: "Nothing was saved" });
  await expect(message).toContainText("The picture is larger");
  await message.getByRole("button", { name: "Close" }).click();
  await expect(message).toHaveCount(0);
});

test("a film that is made says how far it is, is cancelled, and ends with a word when its view is left", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await openMadeEvolution(lab, 20);
  const downloads: Download[] = [];
  page.on("download", (download) => downloads.push(download));
  const progress = page.getByRole("progressbar", { name: "Saving" });
  const save = page.getByRole("button", { name: "Save", exact: true });
  await holdTimers(page);
  const start = async (scale: string) => {
    await chooseFilm(page, "Both");
    await save.click();
    await chooseFilm(page, scale);
    await page.getByRole("button", { name: /^GIF film/ }).click();
    await expect(page.getByText(/^\d+ of 120 frames/)).toBeVisible();
  };
  await start("L");
  await expect(progress).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.evaluate(() => window.heldTimers(false));
  await expect(progress).toHaveCount(0);
  await expect(save).toBeEnabled();

  await page.evaluate(() => window.heldTimers(true));
  await start("S");
  await openView(page, "train");
  const notice = page.getByRole("status").filter({ hasText: "The film was not saved" });
  await notice.getByRole("button", { name: "Close" }).click();
  await goToEvolution(page);
  // The first would be there before the second, which begins now.
  await start("S");
  await page.evaluate(() => window.heldTimers(false));
  await expect.poll(() => downloads.length).toBe(1);
  await expect(progress).toHaveCount(0);
  expect(downloads).toHaveLength(1);
});
