import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../../../../src/engine/data/dataError.ts";
import type { DatasetFile } from "../../../../src/engine/data/datasetFile.ts";
import { IdxParser } from "../../../../src/engine/data/idx.ts";
import { header, imagesFile, labelsFile, pieces } from "./idxBytes.ts";

function parse(content: DatasetFile["content"], chunks: readonly Uint8Array[]): Uint8Array {
  const parser = new IdxParser({ name: "a-file", content });
  for (const chunk of chunks) parser.push(chunk);
  return parser.finish();
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
  throw new Error("It did not throw.");
}

test("gives the pixels and labels after the header, unchanged", () => {
  expect(parse("images", [imagesFile(3)])).toEqual(imagesFile(3).subarray(16));
  expect(parse("labels", [labelsFile(3)])).toEqual(labelsFile(3).subarray(8));
});

test("any cut into chunks, empty ones too, gives the same items", () => {
  const sizes = fc.array(fc.oneof(fc.nat(20), fc.nat(900)), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, (sizes) => {
      expect(parse("images", pieces(imagesFile(3), sizes))).toEqual(imagesFile(3).subarray(16));
      expect(parse("labels", pieces(labelsFile(9), sizes))).toEqual(labelsFile(9).subarray(8));
    }),
  );
});

test("any truncation is an error that says how many bytes came", () => {
  const file = imagesFile(2);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(50), (length, cut) => {
      const message = messageOf(() => parse("images", pieces(file.subarray(0, length), [cut])));
      if (length === 0) expect(message).toBe("a-file: the file is empty.");
      else expect(message).toContain(`got ${length.toLocaleString("en-US")} bytes`);
    }),
  );
});

test("names what was expected of a truncated file", () => {
  expect(messageOf(() => parse("images", [imagesFile(3).subarray(0, 2000)]))).toBe(
    "a-file: the file is truncated: expected 2,368 bytes for 3 images, got 2,000 bytes.",
  );
  expect(messageOf(() => parse("labels", [labelsFile(3).subarray(0, 3)]))).toBe(
    "a-file: the file is truncated: expected a header of 8 bytes, got 3 bytes in all.",
  );
});

test("refuses trailing bytes as soon as they come", () => {
  const parser = new IdxParser({ name: "a-file", content: "labels" });
  parser.push(labelsFile(3));
  expect(messageOf(() => parser.push(new Uint8Array(1)))).toContain(
    "a-file: expected 11 bytes for 3 labels, but more bytes follow.",
  );
});

test("refuses another magic number at the header already", () => {
  const parser = new IdxParser({ name: "a-file", content: "images" });
  expect(messageOf(() => parser.push(imagesFile(1, { magic: 2052 }).subarray(0, 16)))).toBe(
    "a-file: expected an IDX file of images, which begins with the number 2051, got 2052.",
  );
});

test("sees that images and labels are swapped", () => {
  expect(messageOf(() => parse("images", [labelsFile(20)]))).toMatch(/file of labels.*swapped/);
  expect(messageOf(() => parse("labels", [imagesFile(1)]))).toMatch(/file of images.*swapped/);
});

test.each([
  "<!doctype html><title>App</title>",
  "\n\n<html></html>",
  "\ufeff<html></html>",
  "<br>",
])("sees that %j is a web page", (page) => {
  expect(messageOf(() => parse("images", [new TextEncoder().encode(page)]))).toContain("HTML");
});

test("refuses images of another size than 28x28", () => {
  expect(messageOf(() => parse("images", [imagesFile(2, { rows: 32, columns: 30 })]))).toBe(
    "a-file: expected images of 28x28 pixels, got 32x30.",
  );
});

test("refuses a header that announces nothing", () => {
  expect(messageOf(() => parse("images", [imagesFile(0)]))).toContain("no images at all");
});

test("refuses a header that announces more than 2 GB, before it takes the memory", () => {
  const images = header(16, [2051, 2_739_138, 28, 28]);
  expect(messageOf(() => parse("images", [images]))).toContain("2,739,138 images");
  const labels = header(8, [2049, 0xffff_ffff]);
  expect(messageOf(() => parse("labels", [labels]))).toContain("4,294,967,295 labels");
});

test("counts the images that are complete, of those announced", () => {
  const parser = new IdxParser({ name: "a-file", content: "images" });
  const counts = pieces(imagesFile(3), [10, 6, 783, 1, 1000]).map((chunk) => {
    parser.push(chunk);
    return [parser.numItems, parser.totalItems];
  });
  expect(counts).toEqual([
    [0, 0],
    [0, 3],
    [0, 3],
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});
