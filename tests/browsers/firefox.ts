import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "puppeteer-core";
import { type DrivenBrowser, findProgram } from "./drivenBrowser.ts";

function findFirefox(): string | null {
  return findProgram([process.env.FIREFOX_PATH, "firefox-esr", "firefox"]);
}

/** What is not tested where there is no Firefox, and what to install; null where there is one. */
export function missingFirefox(): string | null {
  if (findFirefox()) return null;
  return "Not tested: the page in Firefox, which FIREFOX_PATH may name. On Debian: apt-get install firefox-esr";
}

/**
 * The one that FIREFOX_PATH names, else one that is installed, without a window.
 *
 * @param preferences of about:config
 * @throws Error that says what to install when there is none
 */
export async function startFirefox(
  preferences: Record<string, string | number | boolean> = {},
): Promise<DrivenBrowser> {
  const executablePath = findFirefox();
  if (!executablePath) throw new Error(missingFirefox() ?? "");
  const folder = mkdtempSync(join(tmpdir(), "firefox-"));
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  const browser = await launch({
    browser: "firefox",
    executablePath,
    headless: true,
    userDataDir: join(folder, "profile"),
    args: ["--width=1440", "--height=900"],
    defaultViewport: null,
    extraPrefsFirefox: {
      "browser.download.dir": downloads,
      "browser.download.folderList": 2,
      ...preferences,
    },
  });
  const [page] = await browser.pages();
  if (!page) throw new Error("Firefox has started without a page.");
  page.setDefaultNavigationTimeout(120_000);
  // The page asks before it is left with steps that are not saved.
  page.on("dialog", (dialog) => void dialog.accept());
  return {
    downloads,
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    evaluate: (call, ...args) => page.evaluate(call as never, ...args) as never,
    clickAt: (x, y) => page.mouse.click(x, y),
    screenshot: async () => Buffer.from(await page.screenshot()),
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
