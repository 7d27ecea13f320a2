import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  groupSeed,
  type RandomKey,
  randomIntegers,
  randomNormals,
  randomPermutation,
  randomUniforms,
  threefry2x32,
} from "../../../src/engine/random.ts";

const KEY: RandomKey = { seed: 7, stream: "noise", index: 3 };
const LENGTH = 100_000;
/** A mean of `LENGTH` numbers with variance 1 lies within it, but for one in 15,000. */
const FOUR_SIGMA = 4 / Math.sqrt(LENGTH);

describe("Threefry-2x32-20", () => {
  // The known answers that come with Random123, examples/kat_vectors.
  it.each<{ key: [number, number]; counter: [number, number]; words: [number, number] }>([
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    {
      key: [0xffffffff, 0xffffffff],
      counter: [0xffffffff, 0xffffffff],
      words: [0x1cb996fc, 0xbb002be7],
    },
    {
      key: [0x13198a2e, 0x03707344],
      counter: [0x243f6a88, 0x85a308d3],
      words: [0xc4923a9c, 0x483df7a0],
    },
  ])("gives its authors' known answer for key $key", ({ key, counter, words }) => {
    expect(threefry2x32(key, counter)).toEqual(words);
  });
});

describe("the seeds of many batches", () => {
  it("are the one that was asked for, then others, none of them twice among neighbouring seeds", () => {
    expect(groupSeed(7, 0)).toBe(7);
    const seeds = Array.from({ length: 100 }, (_, seed) =>
      Array.from({ length: 20 }, (_, group) => groupSeed(seed, group)),
    );
    expect(new Set(seeds.flat()).size).toBe(2000);
  });
});

describe("uniform numbers", () => {
  it("have mean 1/2 and variance 1/12", () => {
    const numbers = randomUniforms(KEY, LENGTH);
    const sigma = Math.sqrt(1 / 12);
    expect(Math.abs(mean(numbers) - 1 / 2)).toBeLessThan(FOUR_SIGMA * sigma);
    expect(Math.abs(mean(numbers.map((u) => (u - 0.5) ** 2)) - 1 / 12)).toBeLessThan(
      FOUR_SIGMA * Math.sqrt(1 / 180),
    );
  });

  it("fall into 100 equal cells equally often", () => {
    const cells = randomUniforms(KEY, LENGTH).map((u) => Math.floor(u * 100));
    expect(chiSquare(cells, 100)).toBeLessThan(149); // The 0.1 % point of 99 degrees of freedom.
  });

  it("are never 1, not even in float32 and from the largest word", () => {
    // The first word of this key is 0xffffff3d.
    const [largest] = randomUniforms({ seed: 0, stream: "noise", index: 3_817_430 }, 1);
    expect(largest).toBe(1 - 2 ** -24);
  });
});

describe("normal numbers", () => {
  const numbers = randomNormals(KEY, LENGTH);

  it("have the moments of the standard normal distribution", () => {
    const moment = (n: number) => mean(Array.from(numbers, (x) => x ** n));
    expect(Math.abs(moment(1))).toBeLessThan(FOUR_SIGMA);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(FOUR_SIGMA * Math.sqrt(2));
    expect(Math.abs(moment(3))).toBeLessThan(FOUR_SIGMA * Math.sqrt(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(FOUR_SIGMA * Math.sqrt(96));
  });

  it("lie within one standard deviation as often as they should", () => {
    const share = mean(numbers.map((x) => (Math.abs(x) < 1 ? 1 : 0)));
    expect(Math.abs(share - 0.6827)).toBeLessThan(FOUR_SIGMA * 0.4655);
  });

  it("are independent within the pair that is made together", () => {
    const isEven = (_: number, i: number) => i % 2 === 0;
    const isOdd = (_: number, i: number) => i % 2 === 1;
    expect(Math.abs(correlation(numbers.filter(isEven), numbers.filter(isOdd)))).toBeLessThan(
      FOUR_SIGMA * Math.SQRT2,
    );
  });
});

describe("a sequence", () => {
  it.each<[string, RandomKey]>([
    ["seed", { ...KEY, seed: 8 }],
    ["seed that differs in its highest bit", { ...KEY, seed: KEY.seed + 2 ** 31 }],
    ["stream", { ...KEY, stream: "sampling" }],
    ["index", { ...KEY, index: 4 }],
  ])("is independent of that of another %s", (_, other) => {
    const pair = [randomNormals(KEY, LENGTH), randomNormals(other, LENGTH)] as const;
    expect(Math.abs(correlation(...pair))).toBeLessThan(FOUR_SIGMA);
  });

  it("repeats for the same key", () => {
    expect(randomNormals(KEY, 101)).toEqual(randomNormals({ ...KEY }, 101));
  });

  it.each([
    ["uniforms", randomUniforms],
    ["normals", randomNormals],
    ["integers", (key: RandomKey, length: number) => randomIntegers(key, length, 1000)],
  ])("of %s begins as any longer one of its key", (_, draw) => {
    const longest = draw(KEY, 64);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 64 }), (length) => {
        expect(draw(KEY, length)).toEqual(longest.slice(0, length));
      }),
    );
  });
});

describe("integers", () => {
  it("are all in [0, bound), and equally often", () => {
    const numbers = randomIntegers(KEY, LENGTH, 7);
    expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(chiSquare(numbers, 7)).toBeLessThan(22.5); // The 0.1 % point of 6 degrees of freedom.
  });

  it("are zero below the bound 1", () => {
    expect(randomIntegers(KEY, 3, 1)).toEqual(new Int32Array(3));
  });
});

describe("a permutation", () => {
  it("holds every number once", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (length, index) => {
        const order = randomPermutation({ ...KEY, index }, length);
        expect(order.toSorted()).toEqual(Uint32Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it("is each of the possible orders equally often", () => {
    const rankOf = (order: Uint32Array) =>
      ["0,1,2", "0,2,1", "1,0,2", "1,2,0", "2,0,1", "2,1,0"].indexOf(order.join());
    const ranks = Array.from({ length: 6000 }, (_, index) =>
      rankOf(randomPermutation({ ...KEY, index }, 3)),
    );
    expect(chiSquare(ranks, 6)).toBeLessThan(20.5); // The 0.1 % point of 5 degrees of freedom.
  });
});

function mean(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((sum, x) => sum + x, 0) / numbers.length;
}

/** Pearson's coefficient, for numbers of mean 0 and variance 1. */
function correlation(a: Float32Array, b: Float32Array): number {
  return mean(a.map((x, i) => x * (b[i] as number)));
}

/** Pearson's statistic of integers in [0, numCells) against equal shares. */
function chiSquare(numbers: ArrayLike<number>, numCells: number): number {
  const counts = new Float64Array(numCells);
  for (const number of Array.from(numbers)) counts[number] = (counts[number] as number) + 1;
  const expected = numbers.length / numCells;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
