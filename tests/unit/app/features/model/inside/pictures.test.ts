import { expect, it } from "vitest";
import {
  asLargeAsDigits,
  attentionPictures,
  pixelAfterKey,
  pixelAt,
  positionOf,
} from "../../../../../../src/app/features/model/inside/pictures.ts";

it("maps of any size are as large as digits, one after the other", () => {
  const maps = Uint8Array.from({ length: 2 * 49 }, (_, i) => i);
  const large = asLargeAsDigits(maps, 7);
  expect(large).toHaveLength(2 * 784);
  const at = (map: number, x: number, y: number) => large[784 * map + 28 * y + x];
  expect([at(0, 0, 0), at(0, 3, 3), at(0, 4, 0), at(0, 0, 4), at(0, 27, 27)]).toEqual([
    0, 0, 1, 7, 48,
  ]);
  expect([at(1, 0, 0), at(1, 27, 27)]).toEqual([49, 97]);
  const full = Uint8Array.from({ length: 784 }, (_, i) => i % 251);
  expect(asLargeAsDigits(full, 28)).toEqual(full);
});

it("each head has a picture up to white, and its share of the memory", () => {
  const pixels = new Float32Array(2 * 49);
  pixels.set([0.1, 0.4, 0.2]);
  pixels.set([0.05], 49);
  const memory = Float32Array.from([0.1, 0.2, 0.5, 0.25]);
  const pictures = attentionPictures({ pixels, memory }, 7);
  const at = (head: number, x: number) => pictures.pixels[784 * head + 4 * x];
  expect([0, 1, 2, 3].map((x) => at(0, x))).toEqual([64, 255, 128, 0]);
  expect([at(1, 0), at(1, 1)]).toEqual([255, 0]);
  expect(pictures.memoryShares[0]).toBeCloseTo(0.3, 6);
  expect(pictures.memoryShares[1]).toBeCloseTo(0.75, 6);
});

it("a pixel of a digit is one of the block's, which the keys go through", () => {
  expect(positionOf([13, 5], 28)).toBe(5 * 28 + 13);
  expect(positionOf([13, 5], 7)).toBe(1 * 7 + 3);
  expect(positionOf([27, 27], 14)).toBe(195);
  expect(pixelAfterKey([13, 5], "ArrowRight", 7)).toEqual([17, 5]);
  expect(pixelAfterKey([13, 5], "ArrowUp", 14)).toEqual([13, 3]);
  expect(pixelAfterKey([1, 26], "ArrowLeft", 7)).toEqual([0, 26]);
  expect(pixelAfterKey([1, 26], "ArrowDown", 7)).toEqual([1, 27]);
  expect(pixelAfterKey([13, 5], "Enter", 7)).toBe(null);
  expect(pixelAt([0.5, 0.999])).toEqual([14, 27]);
  expect(pixelAt([-0.1, 1])).toEqual([0, 27]);
});
