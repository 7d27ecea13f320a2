import { expect, test } from "@playwright/test";
import { presetConfig } from "../../src/config/presets.ts";
import { CARD, SOFTWARE } from "../../src/ops/webgpu/tuning.ts";
import { openDevPage } from "./devServer.ts";

for (const [adapter, tuning] of [
  ["a graphics card", CARD],
  ["the processor", SOFTWARE],
] as const) {
  test(`a step of the assignment's network takes at most 500 dispatches and 14 MB an image: ${adapter}`, async ({
    browser,
  }) => {
    const config = { ...presetConfig("assignment"), batchSize: 32 };
    const { page, close } = await openDevPage(browser);
    try {
      const counts = await page.evaluate(
        async ([configuration, how]) => {
          // A name that only the development server knows.
          const path = "/tests/gpu/stepCounts.ts";
          const { stepCounts }: typeof import("./stepCounts.ts") = await import(path);
          return stepCounts(configuration, how);
        },
        [config, tuning] as const,
      );
      expect(counts.dispatches).toBeGreaterThan(100);
      expect(counts.dispatches).toBeLessThanOrEqual(500);
      expect(counts.peakBytes / config.batchSize).toBeLessThanOrEqual(14e6);
    } finally {
      await close();
    }
  });
}
