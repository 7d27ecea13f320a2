import { readFileSync } from "node:fs";
import { type Download, expect, type Locator } from "@playwright/test";

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
