import { encode } from "fast-png";
import type { GrayImage } from "./imageGrid.ts";

/** An 8-bit grayscale PNG. */
export function grayPng({ width, height, pixels }: GrayImage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, channels: 1, depth: 8, data: pixels }));
}
