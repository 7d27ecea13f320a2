import { describe, expect, it } from "vitest";
import { makeFilm } from "../../../../../src/app/shared/film/makeFilm.ts";
import type { FilmEncoder } from "../../../../../src/engine/formats/pictures/filmEncoder.ts";

const frames = [0, 1, 2].map((frame) => ({ frame, durationMs: 100 }));

function recordingEncoder() {
  const added: [number, number][] = [];
  let isCancelled = false;
  const encoder: FilmEncoder = {
    async add(pixels, durationMs) {
      added.push([pixels[0] as number, durationMs]);
    },
    finish: async () => Uint8Array.of(added.length),
    async cancel() {
      isCancelled = true;
    },
  };
  return { encoder, added, isCancelled: () => isCancelled };
}

const paintFrame = ({ frame }: { frame: number }) => Uint8Array.of(frame);

describe("making a film", () => {
  it("adds all frames in their order, as long as the speed has them seen", async () => {
    const { encoder, added } = recordingEncoder();
    const { signal } = new AbortController();
    const made = { encoder, paint: paintFrame, frames, speed: 2, signal };
    const bytes = await makeFilm({ ...made, onProgress() {} });
    expect(bytes).toEqual(Uint8Array.of(3));
    expect(added).toEqual([
      [0, 50],
      [1, 50],
      [2, 50],
    ]);
  });

  it("ends without a file when it is cancelled", async () => {
    const { encoder, added, isCancelled } = recordingEncoder();
    const abort = new AbortController();
    const paint = (frame: { frame: number }) => {
      if (frame.frame === 1) abort.abort();
      return paintFrame(frame);
    };
    const made = { encoder, paint, frames, speed: 1, signal: abort.signal };
    expect(await makeFilm({ ...made, onProgress() {} })).toBeNull();
    expect(added).toHaveLength(2);
    expect(isCancelled()).toBe(true);
  });
});
