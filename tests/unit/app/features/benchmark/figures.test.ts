import { describe, expect, it } from "vitest";
import {
  benchmarkFigures,
  benchmarkRows,
  benchmarkText,
  benchmarkTitle,
} from "../../../../../src/app/features/benchmark/figures.ts";
import type { BackendReport } from "../../../../../src/runtime/run/events.ts";

const REPORT: BackendReport = {
  backend: "webgpu",
  device: "Apple M2",
  reason: null,
  advice: null,
  rung: "card",
  fallback: null,
};
const MACHINE = "Chrome 141 on Linux, 8 logical cores";

describe("the figures of a benchmark", () => {
  const figures = benchmarkFigures("tiny", 16, REPORT, MACHINE);

  it("follow from the time of a step: images a second, and an epoch of MNIST with its validations", () => {
    expect(figures).toMatchObject({
      preset: "tiny",
      batchSize: 8,
      stepMs: 16,
      imagesPerSecond: 500,
    });
    const epochMs = 2 * (60_000 + 10_000 / 3);
    // Live validations of 100 images each come on top.
    expect(figures.epochMs).toBeGreaterThan(epochMs);
    expect(figures.epochMs).toBeLessThan(1.1 * epochMs);
  });

  it("are written with their units, below what was measured and where", () => {
    expect(benchmarkTitle(figures)).toEqual([
      "Tiny, batch of 8",
      "WebGPU: Apple M2; Chrome 141 on Linux, 8 logical cores",
    ]);
    const [step, images, epoch] = benchmarkRows(figures);
    expect(step).toEqual(["Training step", "16.0 ms"]);
    expect(images).toEqual(["Images per second", "500"]);
    expect(epoch).toEqual(["Epoch of MNIST, 60,000 images", expect.stringMatching(/^2 min/)]);
    expect(benchmarkText(figures).split("\n").slice(0, 4)).toEqual([
      ...benchmarkTitle(figures),
      "",
      "Training step: 16.0 ms",
    ]);
  });

  it("say why the graphics card is not on its first rung", () => {
    const fallback = { rung: "safe", adapter: "", reason: "", details: "It was lost." } as const;
    const fallen = benchmarkFigures("tiny", 16, { ...REPORT, rung: "safe", fallback }, MACHINE);
    expect(benchmarkText(fallen)).toMatch(/\n\nIt was lost\.$/);
  });
});
