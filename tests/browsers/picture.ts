import type { DecodedPng } from "fast-png";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What is dark in a part of a PNG, in pixels of the page from its top left corner; null for nothing. */
export function inkIn(png: DecodedPng, part: Box, scale: number): Box | null {
  const { data, width, channels } = png;
  const [x0, y0] = [Math.round(part.left * scale), Math.round(part.top * scale)];
  const [x1, y1] = [x0 + Math.round(part.width * scale), y0 + Math.round(part.height * scale)];
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const at = channels * (y * width + x);
      const sum = (data[at] ?? 255) + (data[at + 1] ?? 255) + (data[at + 2] ?? 255);
      if (sum > 3 * 140) continue;
      xs.push(x);
      ys.push(y);
    }
  }
  if (xs.length === 0) return null;
  const [left, top] = [Math.min(...xs) / scale, Math.min(...ys) / scale];
  return {
    left,
    top,
    width: (Math.max(...xs) + 1) / scale - left,
    height: (Math.max(...ys) + 1) / scale - top,
  };
}
