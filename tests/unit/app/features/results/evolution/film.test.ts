import { describe, expect, it } from "vitest";
import {
  axisFrame,
  axisLength,
  denoisingOf,
  filmFrames,
  filmIndex,
  longest,
  ownFrame,
} from "../../../../../../src/app/features/results/evolution/film.ts";
import { denoisingWords } from "../../../../../../src/app/features/results/evolution/text.ts";
import { defaultConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import type { Snapshot } from "../../../../../../src/runtime/run/events.ts";
import { madeEvolution } from "../../../../../madeEvolution.ts";

const snapshots = [{ numFrames: 1 }, { numFrames: 3 }, { numFrames: 5 }];
const places = (frames: { snapshot: number; frame: number }[]) =>
  frames.map(({ snapshot, frame }) => [snapshot, frame]);

describe("the denoising axis", () => {
  it("is as long as the snapshot with the most frames", () => {
    expect(axisLength(snapshots)).toBe(5);
    expect(axisLength([])).toBe(0);
  });

  it("has every snapshot's noise at its start and its digits at its end", () => {
    expect([0, 1, 2].map((own) => axisFrame(own, 3, 5))).toEqual([0, 2, 4]);
    expect([0, 2, 4].map((at) => ownFrame(at, 3, 5))).toEqual([0, 1, 2]);
  });

  it("shows the digits everywhere of a snapshot that has only them", () => {
    expect(axisFrame(0, 1, 5)).toBe(4);
    expect([0, 2, 4].map((at) => ownFrame(at, 1, 5))).toEqual([0, 0, 0]);
  });

  it("leads back to the frame it came from", () => {
    for (const numFrames of [2, 3, 4, 7, 11]) {
      for (let own = 0; own < numFrames; own++) {
        expect(ownFrame(axisFrame(own, numFrames, 11), numFrames, 11)).toBe(own);
      }
    }
  });
});

describe("the denoising of a snapshot", () => {
  const ofRun = { config: { ...defaultConfig(), distilFrom: 8 }, stepsPerEpoch: 10 };

  it("has the steps of the student that drew it", () => {
    const drawn = (step: number) => denoisingOf({ step, numFrames: 3 }, ofRun).times;
    expect([0, 5, 10, 20, 30].map((step) => drawn(step).length - 1)).toEqual([8, 4, 4, 2, 1]);
    expect(denoisingWords(1, denoisingOf({ step: 20, numFrames: 3 }, ofRun))).toBe(
      "denoising step 1 of 2, t = 499",
    );
  });

  it("has those of the previews of any other run", () => {
    const config = { ...defaultConfig(), previewTimesteps: 6 };
    const { times } = denoisingOf({ step: 25, numFrames: 7 }, { ...ofRun, config });
    expect(times).toHaveLength(7);
  });

  it("is that of the axis where it has the most frames", () => {
    const { snapshots } = madeEvolution({
      numSnapshots: 3,
      count: 1,
      numFrames: 2,
      stepsPerEpoch: 10,
    });
    const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]];
    expect(longest([...others, { ...first, numFrames: 9 }]).numFrames).toBe(9);
  });
});

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
