import { describe, expect, it } from "vitest";
import { floorDraws } from "../../../../src/engine/quality/qualityMeter.ts";

const PIXELS = 784;

/** Each of one value, which no other has. */
function numbered(count: number) {
  const images = new Uint8Array(count * PIXELS);
  const numbers = new Uint32Array(images.buffer);
  numbers.forEach((_, i) => {
    numbers[i] = Math.floor((4 * i) / PIXELS);
  });
  return { images, labels: new Uint8Array(count), count };
}

const numbersIn = (draw: Uint8Array) =>
  Array.from({ length: draw.length / PIXELS }, (_, i) => {
    const image = new Uint32Array(draw.slice(i * PIXELS, (i + 1) * PIXELS).buffer);
    expect(new Set(image).size).toBe(1);
    return image[0] as number;
  });

describe("draws of training images", () => {
  it.each([
    ["few samples", 20, 16],
    ["a few hundred", 500, 8],
    ["as many as are enough", 2000, 2],
    ["more than are enough", 4500, 1],
    ["more than half of all", 3000, 1],
  ])("are of whole images, each in one draw at most, for %s", (_, count, numDraws) => {
    const draws = floorDraws(numbered(5000), count);
    const all = draws.flatMap(numbersIn);
    expect(draws.map(({ length }) => length / PIXELS)).toEqual(new Array(numDraws).fill(count));
    expect(new Set(all).size).toBe(numDraws * count);
    expect(Math.max(...all)).toBeLessThan(5000);
  });

  it("are one of all images where there are fewer than samples", () => {
    const [draw = new Uint8Array(), ...others] = floorDraws(numbered(30), 100);
    expect(others).toEqual([]);
    expect(numbersIn(draw).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
  });

  it("have as many of each label as the samples were asked for", () => {
    const train = { ...numbered(3000), labels: Uint8Array.from({ length: 3000 }, (_, i) => i % 3) };
    const asked = [0, 2, 0, 0, 2];
    const draws = floorDraws(train, asked.length, asked);
    expect(draws).toHaveLength(16);
    for (const draw of draws) expect(numbersIn(draw).map((number) => number % 3)).toEqual(asked);
    expect(new Set(draws.flatMap(numbersIn)).size).toBe(16 * asked.length);
    // 1,000 are zeros.
    expect(floorDraws(train, 400, new Array(400).fill(0))).toHaveLength(2);
    expect(floorDraws(train, 1200, new Array(1200).fill(0))).toEqual(floorDraws(train, 1200));
  });

  it("are the same ones every time, and not one after another", () => {
    const draws = floorDraws(numbered(200), 50);
    expect(draws).toEqual(floorDraws(numbered(200), 50));
    const steps = new Set(
      numbersIn(draws[0] as Uint8Array).map((number, i, all) => number - (all[i - 1] ?? 0)),
    );
    expect(steps.size).toBeGreaterThan(10);
  });
});
