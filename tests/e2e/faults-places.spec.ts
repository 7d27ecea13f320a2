import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { eventsOf, notices, unfinishedRun } from "./faults.ts";
import { launchOptions } from "./launch.ts";

/** Its checkpoints are so large that Chromium keeps them as files beside its database. */
const RUN =
  "?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&epochs=10000&checkpointMinutes=0";

const database = (profile: string) => join(profile, "Default/IndexedDB");
const files = (profile: string) => join(profile, "Default/File System");
const pathsIn = (profile: string, name: RegExp) =>
  readdirSync(database(profile), { recursive: true, encoding: "utf8" })
    .filter((path) => name.test(path))
    .map((path) => join(database(profile), path));

/** What becomes of one of the two places where a run is kept; the other one is left. */
const LOSSES: Record<string, (profile: string, hourAgo: string) => void> = {
  "its database put back to what it was an hour ago"(profile, hourAgo) {
    rmSync(database(profile), { recursive: true });
    cpSync(hourAgo, database(profile), { recursive: true });
  },
  "the blobs of its database gone"(profile) {
    const blobs = pathsIn(profile, /\.blob$/);
    expect(blobs).not.toEqual([]);
    for (const path of blobs) rmSync(path, { recursive: true });
  },
  "half of the last log of its database gone"(profile) {
    const log =
      pathsIn(profile, /\.log$/)
        .sort()
        .at(-1) ?? "";
    truncateSync(log, 500);
  },
  "the manifest of its database gone"(profile) {
    const manifests = pathsIn(profile, /MANIFEST-/);
    expect(manifests).not.toEqual([]);
    for (const path of manifests) rmSync(path);
  },
  "its files gone"(profile) {
    rmSync(files(profile), { recursive: true });
  },
};

/** A profile with a run, and its database as it was before the run was trained on. */
interface Kept {
  profile: string;
  hourAgo: string;
  /** The newest checkpoint, and its SHA-256. */
  step: number;
  digest: string;
}
let folder = "";
let kept: Kept;

test.beforeAll(async ({ baseURL }) => {
  folder = mkdtempSync(join(tmpdir(), "places-"));
  const [profile, hourAgo] = [join(folder, "saved"), join(folder, "hourAgo")];
  const trainOn = (button: "Train" | "Resume") =>
    visit(profile, baseURL, async (app) => {
      const resume = unfinishedRun(app.page).getByRole("button", { name: "Resume" });
      await (button === "Train" ? app.train : resume).click();
      await app.waitForSteps(5);
      await app.button("Stop").click();
      await expect(app.status).toContainText("Unfinished");
      const step = (await eventsOf(app.page, "checkpointSaved")).at(-1)?.step ?? 0;
      return { step, digest: await inDatabase(app.page, step) };
    });
  await trainOn("Train");
  cpSync(database(profile), hourAgo, { recursive: true });
  kept = { profile, hourAgo, ...(await trainOn("Resume")) };
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const [loss, lose] of Object.entries(LOSSES)) {
  test(`a run is there as it was saved, bit for bit, with ${loss}`, {
    tag: loss === "its files gone" ? [] : "@long",
  }, async ({ baseURL }) => {
    const { step, digest } = kept;
    const profile = join(folder, "profile");
    rmSync(profile, { recursive: true, force: true });
    cpSync(kept.profile, profile, { recursive: true });
    lose(profile, kept.hourAgo);
    const isOpen = !loss.startsWith("the manifest");
    await visit(profile, baseURL, async (app) => {
      const card = unfinishedRun(app.page);
      await expect(card).toContainText(`Step ${step} of`);
      if (!isOpen) await expect(notices(app.page)).toContainText("does not open");
      await card.getByRole("button", { name: "Resume" }).click();
      await app.waitForSteps(1);
      expect((await app.steps())[0]?.step).toBe(step + 1);
      await expect(app.page.getByRole("alert")).toHaveCount(0);
      await app.button("Stop").click();
      await expect(app.status).toContainText("Unfinished");
      // The checkpoint before the newest now, in each place.
      expect(await inFiles(app.page, step)).toBe(digest);
      if (isOpen) expect(await inDatabase(app.page, step)).toBe(digest);
    });
  });
}

async function visit<T>(
  profile: string,
  baseURL: string | undefined,
  work: (app: AppPage) => Promise<T>,
): Promise<T> {
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOptions,
    serviceWorkers: "block",
  });
  const app = new AppPage(await context.newPage());
  await app.openWithFewImages(`${baseURL}/${RUN}`);
  const result = await work(app);
  await context.close();
  return result;
}

/** The SHA-256 of a checkpoint in the database. */
function inDatabase(page: Page, step: number): Promise<string> {
  return page.evaluate(async (step) => {
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await resultOf(indexedDB.open("diffusion-mnist"));
    const parts = database.transaction("parts").objectStore("parts");
    const keys = (await resultOf(parts.getAllKeys())) as [runId: string, name: string][];
    const key = keys.find(([, name]) => name.startsWith(`checkpoint-${step}-`));
    const bytes: Uint8Array<ArrayBuffer> = await resultOf(parts.get(key ?? ["", ""]));
    database.close();
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
  }, step);
}

/** The SHA-256 of a checkpoint in the files. */
function inFiles(page: Page, step: number): Promise<string> {
  return page.evaluate(async (step) => {
    const root = await navigator.storage.getDirectory();
    const runs = await root.getDirectoryHandle("runs");
    for await (const runId of runs.keys()) {
      const run = await runs.getDirectoryHandle(runId);
      for await (const name of run.keys()) {
        if (!name.startsWith(`checkpoint-${step}-`)) continue;
        const file = await (await run.getFileHandle(name)).getFile();
        const bytes = await file.arrayBuffer();
        return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
      }
    }
    return "no such file";
  }, step);
}
