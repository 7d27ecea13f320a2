import { expect, it } from "vitest";
import { deviceReport, formatTrouble } from "../../../../src/app/shell/text.ts";
import { initialState } from "../../../../src/app/state/state.ts";
import type { BackendReport, RunStatus } from "../../../../src/runtime/run/events.ts";
import { config, withRun } from "../state/eventStates.ts";

it.each<[RunStatus | null, boolean]>([
  [null, true],
  ["training", true],
  ["validating", true],
  ["paused", false],
  ["stopped", false],
  ["failed", false],
])(
  "beside why nothing can be saved it is said that training continues only where it does: %s, %s",
  (status, goesOn) => {
    const state = withRun({ status });
    const stored = { ...state.stored, trouble: "The disk is full." };
    expect(formatTrouble(state)).toBeNull();
    expect(formatTrouble({ ...state, stored })?.includes("continues")).toBe(goesOn);
    const noRun = initialState("tiny", config);
    expect(formatTrouble({ ...noRun, stored })).toBe("The disk is full.");
  },
);

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
    deviceReport({ status: "ready", report: of }, date).split("\n");
  const [page, computesOn, reason, browser] = lines(report);
  expect(page).toMatch(/^Diffusion MNIST, 2026-12-01, \S+$/);
  expect(computesOn).toBe("Computes on: WebAssembly SIMD, 2 threads");
  expect(reason).toBe(report.reason);
  expect(browser).toMatch(/^Browser: /);
  const details = "from card to wasm\nBrowser: Chrome";
  const fallback = { rung: "wasm", adapter: "Card", reason: report.reason, details } as const;
  expect(lines({ ...report, fallback }).slice(2)).toEqual([report.reason, ...details.split("\n")]);
});
