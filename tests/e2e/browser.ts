import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "microsoft-edge",
];

const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].map((root) =>
    join(process.env[root] ?? "", "Google/Chrome/Application/chrome.exe"),
  ),
];

/**
 * The browser to test in: the one named by CHROME_PATH, else an installed Chrome or Chromium, else
 * Playwright's own.
 *
 * @throws Error that says what to install when there is none
 */
export function findBrowser(): string {
  const named = process.env.CHROME_PATH;
  if (named && !isExecutable(named))
    throw new Error(`CHROME_PATH is ${named}, which is not a program that can be run.`);
  const found = named || installedBrowser();
  if (!found) throw new Error(missingChromium() ?? "");
  return found;
}

/** What is not tested where there is no Chromium, and what to install; null where there is one, or where one is named. */
export function missingChromium(): string | null {
  if (process.env.CHROME_PATH || installedBrowser()) return null;
  return "Not tested: the page in Chromium, which CHROME_PATH may name. On Debian: apt-get install chromium";
}

function installedBrowser(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
    ...PLACES,
    chromium.executablePath(),
  ];
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    if (!existsSync(path)) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
