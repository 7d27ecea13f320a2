/** For tests/e2e/makeLabRun.ts, which is no test: it makes what the tests look at. */
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  projects: [{ name: "fixtures", testMatch: "e2e/makeLabRun.ts", timeout: 1_800_000 }],
});
