import { afterEach, describe, expect, it, vi } from "vitest";
import { requireReadableCanvas } from "../../../../../src/app/shared/images/readableCanvas.ts";

/** A canvas that gives back what was drawn, each byte changed. */
function browserThatReads(change: (value: number) => number) {
  class Canvas {
    readonly #pixels: Uint8ClampedArray;

    constructor(
      readonly width: number,
      readonly height: number,
    ) {
      this.#pixels = new Uint8ClampedArray(4 * width * height);
    }

    getContext() {
      const [pixels, { width }] = [this.#pixels, this];
      return {
        fillStyle: "",
        fillRect(x: number, y: number, w: number, h: number) {
          const gray = Number(/\d+/.exec(this.fillStyle)?.[0]);
          for (let row = y; row < y + h; row++) {
            for (let column = x; column < x + w; column++) {
              pixels.set([gray, gray, gray, 255], 4 * (row * width + column));
            }
          }
        },
        getImageData: () => ({ data: pixels.map(change) }),
      };
    }
  }
  vi.stubGlobal("OffscreenCanvas", Canvas);
}

afterEach(() => vi.unstubAllGlobals());

describe("a canvas", () => {
  it.each([
    ["as it was drawn", (value: number) => value],
    ["with a little noise", (value: number) => value + (value % 2 === 0 ? 1 : -1)],
  ])("that is read %s may be saved", (_, change) => {
    browserThatReads(change);
    expect(() => requireReadableCanvas()).not.toThrow();
  });

  it.each([
    ["random", () => Math.floor(256 * Math.random())],
    ["white", () => 255],
    ["empty", () => 0],
  ])("that is read as %s pixels is refused with advice", (_, change) => {
    browserThatReads(change);
    expect(() => requireReadableCanvas()).toThrow(/Allow this page/);
  });
});
