import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Download, expect, type Locator, type Page } from "@playwright/test";

/** The files that come when a run of the list is exported in a format. */
export async function exported(run: Locator, format: RegExp, numFiles = 1) {
  const downloads: Download[] = [];
  const page = run.page();
  const take = (download: Download) => downloads.push(download);
  page.on("download", take);
  await run.getByRole("button", { name: "Export…" }).click();
  await run.getByRole("button", { name: format }).click();
  await expect(() => expect(downloads).toHaveLength(numFiles)).toPass();
  page.off("download", take);
  return Promise.all(
    downloads.map(async (download) => ({
      fileName: download.suggestedFilename(),
      bytes: readFileSync(await download.path()),
    })),
  );
}

/** Opens a page from disk. @returns what it asks for from then on, and what goes wrong */
export async function openFromDisk(page: Page, path: string): Promise<string[]> {
  const noted: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url())) noted.push(request.url());
  });
  page.on("pageerror", ({ message }) => noted.push(message));
  page.on("console", (message) => {
    if (message.type() !== "log") noted.push(message.text());
  });
  await page.goto(pathToFileURL(path).href);
  return noted;
}
