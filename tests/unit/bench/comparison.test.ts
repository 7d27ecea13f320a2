import { describe, expect, it } from "vitest";
import { median } from "../../../src/engine/train/passTime.ts";
import { Comparison } from "../../bench/stock/comparison.ts";
import {
  type BenchmarkProgress,
  type Effort,
  type SideName,
  spread,
} from "../../bench/stock/figures.ts";

const LIMITS = { minRounds: 2, maxRounds: 2, budgetMs: Number.POSITIVE_INFINITY };

/** A device whose errors are those given, one a call. */
function comparisonOn(errors: (string | null)[] = [], effort: Effort = LIMITS) {
  return new Comparison({ takeError: () => errors.shift() ?? null }, effort);
}

function compared(prepare: (side: SideName) => Promise<() => Promise<number>>) {
  return { what: "a thing", share: 0.5, prepare };
}

async function finish<T>(generator: AsyncGenerator<BenchmarkProgress, T>) {
  const progress: BenchmarkProgress[] = [];
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return { progress, results: value };
    progress.push(value);
  }
}

const one = async () => async () => 1;

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

describe("the spread", () => {
  it.each([
    [[], null],
    [[3], 0],
    [[5, 1, 2, 4, 3], 2],
    // The quartiles 1.75 and 3.25 lie between neighbors.
    [[4, 1, 3, 2], 1.5],
  ])("of %j is %j", (values, expected) => {
    expect(spread(values)).toBe(expected);
  });
});

describe("a comparison", () => {
  it("alternates between the sides", async () => {
    const order: string[] = [];
    const thing = compared(async (side) => async () => order.push(side));
    const { results } = await finish(comparisonOn().compare(thing));
    expect(order).toEqual(["fused", "stock", "fused", "stock"]);
    expect(results).toEqual({ fused: [1, 3], stock: [2, 4] });
  });

  it("has only the sides that it is to have", async () => {
    const comparison = new Comparison({ takeError: () => null }, LIMITS, ["fused"]);
    const { results } = await finish(comparison.compare(compared(one)));
    expect(results).toEqual({ fused: [1, 1], stock: [] });
  });

  it("stops when the time is up, but not before every side had its turn", async () => {
    const comparison = comparisonOn([], { minRounds: 1, maxRounds: 100, budgetMs: 0 });
    const { results } = await finish(comparison.compare(compared(one)));
    expect(results).toEqual({ fused: [1], stock: [1] });
  });

  it("measures nothing before it is asked to go on", async () => {
    let numMeasured = 0;
    const rounds = comparisonOn().compare(compared(async () => async () => ++numMeasured));
    // To prepare each side, then to measure the first and the second.
    for (let i = 0; i < 4; i++) await rounds.next();
    expect(numMeasured).toBe(1);
  });

  it("measures both sides, and tells how far it is over all things", async () => {
    const comparison = comparisonOn();
    const first = await finish(comparison.compare(compared(one)));
    expect(first.results).toEqual({ fused: [1, 1], stock: [1, 1] });
    expect(first.progress.map(({ fraction }) => fraction)).toEqual([0, 0, 0, 0, 0.25, 0.25]);
    const second = await finish(comparison.compare(compared(one)));
    expect(second.progress[0]).toEqual({ doing: "a thing, first fused", fraction: 0.5 });
    expect(comparison.stockFailure).toBeNull();
  });

  it("goes on without stock where that fails, and keeps the first reason", async () => {
    const comparison = comparisonOn();
    for (const reason of ["first", "second"]) {
      const thing = compared(async (side) => {
        if (side === "stock") throw new Error(reason);
        return async () => 1;
      });
      expect((await finish(comparison.compare(thing))).results.stock).toEqual([]);
    }
    expect(comparison.stockFailure).toBe("first");
  });

  it("takes an error of the device for a failure, too", async () => {
    const comparison = comparisonOn([null, "Out of memory"]);
    const { results } = await finish(comparison.compare(compared(one)));
    expect(results).toEqual({ fused: [1, 1], stock: [] });
    expect(comparison.stockFailure).toBe("Out of memory");
  });

  it("ends when our side fails", async () => {
    const failing = compared(() => Promise.reject(new Error("ours")));
    await expect(finish(comparisonOn().compare(failing))).rejects.toThrow("ours");
  });
});
