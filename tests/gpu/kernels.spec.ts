import { expect, test } from "@playwright/test";
import { type DevPage, openDevPage } from "./devServer.ts";
import { CASES } from "./operations.ts";

let dev: DevPage;

test.beforeAll(async ({ browser }) => {
  dev = await openDevPage(browser);
  await dev.page.evaluate(() => window.gpu.start());
});

test.afterAll(() => dev.close());

for (const name of CASES.keys()) {
  test(`on WebGPU as composed on WebAssembly: ${name}`, async () => {
    const { value, gradients } = await dev.page.evaluate((of) => window.gpu.compare(of), name);
    expect(value).toBeLessThan(1e-5);
    // Sums over the batch and the positions, in another order.
    expect(gradients.map((error) => error < 1e-4)).toEqual(gradients.map(() => true));
  });
}
