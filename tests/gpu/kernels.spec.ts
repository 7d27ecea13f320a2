import { expect, type Page, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";
import { CASES } from "./operations.ts";

/** As the kernels fit themselves to the adapter that there is. */
const ADAPTERS_OWN = [null];

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

for (const [name, { tunings }] of CASES) {
  for (const tuning of tunings ?? ADAPTERS_OWN) {
    const how = tuning === null ? "" : `, in ${tuning}`;
    test(`on WebGPU as composed on WebAssembly: ${name}${how}`, async () => {
      const { value, gradients } = await page.evaluate(
        ([ofCase, withTuning]) => window.gpu.compare(ofCase, withTuning),
        [name, tuning] as const,
      );
      expect(value).toBeLessThan(1e-5);
      // Sums over the batch and the positions, in another order.
      expect(gradients.map((error) => error < 1e-4)).toEqual(gradients.map(() => true));
    });
  }
}
