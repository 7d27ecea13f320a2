import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { launchOptions } from "./launch.ts";
import { serveStatically } from "./staticHost.ts";

const args = launchOptions.args.filter((arg) => !arg.includes("webgpu"));

declare global {
  interface Window {
    /** Ids of what has moved on the page, empty where it has none. */
    movedIds: string[];
    /** How long the page hid that it has not started, from the first frame until it said so; undefined where it never did. */
    hiddenMs?: number;
  }
}

test.use({
  launchOptions: { ...launchOptions, args: [...args, "--disable-gpu"] },
});

test("without WebGPU and without shared memory, under a sub-path of a static host, it still trains", async ({
  page,
}) => {
  const host = await serveStatically("dist", "/some/sub-path/");
  try {
    const foreign: string[] = [];
    page.on("request", (request) => {
      const address = request.url();
      if (!address.startsWith(host.url) && !/^(blob|data):/.test(address)) foreign.push(address);
    });
    const app = new AppPage(page);
    await app.open(`${host.url}?preset=tiny`);
    expect(await page.evaluate(() => navigator.gpu.requestAdapter())).toBeNull();
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(false);
    await expect(app.button(/^WebAssembly SIMD, \d threads?$/)).toBeVisible();
    await app.button(/^WebAssembly SIMD/).click();
    const why = page.locator(":popover-open");
    await expect(why).toContainText("found no graphics adapter");
    await expect(why).toContainText("Everything works without one, only slower.");
    await page.keyboard.press("Escape");
    await app.button("About this page").click();
    const about = page.locator(":popover-open");
    await expect(about).toContainText("This page computes with WebAssembly (SIMD");
    await expect(about.getByRole("button", { name: "Copy for a bug report" })).toBeVisible();
    await page.keyboard.press("Escape");

    await app.train.click();
    await app.waitForSteps(5);
    expect((await app.losses()).every(Number.isFinite)).toBe(true);
    expect(foreign).toEqual([]);
  } finally {
    await host.close();
  }
});

test("where the host answers with 404 or with its start page instead of a script, the page says what can be done", {
  tag: "@long",
}, async ({ page, context }) => {
  const folder = mkdtempSync(join(tmpdir(), "diffusion-mnist-"));
  cpSync("dist", folder, { recursive: true });
  const scripts = readdirSync(join(folder, "assets")).filter((name) => /^index-.*js$/.test(name));
  expect(scripts).toHaveLength(1);
  rmSync(join(folder, "assets", scripts[0] as string));
  // Both at once, since each takes the ten seconds that the page waits.
  const [with404, withStartPage] = await Promise.all([
    serveStatically(folder, "/", {}, null),
    serveStatically(folder, "/", {}, "index.html"),
  ]);
  const isTold = async (page: Page, url: string) => {
    await noteHidden(page);
    await page.goto(url);
    await expect(notStarted(page)).toBeVisible();
    expect(await hiddenMs(page)).toBeGreaterThan(PATIENCE_MS);
    await expect(page.getByRole("alert").getByRole("listitem")).toHaveCount(4);
  };
  try {
    await Promise.all([
      isTold(page, with404.url),
      isTold(await context.newPage(), withStartPage.url),
    ]);
  } finally {
    await Promise.all([with404.close(), withStartPage.close()]);
    rmSync(folder, { recursive: true });
  }
});

test("a page whose script takes some seconds says nothing until it has started, and nothing moves then", {
  tag: "@long",
}, async ({ page }) => {
  const host = await serveStatically("dist", "/");
  try {
    await noteHidden(page);
    await page.addInitScript(() => {
      window.movedIds = [];
      new PerformanceObserver((list) => {
        const shifts = list.getEntries() as (PerformanceEntry & {
          sources: { node?: Element }[];
        })[];
        const nodes = shifts.flatMap(({ sources }) => sources.map(({ node }) => node));
        window.movedIds.push(...nodes.map((node) => node?.id ?? ""));
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.route("**/assets/index-*.js", async (route) => {
      await expect(notStarted(page)).toHaveCount(1);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await route.continue();
    });
    await page.goto(host.url, { waitUntil: "commit" });
    await expect(page.getByRole("main").first()).toBeVisible();
    await expect(notStarted(page)).toHaveCount(0);
    // On a busy machine it may have come to be said.
    expect((await hiddenMs(page)) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(PATIENCE_MS);
    expect(await page.evaluate(() => window.movedIds)).not.toContain("root");
  } finally {
    await host.close();
  }
});

/** The page says after 10 s that it has not started (start.css), which frames meet to within some milliseconds. */
const PATIENCE_MS = 9_900;

/**
 * From the next load on, notes when the page says that it has not started. By the time of its frames, which the delay is
 * counted in: a test that looks comes too late where the machine is busy.
 */
async function noteHidden(page: Page) {
  await page.addInitScript(() => {
    let firstMs: number | null = null;
    const look: FrameRequestCallback = (frameMs) => {
      const words = document.querySelector("#not-started");
      if (words) firstMs ??= frameMs;
      if (!words || getComputedStyle(words).visibility === "hidden") requestAnimationFrame(look);
      else window.hiddenMs = frameMs - (firstMs ?? frameMs);
    };
    requestAnimationFrame(look);
  });
}

function hiddenMs(page: Page): Promise<number | undefined> {
  return page.evaluate(() => window.hiddenMs);
}

/** What index.html says as long as the app has not started. */
function notStarted(page: Page) {
  return page.locator("#not-started");
}
