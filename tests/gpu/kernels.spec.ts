import { expect, test } from "@playwright/test";
import { type DevPage, openDevPage } from "./devServer.ts";
import { ALL_TUNINGS } from "./kernelShapes.ts";
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

test("numbers stored as halves come back rounded to 11 bits", async () => {
  const numbers = [1, -0.1, 1 / 3, 65504, 2 ** -14, 0, 1.7, -1000.3];
  const stored = await dev.page.evaluate((of) => window.gpu.storeAsHalves(of), numbers);
  expect(stored.read).not.toEqual(numbers);
  expect(stored.loaded.toReversed()).toEqual(stored.read);
  for (const [i, number] of numbers.entries()) {
    const error = Math.abs((stored.read[i] as number) - number);
    expect(error).toBeLessThanOrEqual(2 ** -10 * Math.abs(number));
  }
});

for (const tuning of ALL_TUNINGS) {
  test(`a network in mixed precision computes nearly what it does in float32, and writes less: ${tuning}`, {
    tag: "@long",
  }, async () => {
    const { loss, gradient, written } = await dev.page.evaluate(
      (of) => window.gpu.compareMixed(of),
      tuning,
    );
    // Of a half the last bit is a part in 1024 to 2048.
    expect(loss).toBeLessThan(2 ** -10);
    expect(gradient).toBeLessThan(2 ** -7);
    expect(gradient).toBeGreaterThan(MAX_ERROR);
    expect(written).toBeLessThan(0.9);
  });
}

/** One case of each operation, and of each size of a convolution's kernel: all are computed by the emulator, too (`kernels.test.ts`). */
const FIRST_CASES = new Set(
  new Map(
    [...CASES.keys()].toReversed().map((name) => {
      const size = name.startsWith("conv2d") ? name.slice(-"3 x 3".length) : "";
      return [name.replace(/\d.*/, "") + size, name];
    }),
  ).values(),
);

for (const name of CASES.keys()) {
  test(`on WebGPU as composed on WebAssembly: ${name}`, {
    tag: FIRST_CASES.has(name) ? [] : "@long",
  }, async () => {
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
