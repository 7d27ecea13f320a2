import { expect, test } from "vitest";
import { encodeIdxImages, IdxParser } from "../../../../src/engine/data/idx.ts";
import { imagesFile } from "./idxBytes.ts";

test("images as an IDX file are read as they were written", () => {
  const pixels = Uint8Array.from({ length: 3 * 784 }, (_, i) => i % 256);
  const parser = new IdxParser({ name: "samples.idx", content: "images" });
  parser.push(encodeIdxImages(pixels));
  expect(parser.finish()).toEqual(pixels);
});

test("the file is MNIST's own, byte for byte", () => {
  const file = imagesFile(2);
  expect(encodeIdxImages(file.subarray(16))).toEqual(file);
});
