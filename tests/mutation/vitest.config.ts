import { defineConfig } from "vitest/config";

/** The unit tests of the folders that are mutated, of which most are fast. */
export default defineConfig({
  test: {
    include: ["tests/unit/{diffusion,optim,config,formats,storage,store}/**/*.test.ts"],
    testTimeout: 30_000,
    isolate: false,
    // Once for each mutation, so in the short form.
    env: { TEST_ALL: "0" },
  },
});
