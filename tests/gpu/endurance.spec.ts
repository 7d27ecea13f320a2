import { expect, type Page, test } from "@playwright/test";
import { openDevPage } from "./devServer.ts";
import type { Holdings, startRun } from "./endurance.ts";

test.setTimeout(900_000);

declare global {
  interface Window {
    longRun: Awaited<ReturnType<typeof startRun>>;
  }
}

/** By then all has been met once: validation, preview and checkpoint. */
const WARM_STEP = 10;
/**
 * Compiled code comes later than the tenth step, most of it by the hundredth: 0.9 MB on WebAssembly,
 * and then the heap is flat. Over 1,000 steps a leak of 2 KB a step would be twice that; over few, what
 * shows is a tensor or a buffer that stays.
 */
const MAX_HEAP_GROWTH_BYTES = 2e6;

for (const [backend, numSteps] of [
  ["wasm", 1000],
  ["webgpu", 200],
] as const) {
  test(`memory stays as it is over ${numSteps} steps of Tiny, with validations, previews and checkpoints: ${backend}`, {
    tag: "@long",
  }, async ({ browser }) => {
    const { page, close } = await openDevPage(browser);
    try {
      await page.evaluate(
        async ([name, isComputed]) => {
          // A name that only the development server knows.
          const path = "/tests/gpu/endurance.ts";
          const { startRun }: typeof import("./endurance.ts") = await import(path);
          window.longRun = await startRun(name, isComputed);
        },
        [backend, true] as const,
      );
      const before = await trainTo(page, WARM_STEP);
      const after = await trainTo(page, numSteps);
      const { numTensors, gpuBytes, wasmBytes } = after.holdings;
      expect({ numTensors, gpuBytes }).toEqual({
        numTensors: before.holdings.numTensors,
        gpuBytes: before.holdings.gpuBytes,
      });
      // It grows by a fifth where it has become too fragmented; a tensor a step would be 200 MB.
      expect(wasmBytes).toBeLessThanOrEqual(2 * before.holdings.wasmBytes);
      expect(after.heapBytes - before.heapBytes).toBeLessThan(MAX_HEAP_GROWTH_BYTES);
    } finally {
      await close();
    }
  });
}

async function trainTo(
  page: Page,
  step: number,
): Promise<{ holdings: Holdings; heapBytes: number }> {
  const holdings = await page.evaluate((to) => window.longRun.trainTo(to), step);
  return { holdings, heapBytes: await heapBytes(page) };
}

/** With the contents of typed arrays, after collecting what is no longer used. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const usage: { usedSize: number; backingStorageSize?: number } =
    await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}
