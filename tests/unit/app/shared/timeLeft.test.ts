import { describe, expect, it } from "vitest";
import { formatTimeLeft } from "../../../../src/app/shared/timeLeft.ts";

const at = (elapsedMs: number, fraction: number, fractionBefore = 0) =>
  formatTimeLeft({ elapsedMs, fraction, fractionBefore });

describe("the time that something still takes", () => {
  it("is told at the pace so far", () => {
    expect(at(2000, 0.25)).toBe(", 6.0 s left");
    expect(at(60_000, 0.5)).toBe(", 1 min left");
  });

  it("counts from when it was seen first, not from its beginning", () => {
    expect(at(2000, 0.75, 0.5)).toBe(", 2.0 s left");
  });

  it("is not told in the first second, without progress, and at the end", () => {
    expect(at(999, 0.5)).toBe("");
    expect(at(5000, 0)).toBe("");
    expect(at(5000, 0.5, 0.5)).toBe("");
    expect(at(5000, 1)).toBe("");
    expect(at(5000, Number.NaN)).toBe("");
  });
});
