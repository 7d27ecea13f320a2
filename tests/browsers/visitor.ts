import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { DrivenBrowser } from "./drivenBrowser.ts";

/** What can be clicked on the page. */
const SELECTORS = { button: "button", link: "a", choice: "label", summary: "summary" };
type Kind = keyof typeof SELECTORS;

export interface SavedFile {
  name: string;
  bytes: Buffer;
}

/** A person who uses the page in a browser that Playwright does not drive. */
export class Visitor {
  readonly browser: DrivenBrowser;

  constructor(browser: DrivenBrowser) {
    this.browser = browser;
  }

  /** Opens an address and waits for images and backend. */
  async open(url: string): Promise<void> {
    await this.browser.goto(url);
    await this.isReady();
  }

  async isReady(): Promise<void> {
    await this.sees(/60,000 images, 10,000 to validate/);
    await this.sees(/Train my own|Unfinished|Finished/);
  }

  /** Waits until all of the app and its images are on the device. */
  async isKept(): Promise<void> {
    const state = () =>
      this.browser.evaluate(async () => ({
        worker: navigator.serviceWorker.controller?.state ?? null,
        numFiles: (await (await caches.open("mnist-1")).keys()).length,
      }));
    await expect.poll(state, { timeout: 60_000 }).toEqual({ worker: "activated", numFiles: 4 });
  }

  /** Waits until the page's text matches, and gives what its first group has. */
  async sees(pattern: RegExp): Promise<string> {
    await expect.poll(() => this.text(), { timeout: 120_000 }).toMatch(pattern);
    return pattern.exec(await this.text())?.[1] ?? "";
  }

  text(): Promise<string> {
    // biome-ignore lint/performance/useDomNodeTextContent: only what is seen
    return this.browser.evaluate(() => document.body.innerText);
  }

  /** What the page says is wrong. */
  alerts(): Promise<string[]> {
    return this.browser.evaluate(() =>
      Array.from(document.querySelectorAll("[role=alert]"), (alert) => alert.textContent ?? ""),
    );
  }

  /** Waits until there is one of that name, as it is read out, that stands still with nothing over it. */
  async click(kind: Kind, name: RegExp): Promise<void> {
    let place: { x: number; y: number } | null = null;
    const standsStill = async () => {
      const before = place;
      place = await this.placeOf(kind, name);
      return place !== null && place.x === before?.x && place.y === before.y;
    };
    await expect.poll(standsStill, { message: `${kind} ${name}`, intervals: [50] }).toBe(true);
    const { x, y } = place as unknown as { x: number; y: number };
    await this.browser.clickAt(x, y);
  }

  /** Where to click it, in the window; null where it cannot be clicked. */
  placeOf(kind: Kind, name: RegExp): Promise<{ x: number; y: number } | null> {
    return this.browser.evaluate(
      (selector, source) => {
        const pattern = new RegExp(source);
        for (const element of document.querySelectorAll<HTMLElement>(selector)) {
          const words = element.getAttribute("aria-label") ?? element.textContent ?? "";
          if (!pattern.test(words.trim()) || element.matches(":disabled")) continue;
          element.scrollIntoView({ block: "nearest", behavior: "instant" });
          const { left, top, width, height } = element.getBoundingClientRect();
          const [x, y] = [left + width / 2, top + height / 2];
          const over = width > 0 ? document.elementFromPoint(x, y) : null;
          if (over && (element.contains(over) || over.contains(element))) return { x, y };
        }
        return null;
      },
      SELECTORS[kind],
      name.source,
    );
  }

  /** Drops files onto the page, as from the desktop, or pastes them, as from the clipboard. */
  async brings(event: "drop" | "paste", files: readonly SavedFile[]): Promise<void> {
    await this.browser.evaluate(
      (type, sent) => {
        const data = new DataTransfer();
        for (const { name, base64 } of sent) {
          const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          data.items.add(new File([content], name));
        }
        const isPaste = type === "paste";
        const init = { bubbles: true, cancelable: true };
        const made = isPaste ? new ClipboardEvent(type, init) : new DragEvent(type, init);
        // Firefox leaves out the files of a made clipboard, and without a window it has no other for pictures.
        Object.defineProperty(made, isPaste ? "clipboardData" : "dataTransfer", { value: data });
        document.body.dispatchEvent(made);
      },
      event,
      files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") })),
    );
  }

  /** The files that come into the folder of downloads while it acts, by name. */
  async saves(numFiles: number, act: () => Promise<void>): Promise<SavedFile[]> {
    const { downloads } = this.browser;
    const all = () => (existsSync(downloads) ? readdirSync(downloads) : []);
    const before = all();
    await act();
    const added = () =>
      all()
        .filter((name) => !before.includes(name))
        .toSorted();
    // Both browsers write under another name beside it until a file is whole.
    const isWhole = (name: string) => !/\.(part|wkdownload)$/.test(name);
    await expect.poll(() => added().filter(isWhole), { timeout: 120_000 }).toHaveLength(numFiles);
    await expect.poll(() => added().every(isWhole)).toBe(true);
    return added().map((name) => ({ name, bytes: readFileSync(join(downloads, name)) }));
  }
}
