import { expect, test } from "@playwright/test";
import { inFull } from "../inFull.ts";
import { type DevPage, openDevPage } from "./devServer.ts";
import { CASES } from "./operations.ts";

const MAX_ERROR = 1e-5;

let dev: DevPage;

test.beforeAll(async ({ browser }) => {
  dev = await openDevPage(browser);
  await dev.page.evaluate(() => window.gpu.start());
});

test.afterAll(() => dev.close());

test("a program can enable what the adapter offers of WGSL's extensions", async () => {
  expect(await dev.page.evaluate(() => window.gpu.sumInSubgroups(8))).toEqual(Array(8).fill(4));
});

for (const [name, { isLong = false }] of CASES) {
  if (isLong && !inFull) continue;
  test(`on WebGPU as composed on WebAssembly: ${name}`, async () => {
    for (const { tuning, value, gradients } of await dev.page.evaluate(
      (ofCase) => window.gpu.compare(ofCase),
      name,
    )) {
      const errors = [value, ...gradients];
      const message = `in ${tuning ?? "the adapter's own tiles"}: ${errors}`;
      // Not `some`, which a NaN would pass.
      expect(
        errors.every((error) => error < MAX_ERROR),
        message,
      ).toBe(true);
    }
  });
}
