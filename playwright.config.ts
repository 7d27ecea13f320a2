import { defineConfig } from "@playwright/test";
import { missingChromium } from "./tests/e2e/browser.ts";
import { launchOptions } from "./tests/e2e/launch.ts";
import { inFull } from "./tests/inFull.ts";

/** Another one lets two checkouts be tested at once. */
const PORT = Number(process.env.TEST_PORT ?? 4273);

// Where every landing is checked it is there, or starting it fails.
const missing = missingChromium();
if (missing && !process.env.CI) {
  console.log(missing);
  process.exit();
}

export default defineConfig({
  testDir: "tests",
  // What computes longest begins first.
  projects: [
    { name: "kernels", testMatch: "{gpu,parity}/*.spec.ts" },
    { name: "browsers", testMatch: "browsers/*.spec.ts" },
    { name: "app", testMatch: "e2e/*.spec.ts" },
  ],
  globalSetup: "./tests/gpu/devServer.ts",
  // What `npm run test:all` has besides.
  ...(!inFull && { grepInvert: /@long/ }),
  // Two files at a time: while the one waits, the other computes.
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  forbidOnly: true,
  use: {
    baseURL: `http://localhost:${PORT}`,
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    launchOptions,
    // Requests that one answers are not seen by `page.route`; the tests of it allow it.
    serviceWorkers: "block",
  },
  webServer: {
    command: `npm run build && npx vite preview --port ${PORT} --strictPort`,
    url: `http://localhost:${PORT}`,
    timeout: 120_000,
  },
});
