import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, type Page, test, type Worker } from "@playwright/test";
import { AppPage } from "./app.ts";

test("before Train is clicked the page loads at most 320 KB of scripts, and the worker 363 KB with WebAssembly, gzipped", async ({
  page,
}) => {
  const app = new AppPage(page);
  // The one that loads most: what shows a newcomer around comes on top.
  await app.serveFewImages();
  await app.openAsFirstVisit();
  await expect(page.getByRole("complementary", { name: "First steps" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Type a number" })).toBeVisible();
  const worker = workerOf(page);
  const workers = withImports(worker.url());
  const scripts = [...(await requested(page))].filter((name) => !workers.has(name));
  expect(scripts.length).toBeGreaterThan(1);
  expect(kilobytes(scripts)).toBeLessThan(320);
  await expectSmallWorker(worker);
});

test("the worker loads at most 363 KB of scripts with WebGPU, gzipped", async ({ page }) => {
  await new AppPage(page).openWithFewImages("?preset=tiny&backend=webgpu");
  await expectSmallWorker(workerOf(page));
});

async function expectSmallWorker(worker: Worker) {
  const scripts = new Set([...withImports(worker.url()), ...(await requested(worker))]);
  expect(scripts.size).toBeGreaterThan(3);
  expect(kilobytes(scripts)).toBeLessThan(363);
}

function workerOf(page: Page): Worker {
  const [worker] = page.workers();
  if (!worker) throw new Error("The page has started no worker.");
  return worker;
}

/** A page or a worker. */
interface Realm {
  evaluate<T>(call: () => T): Promise<T>;
}

/** File names of the scripts and WebAssembly modules that a page, with its worker, or a worker asked for. */
async function requested(of: Realm): Promise<Set<string>> {
  const urls = await of.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name),
  );
  return new Set(urls.map((url) => basename(url)).filter((name) => /\.(js|wasm)$/.test(name)));
}

/** File names of a script and of what it imports at its beginning. */
function withImports(url: string, found = new Set<string>()): Set<string> {
  const name = basename(url);
  if (found.has(name)) return found;
  found.add(name);
  const source = builtFile(name).toString();
  for (const [, imported] of source.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
    withImports(imported as string, found);
  }
  return found;
}

function kilobytes(names: Iterable<string>): number {
  const sizes = [...names].map((name) => gzipSync(builtFile(name), { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

const builtFile = (name: string) => readFileSync(join("dist/assets", name));
