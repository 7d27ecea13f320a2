import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";

const picture = (page: Page) => page.getByRole("main").locator("canvas[role=img]");
const layer = (page: Page, name: RegExp) => page.getByRole("checkbox", { name });

/** How many pixels of the picture are not of its ground. */
async function numPainted(page: Page): Promise<number> {
  return picture(page).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
      0,
      0,
      canvas.width,
      canvas.height,
    );
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const isGround = [0, 1, 2].every((channel) => data[i + channel] === data[channel]);
      if (!isGround) count++;
    }
    return count;
  });
}

async function openPlane(page: Page, query: string): Promise<AppPage> {
  const app = new AppPage(page);
  await app.skipFirstSteps();
  await app.serveFewImages();
  await page.goto(`./?backend=wasm&view=plane&preset=points&${query}`);
  await expect(page.getByRole("heading", { name: "Two dimensions" })).toBeVisible();
  return app;
}

/** Trains the points of the form to the end. */
async function train(page: Page): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: "Train", exact: true }).click();
  await expect(page.getByRole("region", { name: "The run" })).toContainText("Finished");
}

test("points are trained, measured, straightened, and come back after a reload", {
  tag: "@long",
}, async ({ page }) => {
  await openPlane(page, "numPoints=4000&epochs=20");
  await expect(page.getByText("Not trained yet")).toBeVisible();
  await train(page);
  const measured = page.getByText(/points are [\d.]+ times as far from new data/);
  await expect(measured).toBeVisible();
  const [, distance, oneStep, straightness] =
    /are ([\d.]+) times.*one step ([\d.]+) times.* is ([\d.]+);/.exec(
      (await measured.textContent()) ?? "",
    ) ?? [];
  // Untrained points are hundreds of times as far.
  expect(Number(distance)).toBeLessThan(12);
  expect(Number(oneStep)).toBeGreaterThan(20);
  expect(Number(straightness)).toBeLessThan(0.8);

  // Each measure as it was while the run trained.
  for (const [chosen, title] of [
    ["Straightness", "Straightness of the paths"],
    ["Field", "Error of the field"],
    ["Distance", "Distance to new data"],
  ] as const) {
    await page.getByText(chosen, { exact: true }).click();
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
  }

  await page.getByRole("button", { name: "Measure field and samplers" }).click();
  await expect(page.getByRole("heading", { name: "Error of the field" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Samplers" })).toBeVisible();

  await page.getByRole("button", { name: "Straighten (reflow)" }).click();
  const run = page.getByRole("region", { name: "The run" });
  await expect(run).toContainText("straightened");
  await expect(run).toContainText("Finished");
  await expect(page.getByText(/^Before it was straightened/)).toBeVisible();
  const after = /one step ([\d.]+) times.* is ([\d.]+);/.exec((await measured.textContent()) ?? "");
  expect(Number(after?.[1])).toBeLessThan(Number(oneStep) / 3);
  expect(Number(after?.[2])).toBeGreaterThan(0.95);

  await page.reload();
  await expect(page.getByText("What the trained network has learned.")).toBeVisible();
  await expect(measured).toBeVisible();
});

test("each layer paints something of its own, and the paths and modes are in the link", async ({
  page,
}) => {
  const app = await openPlane(page, "numPoints=1000&epochs=2&layers=data");
  await train(page);
  const alone = await numPainted(page);
  expect(alone).toBeGreaterThan(1000);
  for (const name of [
    /^Arrows: what the network/,
    /^Arrows: the exact/,
    /^Where the two differ/,
    /^Points on their way/,
    /^Paths of some/,
    /^The same points in one step/,
    /^Too many/,
  ]) {
    await layer(page, name).check();
    await expect.poll(() => numPainted(page)).toBeGreaterThan(alone + 500);
    await layer(page, name).uncheck();
    await expect.poll(() => numPainted(page)).toBe(alone);
  }
  await layer(page, /^Paths of some/).check();
  const flowing = await numPainted(page);
  await page.getByText("Langevin", { exact: true }).click();
  // Other paths.
  await expect.poll(() => numPainted(page)).not.toBe(flowing);
  await page.getByRole("switch", { name: "Annealed" }).check({ force: true });
  await expect(page).toHaveURL(/layers=data%2Cpaths/);
  await expect(page).toHaveURL(/play=langevin/);
  await expect(page).toHaveURL(/annealed=1/);
  await expect(app.train).toBeEnabled();
});

test("one's own points are drawn with the pointer, and in the link", async ({ page }) => {
  await openPlane(page, "points=own&layers=data");
  await page.getByRole("button", { name: "Clear" }).click();
  const box = await picture(page).boundingBox();
  if (!box) throw new Error("Expected a picture.");
  const { x, y, width } = box;
  await page.mouse.move(x + 0.3 * width, y + 0.5 * width);
  await page.mouse.down();
  await page.mouse.move(x + 0.7 * width, y + 0.5 * width, { steps: 12 });
  await page.mouse.up();
  await expect(page.getByText(/^1[0-9] of 250$/)).toBeVisible();
  await page.getByText("Class 1", { exact: true }).click();
  await page.mouse.click(x + 0.5 * width, y + 0.2 * width);
  await expect(page).toHaveURL(/ownPoints=[-\d%C,]+1(&|$)/);
  await page.getByRole("button", { name: "A digit's ink" }).click();
  await expect(page.getByText(/^\d+ of 250$/)).not.toHaveText(/^1\d of/);
});

test("a run of points can be paused, and says so in the views of digits", async ({ page }) => {
  await openPlane(page, "epochs=500");
  await page.getByRole("main").getByRole("button", { name: "Train", exact: true }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  const run = page.getByRole("region", { name: "The run" });
  await expect(run).toContainText("Paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(run).toContainText("Training");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(run).toContainText(/Unfinished after|Stopped/);
  const places = page.getByRole("navigation", { name: "Places" });
  await places.getByRole("link", { name: "Train" }).click();
  await expect(page.getByRole("heading", { name: "Where the points lie" })).toBeVisible();
  await places.getByRole("link", { name: "Results" }).click();
  await page.getByRole("link", { name: "Quality" }).click();
  await expect(page.getByText(/has learned points, not digits/).first()).toBeVisible();
  await places.getByRole("link", { name: /^Runs/ }).click();
  await expect(page.getByRole("button", { name: "Distil…" })).toBeDisabled();
});

test("the points and the picture are saved", async ({ page }) => {
  await openPlane(page, "numPoints=500&epochs=1");
  await train(page);
  await expect(page.getByText(/times as far from new data/)).toBeVisible();
  const save = async (name: RegExp) => {
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    return readFileSync(await download.path());
  };
  const csv = (await save(/^CSV of the points/)).toString();
  const [head, ...lines] = csv.trim().split("\r\n");
  expect(head).toBe("frame,noise,point,x,y");
  // 26 frames of 2,000 points.
  expect(lines).toHaveLength(52_000);
  const png = await save(/^PNG picture/);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  // Its width.
  expect(png.readUInt32BE(16)).toBe(1080);
});
