import { encode, type ImageData } from "fast-png";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../../src/engine/formats/formatError.ts";
import { grayFromPng } from "../../../../../src/engine/formats/pictures/grayFromPng.ts";

/** Of one row. */
function row(data: number[], of: { channels: number; depth: 8 | 16 } & Partial<ImageData>) {
  const Samples = of.depth === 16 ? Uint16Array : Uint8Array;
  return encode({ width: data.length / of.channels, height: 1, ...of, data: new Samples(data) });
}

/** A PNG whose pixels are packed into bytes, which the encoder does not write. */
function packed(depth: 1 | 2 | 4, width: number, bytes: number[]) {
  const png = encode({
    width: 8 * bytes.length,
    height: 1,
    channels: 1,
    depth: 1,
    data: Uint8Array.from(bytes),
  });
  // The header has the width in its bytes 16 to 19, and the depth in 24; the reader does not check its sum.
  png.set([0, 0, 0, width], 16);
  png[24] = depth;
  return png;
}

/** With a chunk after the header; its sum is not checked. */
function withChunk(png: Uint8Array, type: "PLTE" | "tRNS", data: number[]) {
  const name = new TextEncoder().encode(type);
  const chunk = [0, 0, 0, data.length, ...name, ...data, 0, 0, 0, 0];
  return Uint8Array.from([...png.subarray(0, 33), ...chunk, ...png.subarray(33)]);
}

const LEVELS = Array.from({ length: 256 }, (_, gray) => gray);

describe("a PNG as gray", () => {
  it("keeps every level of a gray one, of 8 and of 16 bits", () => {
    expect([...grayFromPng(row(LEVELS, { channels: 1, depth: 8 })).pixels]).toEqual(LEVELS);
    const wide = LEVELS.map((gray) => 257 * gray);
    expect([...grayFromPng(row(wide, { channels: 1, depth: 16 })).pixels]).toEqual(LEVELS);
  });

  it("keeps every level where red, green and blue are equal", () => {
    const colors = LEVELS.flatMap((gray) => [gray, gray, gray]);
    expect([...grayFromPng(row(colors, { channels: 3, depth: 8 })).pixels]).toEqual(LEVELS);
  });

  it.each([
    ["red, green and blue", 3, [255, 0, 0, 0, 255, 0, 0, 0, 255], [76, 150, 29]],
    ["gray and alpha", 2, [200, 255, 200, 128, 200, 0], [200, 100, 0]],
    ["colors and alpha", 4, [255, 255, 255, 0, 255, 255, 255, 51, 0, 255, 0, 255], [0, 51, 150]],
  ])("is the luma on black of %s", (_, channels, data, gray) => {
    expect([...grayFromPng(row(data, { channels, depth: 8 })).pixels]).toEqual(gray);
    const wide = data.map((value) => 257 * value);
    expect([...grayFromPng(row(wide, { channels, depth: 16 })).pixels]).toEqual(gray);
  });

  it("has its width and height", () => {
    const png = encode({ width: 3, height: 2, channels: 1, data: new Uint8Array(6) });
    expect(grayFromPng(png)).toMatchObject({ width: 3, height: 2 });
  });

  it.each([
    [1, 5, [0b1010_1000], [255, 0, 255, 0, 255]],
    [2, 4, [0b0001_1011], [0, 85, 170, 255]],
    [4, 2, [0x3f], [51, 255]],
  ] as const)("is unpacked where pixels have %d bits", (depth, width, bytes, gray) => {
    expect([...grayFromPng(packed(depth, width, [...bytes])).pixels]).toEqual(gray);
  });

  it("has the colors of a palette, and black for those that are transparent", () => {
    const indices = packed(2, 4, [0b0001_1011]);
    // The header has the color type in its byte 25.
    indices[25] = 3;
    const colors = [0, 0, 0, 255, 255, 255, 255, 0, 0, 200, 200, 200];
    const opaque = withChunk(indices, "PLTE", colors);
    expect([...grayFromPng(opaque).pixels]).toEqual([0, 255, 76, 200]);
    const alphas = withChunk(indices, "tRNS", [255, 0]);
    expect([...grayFromPng(withChunk(alphas, "PLTE", colors)).pixels]).toEqual([0, 0, 76, 200]);
  });

  it("is black where it has the one color that stands for transparent", () => {
    const gray = row([255, 100, 255], { channels: 1, depth: 8 });
    expect([...grayFromPng(withChunk(gray, "tRNS", [0, 255])).pixels]).toEqual([0, 100, 0]);
    const colors = row([255, 255, 255, 255, 255, 0, 9, 9, 9], { channels: 3, depth: 8 });
    const key = withChunk(colors, "tRNS", [0, 255, 0, 255, 0, 255]);
    expect([...grayFromPng(key).pixels]).toEqual([0, 226, 9]);
    const two = packed(1, 8, [0b1000_0001]);
    expect([...grayFromPng(withChunk(two, "tRNS", [0, 1])).pixels]).toEqual(new Array(8).fill(0));
  });

  it.each([
    ["a text", new TextEncoder().encode("A text that is longer than a signature.")],
    ["an empty file", new Uint8Array()],
    ["the first half of one", row(LEVELS, { channels: 1, depth: 8 }).subarray(0, 60)],
  ])("is refused where the file is %s", (_, bytes) => {
    expect(() => grayFromPng(bytes)).toThrow(FormatError);
    expect(() => grayFromPng(bytes)).toThrow("Expected a PNG");
  });
});
