import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import { AppPage, openRuns, openView } from "./app.ts";
import { drawDigits } from "./denoisePage.ts";
import { recordErrors, waitUntilKept } from "./kept.ts";
import { benchmarkPart, noted } from "./noted.ts";
import { serveStatically } from "./staticHost.ts";

const TINY = "?backend=wasm&preset=tiny&previewEvery=0";

test.use({ serviceWorkers: "allow" });

test("in a whole session no request leaves the origin, and the policy has nothing to refuse", {
  tag: "@long",
}, async ({ page, context, baseURL }) => {
  const requests: { url: string; from: "page" | "service worker" }[] = [];
  context.on("request", (request) => {
    requests.push({
      url: request.url(),
      from: request.serviceWorker() ? "service worker" : "page",
    });
  });
  page.on("websocket", (socket) => requests.push({ url: socket.url(), from: "page" }));
  const errors = recordErrors(page);
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
      console.error(`refused by ${effectiveDirective}: ${blockedURI}`);
    });
  });

  const app = new AppPage(page);
  await app.open(TINY);
  await waitUntilKept(page);
  await app.button("About this page").click();
  await expect(page.getByText("This page trains a neural network")).toBeVisible();
  await page.keyboard.press("Escape");
  await app.train.click();
  await app.waitForSteps(3);
  await expect(page.locator("[data-curve=loss] path")).toBeVisible();
  await app.button("Pause").click();
  await expect(app.status).toContainText("Paused");
  const draw = await drawDigits(page);
  await expect(draw.grid).toHaveAttribute("aria-label", /^4 digits .*after \d+ training steps/);
  await openView(page, "train");
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const weights = await saveWeights(app);
  await app.dropFiles([{ name: "<b>weights</b>.safetensors", bytes: weights }]);
  await expect(page.getByText("<b>weights</b>.safetensors", { exact: true })).toBeVisible();
  await app.dropFewImages();
  await app.openBenchmark();
  const dialog = page.getByRole("dialog", { name: "Benchmark this device" });
  const doing = await noted(page, benchmarkPart);
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect.poll(doing).toContain("training steps");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog.getByRole("button", { name: "Start" })).toBeEnabled();
  await page.reload();
  await expect(page.getByText("60,000 images, 10,000 to validate")).toBeVisible();
  const list = await openRuns(page);
  await list.getByRole("button", { name: "Export…" }).click();
  const run = page.waitForEvent("download");
  await list.getByRole("button", { name: /whole run/i }).click();
  const bytes = readFileSync(await (await run).path());
  await app.dropFiles([{ name: "run.safetensors", bytes }]);
  await expect(list.getByRole("button", { name: "Resume" })).toHaveCount(2);
  await list.getByRole("button", { name: "Resume" }).first().click();
  await app.waitForSteps(3);

  const own = new URL(baseURL as string).origin;
  const strangers = requests.filter(({ url }) => new URL(url).origin !== own);
  expect(strangers).toEqual([]);
  // What was listened to is all there is: the page, its workers and the service worker.
  for (const [from, file] of [
    ["page", /\/assets\/index-.*\.js$/],
    ["page", /\/assets\/tfjs-backend-wasm.*\.wasm$/],
    ["page", /\/assets\/BenchmarkDialog-.*\.js$/],
    ["service worker", /\/index\.html/],
  ] as const) {
    expect(requests.some((request) => request.from === from && file.test(request.url))).toBe(true);
  }
  expect(errors).toEqual([]);
});

test("the policy refuses scripts put into the page, and requests to others from it and its worker", async ({
  page,
}) => {
  const stranger = await listen();
  try {
    const app = new AppPage(page);
    await app.openWithFewImages(TINY);
    const [worker] = page.workers();
    const inPage = await page.evaluate(attack, stranger.url);
    expect(inPage).toEqual({ fetched: false, evaluated: false });
    expect(await worker?.evaluate(attack, stranger.url)).toEqual(inPage);
    expect(await injectScripts(page, stranger.url)).toEqual([]);
    expect(stranger.requests).toEqual([]);
  } finally {
    await stranger.close();
  }
});

test("on a plain host, without headers, the page has its policy all the same", {
  tag: "@long",
}, async ({ page }) => {
  const stranger = await listen();
  const host = await serveStatically("dist", "/some/sub-path/");
  try {
    await new AppPage(page).open(`${host.url}${TINY}`);
    expect(await page.evaluate(attack, stranger.url)).toEqual({ fetched: false, evaluated: false });
    expect(await injectScripts(page, stranger.url)).toEqual([]);
    expect(stranger.requests).toEqual([]);
  } finally {
    await host.close();
    await stranger.close();
  }
});

async function saveWeights(app: AppPage): Promise<Buffer> {
  const download = app.page.waitForEvent("download");
  await app.button("Export").click();
  await app.button("Download").click();
  return readFileSync(await (await download).path());
}

/** What code that got into the page or a worker would do; in there, so without anything from here. */
async function attack(url: string) {
  const fetched = await fetch(url, { mode: "no-cors" }).then(
    () => true,
    () => false,
  );
  // Later, since the debugger's own call may evaluate.
  await new Promise((done) => setTimeout(done));
  let evaluated = true;
  try {
    new Function("return 1")();
  } catch {
    evaluated = false;
  }
  return { fetched, evaluated };
}

/** Puts scripts and a picture into the page as a hole in it might, and gives the names of what ran or loaded. */
async function injectScripts(page: Page, url: string): Promise<string[]> {
  return page.evaluate(async (url) => {
    const ran: string[] = [];
    Object.assign(window, { ran });
    const ended = (element: HTMLElement) =>
      new Promise((resolve) => {
        for (const type of ["load", "error"]) element.addEventListener(type, resolve);
      });
    const inline = document.createElement("script");
    inline.textContent = 'window.ran.push("inline")';
    const foreign = document.createElement("script");
    foreign.src = `${url}/script.js`;
    foreign.onload = () => ran.push("foreign");
    const blob = document.createElement("script");
    blob.src = URL.createObjectURL(new Blob(['window.ran.push("blob")']));
    const scripts = Promise.all([foreign, blob].map(ended));
    document.body.append(inline, foreign, blob);
    const html = document.createElement("div");
    html.innerHTML = `<img src="${url}/x.png" onload="window.ran.push('picture')"
      onerror="window.ran.push('handler')">`;
    document.body.append(html);
    await Promise.all([scripts, ended(html.firstChild as HTMLElement)]);
    return ran;
  }, url);
}

/** A host of another origin that answers anything to anyone, and the paths it was asked for. */
async function listen() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(200, {
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
      "Content-Type": "text/javascript",
    });
    response.end('window.ran?.push("foreign")');
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
