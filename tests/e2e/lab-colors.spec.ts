import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { recordErrors } from "./kept.ts";

/** Of the page's ground: 0 black to 255 white. */
function groundBrightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    if (!context) throw new Error("No 2-D context.");
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data[1] ?? 0;
  });
}

test("colors follow the system until one chooses, and the choice outlives a reload", {
  tag: "@long",
}, async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  const errors = recordErrors(page);
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  const isDark = async () => (await groundBrightness(page)) < 60;
  const isLight = async () => (await groundBrightness(page)) > 240;
  await expect.poll(isLight).toBe(true);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(isDark).toBe(true);

  const button = page.getByRole("button", { name: /^Colors/ });
  await app.button("About this page").click();
  await button.focus();
  await page.keyboard.press("Enter");
  await expect.poll(isLight).toBe(true);
  await page.reload();
  await app.button("About this page").click();
  await expect(button).toHaveAccessibleName(/^Colors: light/);
  await expect.poll(isLight).toBe(true);
  await button.click();
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(isDark).toBe(true);
  await button.click();
  await expect.poll(isLight).toBe(true);
  expect(errors).toEqual([]);
});
