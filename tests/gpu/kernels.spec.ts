import { expect, test } from "@playwright/test";
import { type DevPage, openDevPage } from "./devServer.ts";
import { CASES } from "./operations.ts";

/** As the kernels fit themselves to the adapter that there is. */
const ADAPTERS_OWN = [null];

let dev: DevPage;

test.beforeAll(async ({ browser }) => {
  dev = await openDevPage(browser);
  await dev.page.evaluate(() => window.gpu.start());
});

test.afterAll(() => dev.close());

for (const [name, { tunings }] of CASES) {
  for (const tuning of tunings ?? ADAPTERS_OWN) {
    const how = tuning === null ? "" : `, in ${tuning}`;
    test(`on WebGPU as composed on WebAssembly: ${name}${how}`, async () => {
      const { value, gradients } = await dev.page.evaluate(
        ([ofCase, withTuning]) => window.gpu.compare(ofCase, withTuning),
        [name, tuning] as const,
      );
      expect(value).toBeLessThan(1e-5);
      expect(gradients.map((error) => error < 1e-5)).toEqual(gradients.map(() => true));
    });
  }
}
