import { expect, test } from "@playwright/test";
import { trainingBytesPerImage } from "../../src/train/memory.ts";
import { MEASURED_NETWORKS } from "../measuredNetworks.ts";
import { openDevPage } from "./devServer.ts";

for (const [name, config] of MEASURED_NETWORKS) {
  test(`the estimate of memory an image is at least the measured peak, and not twice it: ${name}`, async ({
    browser,
  }) => {
    const { page, close } = await openDevPage(browser);
    try {
      const bytes = await page.evaluate(async (network) => {
        // A name that only the development server knows.
        const path = "/tests/gpu/peakBytes.ts";
        const { peakBytesPerImage }: typeof import("./peakBytes.ts") = await import(path);
        return peakBytesPerImage(network);
      }, config);
      const ratio = trainingBytesPerImage(config, "webgpu") / bytes;
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(2);
    } finally {
      await close();
    }
  });
}
