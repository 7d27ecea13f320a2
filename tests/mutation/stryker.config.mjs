/**
 * `npm run test:mutation`: changes the sources of the folders below in thousands of small ways, and tells
 * which of the changes no unit test notices. With `-- --mutate "src/engine/diffusion/**"` those of one folder.
 * What has not changed since the last time is taken from its report.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "tests/mutation/vitest.config.ts", related: false },
  // A film's encoder is the browser's, and is tested there.
  mutate: [
    "src/engine/{diffusion,optim,config,formats}/**/*.ts",
    "src/runtime/storage/**/*.ts",
    "src/app/state/**/*.ts",
    "src/app/features/draw/state/*.ts",
    "!src/engine/formats/pictures/videoFilm.ts",
  ],
  coverageAnalysis: "perTest",
  // Of all tests once, which may take long on a busy machine.
  dryRunTimeoutMinutes: 20,
  // What runs when a module is loaded, as tables of names and limits: each would need all tests again.
  ignoreStatic: true,
  // Messages are for people, and tests look at decisions.
  mutator: { excludedMutations: ["StringLiteral"] },
  incremental: true,
  incrementalFile: "reports/mutation/incremental.json",
  reporters: ["clear-text", "progress", "html"],
  clearTextReporter: { allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 85, break: null },
  // It reads a compiler's options with TypeScript's own program, which since version 7 has no JavaScript.
  tsconfigFile: "none",
  ignorePatterns: ["/dist", "/docs", "/reports", "/tests/e2e", "/tests/bench"],
  tempDirName: "reports/mutation/sandbox",
};
