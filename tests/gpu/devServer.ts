import type { Browser, Page } from "@playwright/test";
import { createServer } from "vite";

export interface DevPage {
  page: Page;
  close(): Promise<void>;
}

/** The tests' page from a development server, so that it can import the sources. */
export async function openDevPage(browser: Browser): Promise<DevPage> {
  const server = await createServer({
    logLevel: "error",
    server: { port: 0, hmr: false, watch: null },
  });
  await server.listen();
  const page = await browser.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}tests/gpu/page.html`);
  await page.waitForFunction(() => window.gpu);
  const close = async () => {
    await page.close();
    await server.close();
  };
  return { page, close };
}
