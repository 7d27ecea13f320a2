import { describe, expect, it } from "vitest";
import { measureInTurns, median } from "../../../../src/engine/bench/rounds.ts";

describe("the median", () => {
  it.each([
    [[], null],
    [[3], 3],
    [[10, 1, 2], 2],
    [[4, 1, 100, 2], 3],
  ])("of %j is %j", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

/** Runs to the end, and gives what it said on the way and at last. */
async function finish<T>(rounds: AsyncGenerator<number, T>) {
  const progress: number[] = [];
  for (;;) {
    const { done, value } = await rounds.next();
    if (done) return { progress, results: value };
    progress.push(value);
  }
}

describe("measuring in turns", () => {
  const UNLIMITED = Number.POSITIVE_INFINITY;

  it("alternates between the sides", async () => {
    const order: string[] = [];
    const measureOf = (side: string) => async () => order.push(side);
    const measures = { fused: measureOf("fused"), stock: measureOf("stock") };
    const limits = { minRounds: 1, maxRounds: 2, budgetMs: UNLIMITED };
    const { results, progress } = await finish(measureInTurns(measures, limits));
    expect(order).toEqual(["fused", "stock", "fused", "stock"]);
    expect(results).toEqual({ fused: [1, 3], stock: [2, 4] });
    expect(progress).toEqual([0, 0, 0.5, 0.5]);
  });

  it("stops when the time is up, but not before every side had its turn", async () => {
    const measures = { fused: async () => 1, stock: async () => 2 };
    const limits = { minRounds: 1, maxRounds: 100, budgetMs: 0 };
    const { results } = await finish(measureInTurns(measures, limits));
    expect(results).toEqual({ fused: [1], stock: [2] });
  });

  it("leaves out a side that cannot", async () => {
    const limits = { minRounds: 3, maxRounds: 3, budgetMs: UNLIMITED };
    const { results } = await finish(measureInTurns({ fused: async () => 1 }, limits));
    expect(results).toEqual({ fused: [1, 1, 1], stock: [] });
  });

  it("measures nothing before it is asked to go on", async () => {
    let numMeasured = 0;
    const measures = { fused: async () => ++numMeasured };
    const limits = { minRounds: 5, maxRounds: 5, budgetMs: UNLIMITED };
    const rounds = measureInTurns(measures, limits);
    await rounds.next();
    await rounds.next();
    expect(numMeasured).toBe(1);
  });
});
