import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { inFull } from "./tests/inFull.ts";
import { embedPlugin } from "./tools/embedPlugin.ts";
import { gzippedFilesPlugin } from "./tools/gzippedFilesPlugin.ts";
import { CROSS_ORIGIN_ISOLATION, HOST_HEADERS } from "./tools/headers.ts";
import { linkPreviewPlugin } from "./tools/linkPreviewPlugin.ts";
import { offlinePlugin } from "./tools/offlinePlugin.ts";
import { policyPlugin } from "./tools/policyPlugin.ts";
import { reportPlugin } from "./tools/reportPlugin.ts";
import { unitTestProjects } from "./tools/unitTestProjects.ts";
import { wasmKernelsPlugin } from "./tools/wasmKernelsPlugin.ts";

export default defineConfig({
  // Relative, so that the build works under any path of a static host.
  base: "./",
  // One page without routes: an unknown path is a 404, not the page again.
  appType: "mpa",
  plugins: [
    ...[react(), gzippedFilesPlugin(), wasmKernelsPlugin(), reportPlugin()],
    ...[policyPlugin(), linkPreviewPlugin(), embedPlugin(), offlinePlugin()],
  ],
  worker: {
    format: "es",
    plugins: () => [wasmKernelsPlugin(), reportPlugin()],
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  build: {
    target: "esnext",
    // Only Safari before 17 needs it, and loads a moment later without.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Its advice on slow plugins is for their authors.
      checks: { pluginTimings: false },
      // What the page loads first is one file, not one for each set of views that shares a part of it.
      output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } },
    },
  },
  // What is imported only by the worker or late would make the dev server reload the page.
  optimizeDeps: {
    include: [
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      "recharts",
      "@bufbuild/protobuf/wire",
      "crc-32/crc32c.js",
      "es-toolkit",
      "@zip.js/zip.js",
      "fast-png",
      "gifenc",
      "idb",
      "mediabunny",
      "ml-matrix",
    ],
  },
  server: { headers: CROSS_ORIGIN_ISOLATION },
  preview: { headers: HOST_HEADERS },
  test: {
    // By itself Vitest leaves one core to the page that one develops.
    maxWorkers: "100%",
    // Some train a network; on a busy machine that takes longer than Vitest's 5 s.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Files share a process: what one spies on is itself again for the next.
    restoreMocks: true,
    tags: [{ name: "long", description: "What `npm run test:all` has besides." }],
    ...(!inFull && { tagsFilter: ["!long"] }),
    projects: unitTestProjects(),
  },
});
