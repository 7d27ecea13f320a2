import { describe, expect, it } from "vitest";
import { linearTicks, logTicks } from "../../../src/ui/axisTicks.ts";

describe("linearTicks", () => {
  it("are round and cover the values", () => {
    expect(linearTicks(1.05, 5)).toEqual([0, 0.5, 1, 1.5]);
    expect(linearTicks(0.06, 6)).toEqual([0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06]);
    expect(linearTicks(457, 6)).toEqual([0, 100, 200, 300, 400, 500]);
  });

  it("exist without values", () => {
    expect(linearTicks(Number.NEGATIVE_INFINITY, 5)).toEqual([0, 1]);
  });
});

describe("logTicks", () => {
  it("are 1, 2 and 5 of each power, from below to above the values", () => {
    expect(logTicks(0.024, 1.1)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(0.1, 1)).toEqual([0.1, 0.2, 0.5, 1]);
  });

  it("are two even for a single value", () => {
    expect(logTicks(0.5, 0.5)).toEqual([0.5, 1]);
  });

  it("exist where there is no logarithm", () => {
    expect(logTicks(0, 1)).toEqual([0.1, 1]);
  });
});
