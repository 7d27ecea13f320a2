import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeCsv } from "../../../../src/engine/formats/csv.ts";
import { encodeTfevents } from "../../../../src/engine/formats/tfevents.ts";
import { partOf, throttled } from "../../../../src/runtime/run/progress.ts";

afterEach(() => vi.useRealTimers());

describe("how far a run is opened or exported", () => {
  it("is told at most ten times a second, and of what takes less not at all", () => {
    vi.useFakeTimers();
    const fractions: number[] = [];
    const onFraction = throttled((fraction) => fractions.push(fraction));
    onFraction(0.1);
    vi.advanceTimersByTime(120);
    onFraction(0.2);
    onFraction(0.3);
    vi.advanceTimersByTime(120);
    onFraction(0.4);
    expect(fractions).toEqual([0.2, 0.4]);
  });

  it("is of the whole where it is told of a part", () => {
    const reported: number[] = [];
    const onFraction = partOf((fraction) => reported.push(fraction), 0.2, 1);
    for (const fraction of [0, 0.5, 1]) onFraction(fraction);
    expect(reported.map((fraction) => fraction.toFixed(2))).toEqual(["0.20", "0.60", "1.00"]);
  });

  it("is known of tables by their rows, and of event files by their points", () => {
    const rows: number[] = [];
    encodeCsv([{ name: "loss", values: [1, 2, 3, 4] }], (fraction) => rows.push(fraction));
    expect(rows).toEqual([0.25, 0.5, 0.75, 1]);
    const points: number[] = [];
    const scalars = [1, 2].map((step) => ({ tag: "loss", step, wallTimeMs: step, value: 0 }));
    const onFraction = (fraction: number) => points.push(fraction);
    encodeTfevents({ scalars, images: [], onFraction });
    expect(points).toEqual([0, 0.5]);
  });
});
