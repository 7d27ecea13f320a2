import { describe, expect, it } from "vitest";
import {
  filmFrames,
  filmIndex,
} from "../../../../../../src/app/features/results/evolution/film.ts";

const snapshots = [{ numFrames: 1 }, { numFrames: 3 }, { numFrames: 5 }];
const places = (frames: { snapshot: number; frame: number }[]) =>
  frames.map(({ snapshot, frame }) => [snapshot, frame]);

describe("a film", () => {
  it("over training has the digits of each snapshot", () => {
    const frames = filmFrames("training", { snapshots, shown: 0 });
    expect(places(frames)).toEqual([
      [0, 4],
      [1, 4],
      [2, 4],
    ]);
  });

  it("over denoising has each frame of the shown snapshot", () => {
    const frames = filmFrames("denoising", { snapshots, shown: 1 });
    expect(places(frames)).toEqual([
      [1, 0],
      [1, 2],
      [1, 4],
    ]);
  });

  it("over both has each frame of each snapshot", () => {
    const frames = filmFrames("both", { snapshots, shown: 1 });
    expect(frames).toHaveLength(9);
    expect(places(frames).slice(0, 4)).toEqual([
      [0, 4],
      [1, 0],
      [1, 2],
      [1, 4],
    ]);
  });

  it("rests longest at its end", () => {
    for (const kind of ["training", "denoising", "both"] as const) {
      const durations = filmFrames(kind, { snapshots, shown: 2 }).map((f) => f.durationMs);
      expect(Math.max(...durations.slice(0, -1))).toBeLessThan(durations.at(-1) as number);
    }
  });

  it("is never faster than a GIF can be, which is 20 ms a frame, at its own speed", () => {
    const long = [{ numFrames: 1001 }];
    for (const kind of ["denoising", "both"] as const) {
      const durations = filmFrames(kind, { snapshots: long, shown: 0 }).map((f) => f.durationMs);
      expect(Math.min(...durations)).toBeGreaterThanOrEqual(20);
    }
  });

  it("is found where the shown frame is in it", () => {
    const training = filmFrames("training", { snapshots, shown: 0 });
    expect(filmIndex(training, { snapshot: 1, frame: 0 }, "training")).toBe(1);
    expect(filmIndex(training, { snapshot: 2, frame: 4 }, "training")).toBe(2);
    const both = filmFrames("both", { snapshots, shown: 0 });
    expect(filmIndex(both, { snapshot: 1, frame: 2 }, "both")).toBe(2);
    expect(filmIndex(both, { snapshot: 2, frame: 4 }, "both")).toBe(both.length - 1);
  });

  it("of no snapshots has no frames", () => {
    expect(filmFrames("both", { snapshots: [], shown: 0 })).toEqual([]);
    expect(filmIndex([], { snapshot: 0, frame: 0 }, "both")).toBe(0);
  });
});
