import { describe, expect, it } from "vitest";
import {
  benchmarkNotes,
  benchmarkRows,
  benchmarkText,
  benchmarkTitle,
  formatFigure,
} from "../../bench/stock/table.ts";
import { figuresWith } from "./figures.ts";

describe("a figure", () => {
  it.each([
    [null, "–"],
    [0, "0"],
    [64, "64"],
    [0.012345, "0.0123"],
    [1.2, "1.20"],
    [12.34, "12.3"],
    [99.96, "100"],
    [19639.4, "19,639"],
  ])("of %j is written %s", (figure, expected) => {
    expect(formatFigure(figure)).toBe(expected);
  });
});

describe("the table", () => {
  const rowOf = (name: string, figures = figuresWith()) =>
    benchmarkRows(figures).find((row) => row.name === name);

  it("says how many times less a step takes, and how many times more a second brings", () => {
    const step = { fused: "100", stock: "1,986", gain: "19.9x" };
    expect(rowOf("training step, ms")).toMatchObject(step);
    expect(rowOf("images per second")).toMatchObject({ fused: "80", stock: "4", gain: "20x" });
    expect(rowOf("optimizer, ms")).toMatchObject({ fused: "1", stock: "0.500", gain: "0.500x" });
  });

  it("says what each thing was measured on", () => {
    expect(rowOf("GFLOP/s")?.detail).toBe("512 x 512 matMul: 512");
    expect(rowOf("convolution 3x3, ms")?.detail).toBe("8 x 28 x 28 x 8 to 8");
    expect(benchmarkTitle(figuresWith())).toEqual([
      "Tiny, batch 8, medians of 5 rounds",
      "WebGPU: Apple M2; Chrome 141 on Linux, 8 logical cores",
    ]);
  });

  it("shows megabytes", () => {
    expect(rowOf("peak GPU memory an image, MB")?.fused).toBe("2.35");
  });

  it("leaves a cell empty that stock cannot fill, and says why", () => {
    const { stock } = figuresWith();
    const stockFailure = "No kernel.";
    const figures = figuresWith({ stock: { ...stock, stepMs: null }, stockFailure });
    const step = { fused: "100", stock: "–", gain: "–" };
    expect(rowOf("training step, ms", figures)).toMatchObject(step);
    expect(benchmarkNotes(figures).at(-1)).toContain(stockFailure);
    expect(benchmarkNotes(figuresWith())).toHaveLength(2);
  });

  it("has no row for what neither side has", () => {
    const { fused, stock } = figuresWith();
    const none = { dispatches: null };
    const figures = figuresWith({ fused: { ...fused, ...none }, stock: { ...stock, ...none } });
    expect(rowOf("dispatches a step")).toBeDefined();
    expect(rowOf("dispatches a step", figures)).toBeUndefined();
  });

  it("is Markdown as text, in columns", () => {
    const lines = benchmarkText(figuresWith()).split("\n");
    const table = lines.filter((line) => line.startsWith("|"));
    expect(table).toHaveLength(2 + benchmarkRows(figuresWith()).length);
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
    expect(table[1]).toMatch(/^\| -+ \| -+: \| -+: \| -+: \|$/);
    expect(table[2]).toMatch(/^\| training step, ms +\| +100 \| +1,986 \| +19\.9x \|$/);
  });
});
