import { defineConfig } from "vitest/config";
import { wasmKernelsPlugin } from "../../tools/wasmKernelsPlugin.ts";

/** The unit tests of the folders that are mutated. */
export default defineConfig({
  plugins: [wasmKernelsPlugin()],
  test: {
    include: [
      "tests/unit/{diffusion,optim,config,formats,storage,store}/**/*.test.ts",
      "tests/unit/data/datasetSource.test.ts",
      // What the optimizer gives its fused kernels.
      "tests/unit/ops/wasm/kernels.test.ts",
    ],
    setupFiles: ["tests/mutation/setup.ts"],
    // Mutated code that runs often is slow.
    testTimeout: 120_000,
    isolate: false,
    // Once for each mutation, so in the short form.
    env: { TEST_ALL: "0" },
  },
});
