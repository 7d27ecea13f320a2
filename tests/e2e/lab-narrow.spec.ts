import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";

/** What Tab comes to from the top of the page to its end: each as `button Train`. */
async function tabStops(page: Page): Promise<string[]> {
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      // After the last, the window has the focus, or the first again.
      if (!element || element === document.body || element.dataset.seen) return null;
      element.dataset.seen = "yes";
      const name = element.ariaLabel ?? (element.labels?.[0]?.textContent || element.textContent);
      return `${element.localName} ${name}`;
    });
    if (stop === null) return stops;
    stops.push(stop);
  }
}

test("the keyboard comes to Train, the settings and the digits in the order in which one sees them, at 200 % as well", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.serveFewImages();
  const [train, setting, digits] = ["button Train", "input Batch size", "input Type a number"];
  // A small desktop, and the same at 200 %.
  for (const [width, height, order] of [
    [1440, 900, [train, setting, digits]],
    [720, 450, [train, digits, setting]],
  ] as const) {
    await page.setViewportSize({ width, height });
    await app.openAsFirstVisit("?preset=tiny");
    // With the first steps, then without them.
    for (const isNew of [true, false]) {
      if (!isNew) {
        await app.button("Skip").click();
        await page.reload();
      }
      await expect(app.button("Train")).toBeEnabled();
      await expect(page.getByRole("textbox", { name: "Type a number" })).toBeVisible();
      if (isNew) await expect(app.button("Next")).toBeVisible();
      const stops = await tabStops(page);
      expect(stops.includes("button Next")).toBe(isNew);
      expect(stops.filter((stop) => (order as readonly string[]).includes(stop))).toEqual(order);
    }
    await page.evaluate(() => localStorage.clear());
  }
});
