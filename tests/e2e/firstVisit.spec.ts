/** What a newcomer does in the first minutes, on several screens and with the keyboard alone. */
import { type Download, expect, type Locator, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { unfinishedRun } from "./faults.ts";

declare global {
  interface Window {
    /** How far the page has moved by itself, see https://web.dev/articles/cls */
    layoutShift: number;
  }
}

/** What one can click, type into or drag, in sight. */
function controlsInSight(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = "a[href], button, input, select, summary, textarea, [role=slider]";
    return [...document.querySelectorAll<HTMLInputElement>(all)]
      .filter((element) => {
        // The field of a radio is hidden behind its label.
        const seen = element.type === "radio" ? (element.parentElement ?? element) : element;
        const { top, bottom, left, right, width } = seen.getBoundingClientRect();
        const isInWindow = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
        return element.checkVisibility({ visibilityProperty: true }) && isInWindow && width > 0;
      })
      .map((element) => element.ariaLabel ?? (element.textContent || element.type));
  });
}

/** With the keyboard alone: goes on by Tab until the control has the focus. */
async function tabTo(control: Locator) {
  const page = control.page();
  await expect(control).toBeEnabled();
  for (let i = 0; i < 60; i++) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(control).toBeFocused();
}

for (const [screen, width, height, hasMouse] of [
  ["a desktop", 1440, 900, true],
  ["a desktop, with the keyboard alone", 1440, 900, false],
  ["a projector", 1024, 768, true],
  ["a desktop at 200 %", 720, 450, true],
  ["a phone", 390, 844, true],
] as const) {
  test(`on ${screen} a first visit sees digits, types a number, has an own network write it, takes it to PyTorch, and goes on later`, {
    tag: screen === "a desktop" ? [] : "@long",
  }, async ({ page }) => {
    const app = new AppPage(page);
    const press = async (control: Locator) => {
      if (hasMouse) return control.click();
      await tabTo(control);
      await page.keyboard.press("Enter");
    };
    await page.setViewportSize({ width, height });
    await page.addInitScript(() => {
      window.layoutShift = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries() as (PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
        })[]) {
          if (!hadRecentInput) window.layoutShift += value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await app.serveFewImages();
    await app.openAsFirstVisit("?backend=wasm&epochs=10000");
    await app.waitForCaption(/^10 of each digit, drawn/);
    // Epochs that are not the preset's can be reset; those of a first visit are.
    const controls = (await controlsInSight(page)).filter((name) => name !== "Reset");
    expect(controls.length).toBeLessThanOrEqual(24);

    const field = page.getByRole("textbox", { name: "Type a number" });
    if (!hasMouse) await tabTo(field);
    await field.pressSequentially("42");
    await app.waitForCaption(/^“42”, drawn/);
    const before = await app.digits.boundingBox();
    await press(app.train);
    await app.waitForCaption(/^“42” .*after [\d,]+ training steps?$/);
    // Neither smaller nor elsewhere.
    expect(await app.digits.boundingBox()).toEqual(before);
    expect((await controlsInSight(page)).length).toBeLessThanOrEqual(24);
    await expect(app.button("Pause")).toBeInViewport({ ratio: 1 });

    await press(app.button("Pause"));
    await expect(app.status).toContainText("Paused");
    const downloads: Download[] = [];
    page.on("download", (download) => downloads.push(download));
    await press(app.button("Export"));
    await press(page.getByRole("button", { name: /^Jupyter notebook/ }));
    await expect.poll(() => downloads.length).toBe(2);
    const names = downloads.map((download) => download.suggestedFilename());
    expect(names).toContainEqual(expect.stringMatching(/\.ipynb$/));
    expect(names).toContainEqual(expect.stringMatching(/\.safetensors$/));
    expect(await page.evaluate(() => window.layoutShift)).toBeLessThan(0.02);

    await page.reload();
    await expect(app.status).toContainText("Unfinished");
    await press(unfinishedRun(page).getByRole("button", { name: "Resume" }));
    await app.waitForSteps(3);
    await app.button("Stop").click();
  });
}
