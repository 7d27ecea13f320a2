import { expect, type Page, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";
import { CASES } from "./operations.ts";

let server: ViteDevServer;
let page: Page;

test.beforeAll(async ({ browser }) => {
  server = await createServer({ logLevel: "error", server: { port: 0, hmr: false, watch: null } });
  await server.listen();
  page = await browser.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}tests/gpu/page.html`);
  await page.waitForFunction(() => window.gpu);
  await page.evaluate(() => window.gpu.start());
});

test.afterAll(async () => {
  await page.close();
  await server.close();
});

for (const name of CASES.keys()) {
  test(`on WebGPU as composed on WebAssembly: ${name}`, async () => {
    const { value, gradients } = await page.evaluate((of) => window.gpu.compare(of), name);
    expect(value).toBeLessThan(1e-5);
    // Sums over the batch and the positions, in another order.
    expect(gradients.map((error) => error < 1e-4)).toEqual(gradients.map(() => true));
  });
}
