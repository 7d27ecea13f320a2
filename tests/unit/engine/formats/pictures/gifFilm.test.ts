import { GifReader } from "omggif";
import { describe, expect, it } from "vitest";
import { gifFilm } from "../../../../../src/engine/formats/pictures/gifFilm.ts";

const SIZE = { width: 40, height: 30 };

/** Every gray of 256 somewhere, other ones in each frame. */
function picture(frame: number): Uint8Array {
  return Uint8Array.from(
    { length: SIZE.width * SIZE.height },
    (_, i) => (i * 7 + frame * 31) % 256,
  );
}

async function film(durationsMs: number[]): Promise<GifReader> {
  const gif = gifFilm(SIZE);
  for (const [frame, durationMs] of durationsMs.entries()) {
    await gif.add(picture(frame), durationMs);
  }
  return new GifReader(Buffer.from(await gif.finish()));
}

describe("a film as GIF, read by another decoder", () => {
  it("has the size, all frames, and their times in hundredths of a second", async () => {
    const reader = await film([160, 40, 1200]);
    expect([reader.width, reader.height]).toEqual([40, 30]);
    expect(reader.numFrames()).toBe(3);
    expect([0, 1, 2].map((i) => reader.frameInfo(i).delay)).toEqual([16, 4, 120]);
  });

  it("has no frame shorter than browsers show, who take less for a tenth of a second", async () => {
    expect((await film([10, 17])).frameInfo(0).delay).toBe(2);
  });

  it("has every gray as it was", async () => {
    const reader = await film([100, 100]);
    for (const frame of [0, 1]) {
      const rgba = new Uint8Array(4 * SIZE.width * SIZE.height);
      reader.decodeAndBlitFrameRGBA(frame, rgba);
      const grays = picture(frame);
      const same = (i: number) =>
        [0, 1, 2].every((c) => rgba[4 * i + c] === grays[i]) && rgba[4 * i + 3] === 255;
      expect([...grays.keys()].filter((i) => !same(i))).toEqual([]);
    }
  });

  it("plays for ever", async () => {
    expect((await film([100])).loopCount()).toBe(0);
  });

  it("has one palette for all its frames", async () => {
    const reader = await film([100, 100]);
    const offsets = [0, 1].map((i) => reader.frameInfo(i).palette_offset);
    expect(offsets[0]).toBe(offsets[1]);
  });
});
