import type { Page } from "@playwright/test";
import { VIEWS } from "../../src/app/state/slices/view.ts";
import { inFull } from "../inFull.ts";
import { openView } from "./app.ts";
import { expect, test } from "./labRun.ts";

/** https://wicg.github.io/layout-instability/ */
interface LayoutShift extends PerformanceEntry {
  sources?: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
}

declare global {
  interface Window {
    shifts: string[];
  }
}

/** As wide as the widest fonts of common systems: letters of the tests' own font, further apart. */
const WIDE_FONT = "* { letter-spacing: 0.05em !important; }";

const SCREENS = inFull
  ? ([
      [1440, 900],
      [1591, 800],
      [1401, 800],
      [1341, 800],
      [1256, 800],
      [1175, 768],
      [1024, 768],
      [941, 700],
      [390, 844],
    ] as const)
  : ([
      [1175, 768],
      [390, 844],
    ] as const);

test("in a wide font no view cuts off words or writes one label over another, on a desktop and on a phone", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.openRun("");
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
  }, WIDE_FONT);
  for (const [width, height] of SCREENS) {
    await page.setViewportSize({ width, height });
    for (const view of VIEWS) {
      await openView(page, view);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      // On a phone the page was scrolled.
      await page.evaluate(() => window.scrollTo(0, 0));
      const tabs = page.getByRole("navigation").getByRole("link");
      for (const tab of await tabs.all()) await expect(tab).toBeInViewport({ ratio: 1 });
      if (view === "train") {
        const rows = await presetsInRows(page);
        expect(Math.max(...rows) - Math.min(...rows), `presets in rows of ${rows}`).toBeLessThan(2);
      }
      // What is laid out by its measured size settles within some frames.
      const isWrong = () => Promise.all([cutOff(page), collisions(page)]);
      await expect.poll(isWrong, { message: `${view} at ${width}` }).toEqual([[], []]);
    }
  }
});

test("what the worker tells of stored runs comes where room was kept for it: on no later visit does anything move", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { sources = [] } of list.getEntries() as LayoutShift[]) {
        for (const { node, previousRect, currentRect } of sources) {
          const [before, now] = [previousRect.top, currentRect.top].map(Math.round);
          if (before !== now && currentRect.height > 0)
            window.shifts.push(`${node?.textContent?.slice(0, 40)}: ${before} to ${now}`);
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  // The views are there before the worker tells anything, and stand still.
  await page.route("**/assets/main-*.js", async (route) => {
    await page.getByRole("main").getByRole("heading").first().waitFor();
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    await route.continue();
  });
  for (const [width, height, query] of [
    [1440, 900, "preset=tiny"],
    [1440, 900, "preset=tiny&view=lessons"],
    [390, 844, "preset=tiny"],
    [1440, 900, `run=${lab.runId}`],
    [390, 844, `view=lessons&run=${lab.runId}`],
  ] as const) {
    await page.setViewportSize({ width, height });
    // Of a run whose steps were lost it is not known yet whether it is still there.
    await page.addInitScript(() => localStorage.setItem("unsaved-step", "run-made 7"));
    await lab.goToAddress(query);
    if (query.includes("run=")) await expect(lab.status).toContainText("Finished after");
    else await expect(lab.button(/^Open/)).toBeVisible();
    expect(await page.evaluate(() => window.shifts)).toEqual([]);
  }
});

/** How many presets stand beside each other, row by row. */
function presetsInRows(page: Page): Promise<number[]> {
  const labels = page.getByRole("radiogroup", { name: "Preset" }).locator("label");
  return labels.evaluateAll((all) => {
    const tops = all.map((label) => Math.round(label.getBoundingClientRect().top));
    return [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
  });
}

/** Texts that reach out of a box which hides or scrolls what is wider, or out of the window. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isShown = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const reachesOut = (element: Element, text: DOMRect): boolean => {
      for (let box: Element | null = element; box && box !== document.body; ) {
        const { left, right, top, bottom } = box.getBoundingClientRect();
        const { overflowX, clipPath } = getComputedStyle(box);
        // For screen readers alone.
        if (clipPath !== "none") return false;
        // Shortened, and whole in its title.
        if (box.hasAttribute("title") && getComputedStyle(box).textOverflow === "ellipsis")
          return false;
        if (overflowX !== "visible") {
          // Scrolled or wrapped out of sight as a whole.
          if (text.top >= bottom - 1 || text.bottom <= top + 1) return false;
          if (text.right > right + 1 || text.left < left - 1) return true;
        }
        box = box.parentElement;
      }
      return text.right > window.innerWidth + 1;
    };
    const range = document.createRange();
    return [...document.querySelectorAll("body *:not(svg *)")].flatMap((element) => {
      const own = [...element.childNodes].filter(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      if (own.length === 0 || !isShown(element)) return [];
      // Not its children: some are for screen readers alone.
      const isCutOff = own.some((node) => {
        range.selectNodeContents(node);
        return reachesOut(element, range.getBoundingClientRect());
      });
      return isCutOff ? [element.textContent ?? ""] : [];
    });
  });
}

/** Labels of drawings that stand in each other, two and two. */
function collisions(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("svg")].flatMap((drawing) => {
      const texts = [...drawing.querySelectorAll("text")]
        .filter((text) => text.textContent && text.checkVisibility({ opacityProperty: true }))
        .map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }));
      return texts.flatMap((one, i) =>
        texts.slice(i + 1).flatMap((other) => {
          const [a, b] = [one.box, other.box];
          const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          // A line's box is higher than its letters.
          const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          return across > 0 && down > 4 ? [`${one.words} / ${other.words}`] : [];
        }),
      );
    }),
  );
}
