import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Shared memory, and with it WebAssembly threads, needs cross-origin isolation. */
const crossOriginIsolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Relative, so that the build works under any path of a static host.
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: { target: "esnext" },
  server: { headers: crossOriginIsolation },
  preview: { headers: crossOriginIsolation },
  test: { include: ["tests/unit/**/*.test.ts", "tests/parity/**/*.test.ts"] },
});
