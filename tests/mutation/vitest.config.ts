import { statSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { wasmKernelsPlugin } from "../../tools/wasmKernelsPlugin.ts";

/** Small files first, which are fast: the first failure is the end. */
class SmallestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sizeOf = ({ moduleId }: TestSpecification) => statSync(moduleId).size;
    return files.toSorted((a, b) => sizeOf(a) - sizeOf(b));
  }
}

/** The unit tests of the folders that are mutated. */
export default defineConfig({
  plugins: [wasmKernelsPlugin()],
  test: {
    include: [
      "tests/unit/engine/{diffusion,optim,config,formats}/**/*.test.ts",
      "tests/unit/runtime/storage/**/*.test.ts",
      "tests/unit/app/state/**/*.test.ts",
      "tests/unit/app/features/draw/state/*.test.ts",
      "tests/unit/engine/data/datasetSource.test.ts",
      // What the optimizer gives its fused kernels.
      "tests/unit/engine/ops/wasm/kernels.test.ts",
    ],
    setupFiles: ["tests/mutation/setup.ts"],
    // Mutated code that runs often is slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: false,
    sequence: { sequencer: SmallestFirst },
    // Once for each mutation, so in the short form.
    env: { TEST_ALL: "0" },
  },
});
