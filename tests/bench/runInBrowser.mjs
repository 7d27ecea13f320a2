import { chromium } from "@playwright/test";

/**
 * The benchmark in Chromium.
 *
 * @throws Error with what the worker said
 */
export async function run(server, request, tellProgress) {
  const { launchOptions } = await server.ssrLoadModule("/tests/e2e/launch.ts");
  await server.listen();
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error.message));
    await page.exposeFunction("tellProgress", tellProgress);
    await page.goto(`${server.resolvedUrls.local[0]}tests/bench/page.html`);
    await page.waitForFunction(() => window.benchmark);
    const machine = `${request.machine}; Chromium ${browser.version()}`;
    return await page.evaluate((of) => window.benchmark(of), { ...request, machine });
  } finally {
    await browser.close();
  }
}
