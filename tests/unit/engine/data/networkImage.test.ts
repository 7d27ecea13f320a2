import { describe, expect, it } from "vitest";
import {
  AS_THEY_ARE,
  type Gray,
  grayOnWhite,
  guessedChoices,
  networkImage,
} from "../../../../src/engine/data/networkImage.ts";

/** A picture whose gray is given place by place. */
function picture(width: number, height: number, gray: (x: number, y: number) => number): Gray {
  const values = Uint8Array.from({ length: width * height }, (_, i) =>
    gray(i % width, Math.floor(i / width)),
  );
  return { width, height, values };
}

const at = (pixels: Uint8Array, x: number, y: number) => pixels[28 * y + x];

/** Columns and rows of what is lighter than half. */
function boxOf(pixels: Uint8Array) {
  const places = [...pixels.keys()].filter((i) => (pixels[i] ?? 0) > 127);
  const [xs, ys] = [places.map((i) => i % 28), places.map((i) => Math.floor(i / 28))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** A dark square ring on light paper that is shaded from the left to the right. */
const sketch = (left: number, top: number, side: number) =>
  picture(600, 400, (x, y) => {
    const [dx, dy] = [x - left, y - top];
    const isIn = dx >= 0 && dy >= 0 && dx < side && dy < side;
    const isInside = dx >= 8 && dy >= 8 && dx < side - 8 && dy < side - 8;
    return isIn && !isInside ? 40 : 225 - (30 * x) / 600;
  });

describe("a picture of 28 x 28", () => {
  it("passes through to the bit", () => {
    const noise = picture(28, 28, (x, y) => (x * 37 + y * 101) % 256);
    expect(networkImage(noise, AS_THEY_ARE)).toEqual(noise.values);
    expect(networkImage(noise, { ...AS_THEY_ARE, crop: "fill" })).toEqual(noise.values);
  });

  it("is inverted", () => {
    const noise = picture(28, 28, (x, y) => (x * 37 + y * 101) % 256);
    const inverted = networkImage(noise, { ...AS_THEY_ARE, inverted: true });
    expect(inverted).toEqual(noise.values.map((value) => 255 - value));
  });
});

describe("a color picture", () => {
  it("becomes its luma, and what is transparent white", () => {
    const data = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 9, 9, 9, 0, 0, 0, 0, 51);
    expect([...grayOnWhite({ width: 4, height: 1, data }).values]).toEqual([76, 150, 255, 204]);
  });

  it("of equal parts is its gray", () => {
    const data = Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 255 : i >> 2));
    const { values } = grayOnWhite({ width: 256, height: 1, data });
    expect([...values]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });
});

describe("a picture of another size", () => {
  it("is the mean of what each pixel covers", () => {
    // 56 x 56, light in every second column.
    const striped = picture(56, 56, (x) => (x % 2 === 0 ? 200 : 0));
    expect(new Set(networkImage(striped, AS_THEY_ARE))).toEqual(new Set([100]));
    const larger = picture(42, 42, (x, y) => (x < 21 && y < 21 ? 240 : 0));
    const pixels = networkImage(larger, AS_THEY_ARE);
    expect([at(pixels, 13, 13), at(pixels, 14, 14), at(pixels, 13, 14)]).toEqual([240, 0, 0]);
    const small = picture(14, 14, (x) => (x === 3 ? 255 : 0));
    expect([5, 6, 7, 8].map((x) => at(networkImage(small, AS_THEY_ARE), x, 9))).toEqual([
      ...[0, 255, 255, 0],
    ]);
  });

  it("keeps its shape as a whole, with black at two edges, or fills the square with its middle", () => {
    const wide = picture(56, 28, () => 255);
    const whole = networkImage(wide, AS_THEY_ARE);
    expect([at(whole, 0, 6), at(whole, 0, 7), at(whole, 27, 20), at(whole, 27, 21)]).toEqual([
      ...[0, 255, 255, 0],
    ]);
    const filled = networkImage(
      picture(56, 28, (x) => (x >= 14 && x < 42 ? 255 : 0)),
      { ...AS_THEY_ARE, crop: "fill" },
    );
    expect(filled.every((value) => value === 255)).toBe(true);
  });

  it("is cut out around its ink, 20 pixels in the middle, wherever that lies", () => {
    const choices = { crop: "ink", inverted: true, evened: false, paper: 0.3 } as const;
    for (const [left, top, side] of [
      [40, 30, 120],
      [420, 230, 120],
      [200, 100, 200],
    ] as const) {
      const box = boxOf(networkImage(sketch(left, top, side), choices));
      for (const [i, edge] of [4, 4, 23, 23].entries())
        expect(Math.abs((box[i] ?? 0) - edge)).toBeLessThanOrEqual(1);
    }
  });

  it("of nothing but paper is black", () => {
    const choices = { crop: "ink", inverted: true, evened: false, paper: 0.5 } as const;
    const paper = picture(300, 200, () => 210);
    expect(networkImage(paper, choices)).toEqual(new Uint8Array(784));
  });
});

describe("what a set seems to need", () => {
  it("is nothing for light ink on black", () => {
    const digit = picture(28, 28, (x, y) => (x > 10 && x < 16 && y > 4 && y < 24 ? 250 : 0));
    expect(guessedChoices([digit, digit])).toEqual(AS_THEY_ARE);
  });

  it("is to invert a clean scan, and no more", () => {
    const scan = picture(64, 64, (x, y) => (Math.abs(x - y) < 4 ? 0 : 255));
    expect(guessedChoices([scan])).toEqual({ ...AS_THEY_ARE, inverted: true });
  });

  it("is to even out the light where a shadow lies over the paper, not where a shape is filled in", () => {
    // The ring lies half in a shadow that is darker than half its ink is lighter than black.
    const inLight = sketch(200, 100, 150);
    const inShadow = picture(600, 400, (x, y) => {
      const shade = x < 250 ? 0.5 : Math.min(1, 0.5 + (x - 250) / 100);
      return Math.round(shade * (inLight.values[600 * y + x] ?? 0));
    });
    const choices = guessedChoices([inShadow, inLight, sketch(40, 30, 120), sketch(420, 230, 120)]);
    expect(choices).toMatchObject({ evened: true, inverted: true, crop: "ink" });
    const pixels = networkImage(inShadow, choices);
    for (const [i, edge] of [4, 4, 23, 23].entries())
      expect(Math.abs((boxOf(pixels)[i] ?? 0) - edge)).toBeLessThanOrEqual(1);
    // Nothing is left of the paper around, beside or inside it.
    expect([at(pixels, 1, 14), at(pixels, 14, 14), at(pixels, 26, 14)]).toEqual([0, 0, 0]);

    const filled = picture(300, 300, (x, y) => (Math.hypot(x - 150, y - 150) < 90 ? 30 : 230));
    const ofShape = guessedChoices([filled]);
    expect(ofShape.evened).toBe(false);
    expect(at(networkImage(filled, ofShape), 14, 14)).toBe(255);
  });

  it("is to take away gray paper, and to find a small drawing on it", () => {
    const { crop, inverted, paper } = guessedChoices([
      sketch(40, 30, 120),
      sketch(420, 230, 120),
      sketch(200, 100, 150),
    ]);
    expect([crop, inverted]).toEqual(["ink", true]);
    // Its darkest place is .235 from white, and the ink .84.
    expect(paper).toBeGreaterThan(0.24);
    expect(paper).toBeLessThan(0.5);
  });
});
