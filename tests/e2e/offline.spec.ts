import { readdirSync, statSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { HOST_HEADERS } from "../../tools/headers.ts";
import { AppPage, openView } from "./app.ts";
import { recordErrors, waitUntilKept } from "./kept.ts";
import { launchOptions } from "./launch.ts";
import { benchmarkPart, noted } from "./noted.ts";
import { serveStatically } from "./staticHost.ts";

const TINY = "?backend=wasm&preset=tiny&previewEvery=0";

/** A larger trained model, which is kept once it was asked for. */
const ASKED_FOR = "models/pretrained-medium.safetensors.gz";

/** A name of this machine that the browser does not trust as it does localhost. */
const PLAIN_HTTP = "plain.test";

test.use({
  serviceWorkers: "allow",
  launchOptions: {
    ...launchOptions,
    args: [...launchOptions.args, `--host-resolver-rules=MAP ${PLAIN_HTTP} localhost`],
  },
});

for (const { hostKind, headers, added } of [
  {
    hostKind: "a plain host that adds to every page",
    headers: {},
    added: "<!-- Visits are counted. -->",
  },
  { hostKind: "a host that sends headers", headers: HOST_HEADERS, added: "" },
]) {
  test(`after one visit to ${hostKind} everything works without it and without a network`, {
    tag: added === "" ? "@long" : [],
  }, async ({ page, context }) => {
    const host = await serveStatically("dist", "/some/sub-path/", headers, null, added);
    const app = new AppPage(page);
    try {
      await app.open(`${host.url}${TINY}`);
      await waitUntilKept(page);
      expect(await numBytesOf(page, ASKED_FOR)).toBe(statSync(`dist/${ASKED_FOR}`).size);
    } finally {
      await host.close();
    }
    await context.setOffline(true);
    const errors = recordErrors(page);

    await app.open(`${host.url}${TINY}`);
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(headers === HOST_HEADERS);
    await app.train.click();
    await app.waitForSteps(1);
    await expect(page.locator("[data-curve=loss] path")).toBeVisible();
    // What is loaded late: with headers the browser asks more of it.
    if (headers === HOST_HEADERS) await expectLateParts(app);
    await expect(page.getByRole("alert")).toHaveCount(0);
    expect(errors).toEqual([]);
  });
}

test("what the browser has lost of the page is kept again at the next visit", {
  tag: "@long",
}, async ({ page, context }) => {
  const host = await serveStatically("dist", "/some/sub-path/");
  const app = new AppPage(page);
  try {
    await app.open(`${host.url}${TINY}`);
    await waitUntilKept(page);
    const numLost = await page.evaluate(async () => {
      let numLost = 0;
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const { url } of await cache.keys()) {
          if (/\/(index|main)-[^/]*\.(js|css)\b/.test(url) && (await cache.delete(url))) numLost++;
        }
      }
      return numLost;
    });
    // The page's script and style, the worker that trains, and the one that reads images.
    expect(numLost).toBe(4);
    await app.open(`${host.url}${TINY}`);
  } finally {
    await host.close();
  }
  await context.setOffline(true);
  await app.open(`${host.url}${TINY}`);
  await app.train.click();
  await app.waitForSteps(1);
});

/** The dialogs, a run's web page, the benchmark and the stored weights. */
async function expectLateParts(app: AppPage) {
  const { page } = app;
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  await app.button("About this page").click();
  await expect(page.locator(":popover-open").getByRole("paragraph").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await openView(page, "charts");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: /^Web page/ }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Make the page" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.html$/);
  await app.openBenchmark();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  const doing = await noted(page, benchmarkPart);
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect.poll(doing).toContain("training steps");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  const small = readdirSync("dist/models").filter((name) => /^pretrained-quick.*\.gz$/.test(name));
  expect(small).toHaveLength(3);
  const weights = ["classifier.safetensors", ASKED_FOR, ...small.map((name) => `models/${name}`)];
  for (const path of weights) {
    expect(await numBytesOf(page, path)).toBe(statSync(`dist/${path}`).size);
  }
}

function numBytesOf(page: Page, path: string): Promise<number> {
  return page.evaluate(async (path) => (await (await fetch(path)).arrayBuffer()).byteLength, path);
}

test("on plain http, where the browser keeps nothing, the page works and says nothing of it", {
  tag: "@long",
}, async ({ page }) => {
  const host = await serveStatically("dist", "/");
  try {
    const errors = recordErrors(page);
    const app = new AppPage(page);
    await app.open(`${host.url.replace("localhost", PLAIN_HTTP)}${TINY}`);
    expect(await page.evaluate(() => "serviceWorker" in navigator)).toBe(false);
    await app.train.click();
    await app.waitForSteps(1);
    await expect(page.getByRole("alert")).toHaveCount(0);
    expect(errors).toEqual([]);
  } finally {
    await host.close();
  }
});
