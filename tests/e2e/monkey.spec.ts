import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { randomUniforms } from "../../src/engine/random.ts";
import { inFull } from "../inFull.ts";
import { imagesFile, labelsFile } from "../unit/engine/data/idxBytes.ts";
import { AppPage, LAB_RUN } from "./app.ts";
import { recordErrors } from "./kept.ts";

/** The long form goes on for so long, each time with another seed; the short form has so many actions. */
const DURATION_MS = 600_000;
const NUM_ACTIONS = 60;
const seed = inFull ? Date.now() % 2 ** 31 : 7;

const TEXTS = ["0", "1", "3", "12", "-1", "0.5", "1e9", "1e-9", "NaN", "", "abc", "\u{1f600}"];
const KEYS = ["Tab", "Enter", "Space", "Escape", "ArrowLeft", "ArrowDown", "Home", "End", "PageUp"];
const SIZES = [
  [1440, 900],
  [1024, 700],
  [390, 844],
] as const;
const FILES = [
  { name: "run.safetensors", bytes: readFileSync(LAB_RUN.path) },
  { name: "cut.safetensors", bytes: readFileSync(LAB_RUN.path).subarray(0, 5000) },
  { name: "notes.txt", bytes: new Uint8Array(10) },
  { name: "train-images-idx3-ubyte", bytes: imagesFile(20) },
  { name: "train-labels-idx1-ubyte", bytes: labelsFile(20) },
];

test("random clicks, keys, text and files break nothing, and after them the page still trains", {
  tag: "@long",
}, async ({ page, context }) => {
  if (inFull) test.setTimeout(DURATION_MS + 300_000);
  const app = new AppPage(page);
  const errors = recordErrors(page);
  // Of sources and of leaving a run that trains.
  context.on("page", (other) => other.close());
  page.on("dialog", (dialog) => dialog.accept());
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  await app.openLabRun();

  const done: string[] = [];
  const startMs = Date.now();
  const isDue = () => (inFull ? Date.now() - startMs < DURATION_MS : done.length < NUM_ACTIONS);
  while (isDue()) {
    const draw = randomUniforms({ seed, stream: "sampling", index: done.length }, 6);
    // Some clicks load the page anew, in the middle of the next thing that is done.
    const isOfReload = (error: unknown) => /context was destroyed/.test(String(error));
    done.push(
      await act(app, [...draw]).catch((error) => {
        if (isOfReload(error)) return "nothing: the page is loading";
        throw error;
      }),
    );
    const last = `seed ${seed}, at last:\n${done.slice(-30).join("\n")}`;
    await expect(async () => {
      expect({ errors, broken: await whatBroke(page) }, last).toEqual({ errors: [], broken: [] });
    }).toPass({ timeout: 30_000 });
  }
  console.log(`${done.length} actions in ${Math.round((Date.now() - startMs) / 1000)} s.`);

  await page.setViewportSize({ width: 1440, height: 900 });
  await app.openWithFewImages("?backend=wasm&preset=tiny&seed=1");
  await app.train.click();
  await app.waitForSteps(3);
  expect(errors).toEqual([]);
});

/** One thing that a person could do, in words. */
async function act(app: AppPage, draw: number[]): Promise<string> {
  const { page } = app;
  const [kind = 0, which = 0, how = 0, x = 0, y = 0] = draw;
  const of = <T>(list: readonly T[], at = which) => list[Math.floor(at * list.length)] as T;
  if (kind < 0.75) return touchControl(page, which, of(TEXTS, x), how);
  if (kind < 0.85) {
    await page.keyboard.press(of(KEYS));
    return `press ${of(KEYS)}`;
  }
  if (kind < 0.9) {
    const { width, height } = page.viewportSize() as { width: number; height: number };
    await page.mouse.move(which * width, how * height);
    await page.mouse.down();
    await page.mouse.move(x * width, y * height, { steps: 4 });
    await page.mouse.up();
    return "drag";
  }
  if (kind < 0.94) {
    const files = [[0], [1], [2], [3, 4], [3]].map((places) => places.map((i) => FILES[i]));
    const chosen = of(files) as typeof FILES;
    await app.dropFiles(chosen);
    return `drop ${chosen.map(({ name }) => name)}`;
  }
  if (kind < 0.96) {
    const [width, height] = of(SIZES);
    await page.setViewportSize({ width, height });
    return `resize to ${width}`;
  }
  if (kind < 0.99) {
    // What was there before the page is not the page's.
    await page.evaluate((isBack) => {
      if (!isBack) window.history.forward();
      else if (window.navigation.canGoBack) window.history.back();
    }, which < 0.7);
    return "back or forward";
  }
  await page.reload();
  await expect(page.getByRole("main")).toBeVisible();
  return "reload";
}

/** What can be used is what is visible and lies under nothing else. */
const CONTROLS =
  "a[href], button, input, select, textarea, summary, canvas, [role=slider], [role=tab], [tabindex='0']";

/** Clicks a control; types into a field, and moves a slider. */
async function touchControl(page: Page, which: number, text: string, how: number): Promise<string> {
  const control = await page.evaluate(
    ([controls, which, how]) => {
      const usable = [...document.querySelectorAll<HTMLElement>(controls)].filter((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        if (width === 0 || !element.checkVisibility() || element.matches(":disabled")) return false;
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        const isOnScreen = y >= 0 && y + height <= window.innerHeight;
        return !isOnScreen || element.contains(top) || !!top?.contains(element);
      });
      // Of what begins or ends work oftener than chance would have it.
      const main = usable.filter(({ textContent }) =>
        /^(Train|Pause|Resume|Stop|Generate|Open)/.test(textContent),
      );
      const among = how < 0.2 && main.length > 0 ? main : usable;
      const chosen = among[Math.floor(which * among.length)];
      if (!chosen) return null;
      chosen.scrollIntoView({ block: "nearest" });
      const { x, y, width, height } = chosen.getBoundingClientRect();
      const name = chosen.getAttribute("aria-label") ?? chosen.textContent?.slice(0, 40);
      return {
        x,
        y,
        width,
        height,
        isSelect: chosen.matches("select"),
        isField: chosen.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea"),
        words: `${chosen.tagName.toLowerCase()} ${chosen.getAttribute("role") ?? ""} ${name}`,
      };
    },
    [CONTROLS, which, how] as const,
  );
  if (!control) return "nothing to use";
  const { x, y, width, height, isSelect, isField, words } = control;
  // A wide one, as a slider or a picture, anywhere.
  await page.mouse.click(x + width * (width > 100 ? how : 0.5), y + height / 2, {
    clickCount: how > 0.95 ? 2 : 1,
  });
  if (isSelect) await page.keyboard.press(text ? "ArrowDown" : "ArrowUp");
  if (isSelect) await page.keyboard.press("Enter");
  if (!isField) return `click ${words}`;
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
  if (how < 0.7) await page.keyboard.press("Enter");
  return `type ${text} into ${words}`;
}

/** A part that broke says so in place of itself, and a worker that ended in a notice. */
async function whatBroke(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const alerts = [...document.querySelectorAll("[role=alert]")].map((a) => a.textContent ?? "");
    const broken = alerts.filter((text) => /could not be shown|Start again/.test(text));
    const faults = window.recordedEvents.filter(({ type }) => type === "fault");
    const isBlank = (document.querySelector("#root")?.textContent?.length ?? 0) < 100;
    return [
      ...broken,
      ...faults.map((fault) => JSON.stringify(fault)),
      ...(isBlank ? ["The page is blank."] : []),
    ];
  });
}
