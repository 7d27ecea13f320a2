import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { AppPage } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { picture } from "./evolution.ts";
import { openFromDisk } from "./exported.ts";

/** The page of a run of points that the app trained. */
const test = base.extend<object, { reportPath: string }>({
  reportPath: [
    async ({ browser }, use, { project }) => {
      const { baseURL } = project.use;
      const context = await browser.newContext({ ...(baseURL && { baseURL }) });
      const page = await context.newPage();
      await trainPoints(page);
      await page.getByRole("button", { name: "Export", exact: true }).click();
      await page.getByRole("button", { name: /^Web page/ }).click();
      const form = page.getByRole("dialog", { name: "Web page" });
      await form.getByLabel("Title").fill("Two moons");
      await expect(form.getByText(/digit|Quality/)).toHaveCount(0);
      const download = page.waitForEvent("download");
      await form.getByRole("button", { name: "Make the page" }).click();
      const folder = mkdtempSync(join(tmpdir(), "report-points-"));
      const path = join(folder, "points.html");
      await (await download).saveAs(path);
      await context.close();
      await use(path);
      rmSync(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

async function trainPoints(page: Page) {
  const app = new AppPage(page);
  await app.serveFewImages();
  await app.skipFirstSteps();
  const settings = "preset=points&epochs=4&numPoints=4000&samplingTimesteps=10";
  await page.goto(`./?view=plane&${settings}&backend=wasm`);
  await page.getByRole("main").getByRole("button", { name: "Train", exact: true }).click();
  await expect(page.getByText(/points are .* times as far/)).toBeVisible({ timeout: 60_000 });
}

test("the page of a run of points draws points with its network, and has the pictures of where they lay and the loss, but no digits", {
  tag: "@long",
}, async ({ page, reportPath }) => {
  const noted = await openFromDisk(page, reportPath);
  await expect(page.getByRole("heading", { name: "Two moons", level: 1 })).toBeVisible();
  const points = page.getByRole("region", { name: "Points" });
  const time = points.getByRole("slider", { name: "From noise to data" });
  await expect(time).toBeVisible();
  await expect(time).toHaveAttribute("aria-valuetext", "noise 0.00");
  const plane = points.getByRole("img", { name: /^Data/ });
  const data = await picture(plane);
  await time.focus();
  await page.keyboard.press("Home");
  await expect(time).toHaveAttribute("aria-valuetext", "noise 1.00");
  const noise = await picture(plane);
  expect(noise).not.toBe(data);
  await points.getByRole("button", { name: "Play" }).click();
  await expect(time).toHaveAttribute("aria-valuenow", "1");
  expect(await picture(plane)).toBe(data);
  await plane.click();
  expect(await picture(plane)).not.toBe(data);

  const pictures = page.getByRole("region", { name: "Evolution" }).getByRole("img");
  expect(await pictures.count()).toBeGreaterThan(2);
  expect(await picture(pictures.first())).not.toBe(await picture(pictures.last()));
  const loss = page.getByRole("region", { name: "Loss", exact: true });
  await expect(loss.locator("[data-curve=validation] circle")).toHaveCount(4);
  const ofDigits = page.getByText(/digit|Generate|images are/i).filter({ visible: true });
  await expect(ofDigits).toHaveCount(0);
  expect(noted).toEqual([pathToFileURL(reportPath).href]);
});

test("axe finds nothing wrong in the page of points, on a desk and on a phone", {
  tag: "@long",
}, async ({ page, reportPath }) => {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await openFromDisk(page, reportPath);
    await expect(page.getByRole("slider", { name: "From noise to data" })).toBeVisible();
    await expectNoViolations(page, `${colorScheme}, ${width}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(overflow).toBeLessThanOrEqual(width);
  }
});
