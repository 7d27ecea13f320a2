import { expect, type Page, test } from "@playwright/test";
import { decode } from "fast-png";
import { GifReader } from "omggif";
import { AppPage } from "./app.ts";
import { holdTimers, saved } from "./evolution.ts";
import { readVideo } from "./videoReading.ts";

const FILM_SIZE = 540;
const NUM_FRAMES = 120;
/** Steps of sampling. */
const STEPS = 12;
const COUNT = 2000;

/** A run of points that has been trained a little. */
async function openTrainedPoints(page: Page) {
  const app = new AppPage(page);
  await app.serveFewImages();
  await app.skipFirstSteps();
  const settings = `preset=points&epochs=2&numPoints=1000&samplingTimesteps=${STEPS}`;
  await page.goto(`./?view=plane&${settings}&backend=wasm`);
  await page.getByRole("main").getByRole("button", { name: "Train", exact: true }).click();
  await expect(page.getByText(/points are .* times as far/)).toBeVisible({ timeout: 60_000 });
}

test("films of the plane are saved as a GIF and as a video, the picture as PNG, the points as CSV", {
  tag: "@long",
}, async ({ page }) => {
  await openTrainedPoints(page);
  const gifFile = await saved(page, /^GIF film/);
  expect(gifFile.fileName).toBe("two-dimensions.gif");
  const gif = new GifReader(Buffer.from(gifFile.bytes));
  expect(gif.numFrames()).toBe(NUM_FRAMES);
  expect([gif.width, gif.height]).toEqual([FILM_SIZE, FILM_SIZE]);
  const frame = (index: number) => {
    const rgba = new Uint8Array(4 * gif.width * gif.height);
    gif.decodeAndBlitFrameRGBA(index, rgba);
    return rgba;
  };
  const [noise, data] = [frame(0), frame(NUM_FRAMES - 1)];
  expect(noise).not.toEqual(data);
  // The ground is dark, the points are light.
  const sorted = data.filter((_, i) => i % 4 === 0).sort();
  expect(sorted[sorted.length >> 1]).toBeLessThan(80);
  expect(sorted.at(-1)).toBeGreaterThan(180);

  const webm = await saved(page, /^WebM film/);
  expect(webm.fileName).toBe("two-dimensions.webm");
  const video = await readVideo(page, webm.bytes);
  // The last one twice, so that it is seen.
  expect(video.frames).toHaveLength(NUM_FRAMES + 1);
  expect(video.duration).toBeCloseTo((4 * (NUM_FRAMES - 1)) / NUM_FRAMES + 1.2, 1);
  for (const { width, height, brightest } of video.frames) {
    expect([width, height]).toEqual([FILM_SIZE, FILM_SIZE]);
    expect(brightest).toBeGreaterThan(150);
  }

  const png = await saved(page, /^PNG picture/);
  expect(png.fileName).toBe("two-dimensions.png");
  const { width, height } = decode(png.bytes);
  expect([width, height]).toEqual([1080, 1080]);

  const csv = await saved(page, /^CSV of the points/);
  expect(csv.fileName).toBe("two-dimensions.csv");
  const [head, ...rows] = new TextDecoder().decode(csv.bytes).trim().split("\n");
  expect(head?.trim()).toBe("frame,noise,point,x,y");
  expect(rows).toHaveLength((STEPS + 1) * COUNT);
  expect(rows.flatMap((row) => row.split(",").map(Number)).every(Number.isFinite)).toBe(true);
});

test("a film of the plane that is cancelled is not saved", { tag: "@long" }, async ({ page }) => {
  await openTrainedPoints(page);
  const downloads: string[] = [];
  page.on("download", (download) => downloads.push(download.suggestedFilename()));
  await holdTimers(page);
  const save = page.getByRole("button", { name: "Save", exact: true });
  await save.click();
  await page.getByRole("button", { name: /^GIF film/ }).click();
  const progress = page.getByRole("progressbar", { name: "Saving" });
  await expect(progress).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.evaluate(() => window.heldTimers(false));
  await expect(progress).toHaveCount(0);
  await expect(save).toBeEnabled();
  expect(downloads).toEqual([]);
});
