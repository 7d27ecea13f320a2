import { inflateSync } from "node:zlib";

export interface ReadPng {
  width: number;
  height: number;
  /** `[height, width]`. */
  pixels: Uint8Array;
}

const SIGNATURE = "\x89PNG\r\n\x1a\n";

/**
 * Reads a PNG of 8-bit gray without filters or interlacing, by its specification.
 *
 * @throws Error when it is another kind of PNG, or none
 */
export function readGrayPng(file: Uint8Array): ReadPng {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number, length: number) =>
    String.fromCharCode(...file.subarray(at, at + length));
  if (text(0, 8) !== SIGNATURE) throw new Error("Not a PNG.");
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < file.length; ) {
    const length = view.getUint32(at);
    chunks.set(text(at + 4, 4), file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if ([...chunks.keys()].join() !== "IHDR,IDAT,IEND") throw new Error("Other chunks.");

  const header = chunks.get("IHDR") as Uint8Array;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  // Bit depth, color type gray, compression, filter method, no interlacing.
  if (header.subarray(8).join() !== "8,0,0,0,0") throw new Error("Not 8-bit gray.");
  const lines = inflateSync(chunks.get("IDAT") as Uint8Array);
  if (lines.length !== height * (width + 1)) throw new Error("Not as large as it says.");
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = y * (width + 1);
    if (lines[start] !== 0) throw new Error("Filtered.");
    pixels.set(lines.subarray(start + 1, start + 1 + width), y * width);
  }
  return { width, height, pixels };
}
