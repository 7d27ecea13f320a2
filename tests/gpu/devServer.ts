import type { Browser, Page } from "@playwright/test";
import { createServer } from "vite";

/** Before all tests: one development server for those whose pages import the sources. Nothing is watched. */
export default async function startDevServer(): Promise<() => Promise<void>> {
  const server = await createServer({
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
    // Not that of `npm run dev`: in its mode everything would be bundled anew each time.
    cacheDir: "node_modules/.vite-tests",
  });
  await server.listen();
  // The workers that run the tests inherit it.
  process.env.DEV_SERVER = server.resolvedUrls?.local[0];
  return () => server.close();
}

export interface DevPage {
  page: Page;
  close(): Promise<void>;
}

/** The tests' page from the development server, so that it can import the sources. */
export async function openDevPage(browser: Browser): Promise<DevPage> {
  const page = await browser.newPage();
  await page.goto(`${process.env.DEV_SERVER}tests/gpu/page.html`);
  await page.waitForFunction(() => window.gpu);
  return { page, close: () => page.close() };
}
