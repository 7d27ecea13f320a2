import { expect, it } from "vitest";
import { formatDeviceReport } from "../../../../src/app/shell/backend.ts";
import type { BackendReport } from "../../../../src/runtime/run/events.ts";

it("a bug report says what the page computes on and why, and what has failed on the way", () => {
  const report = {
    backend: "wasm",
    rung: "wasm",
    device: "WebAssembly SIMD, 2 threads",
    reason: "The graphics driver refused a program.",
    advice: null,
    fallback: null,
  } as const;
  const date = new Date("2026-12-01T10:00:00Z");
  const lines = (of: BackendReport) =>
    formatDeviceReport({ status: "ready", report: of }, date).split("\n");
  const [page, computesOn, reason, browser] = lines(report);
  expect(page).toMatch(/^Diffusion MNIST, 2026-12-01, \S+$/);
  expect(computesOn).toBe("Computes on: WebAssembly SIMD, 2 threads");
  expect(reason).toBe(report.reason);
  expect(browser).toMatch(/^Browser: /);
  const details = "from card to wasm\nBrowser: Chrome";
  const fallback = { rung: "wasm", adapter: "Card", reason: report.reason, details } as const;
  expect(lines({ ...report, fallback }).slice(2)).toEqual([report.reason, ...details.split("\n")]);
});
