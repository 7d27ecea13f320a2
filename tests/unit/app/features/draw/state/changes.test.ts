import { describe, expect, it } from "vitest";
import {
  type Changes,
  changesOf,
  NO_CHANGES,
  withChange,
} from "../../../../../../src/app/features/draw/state/frames.ts";
import type { Frame } from "../../../../../../src/app/state/slices/generation.ts";
import { frameStride } from "../../../../../../src/engine/config/sampling.ts";

/** Two digits, of one grey each. */
function greys(first: number, second: number): Uint8Array {
  return new Uint8Array(2 * 784).fill(first, 0, 784).fill(second, 784);
}

/** A generation of T = `numSteps` to its frame `last`: the frames, kept or not, and the changes. */
function drawn(numSteps: number, last: number, frameOf: (index: number) => Frame) {
  const times = Array.from({ length: numSteps + 1 }, (_, i) => numSteps - 1 - i);
  let frames: readonly Frame[] = [];
  let changes: Changes = NO_CHANGES;
  for (let index = 0; index <= last; index++) {
    const added = frameOf(index);
    changes = withChange({ times, frames, changes }, added);
    const stride = frameStride(numSteps, added.pixels.length / 784);
    frames = [...frames.filter((frame) => frame.index % stride === 0), added];
  }
  return { times, numTimesteps: numSteps, frames, changes };
}

/** The first digit grows by 1 a step, the second by 2; predicted is three times as much. */
const growing = (index: number): Frame => ({
  index,
  pixels: greys(index % 100, (2 * index) % 200),
  x0: index === 0 ? null : greys(3 * (index - 1), 6 * (index - 1)),
});

describe("the change per step", () => {
  it("is the mean absolute difference of a pixel, of one digit", () => {
    const generation = drawn(3, 3, growing);
    expect(changesOf(generation, 0, "xt")).toEqual([
      { t: 1, level: 2 / 3, change: 1 },
      { t: 0, level: 1 / 3, change: 1 },
      { t: -1, level: 0, change: 1 },
    ]);
    expect(changesOf(generation, 1, "xt").map(({ change }) => change)).toEqual([2, 2, 2]);
  });

  it("is of each step, also where only some of the frames are kept", () => {
    const generation = drawn(300, 300, (index) => ({
      index,
      x0: null,
      pixels: new Uint8Array(100 * 784).fill(index % 100, 0, 784),
    }));
    expect(generation.frames.length).toBeLessThan(200);
    const changes = changesOf(generation, 0, "xt");
    expect(changes).toHaveLength(300);
    expect(changes.slice(0, 9).map(({ t, change }) => [t, change])).toEqual(
      Array.from({ length: 9 }, (_, i) => [298 - i, 1]),
    );
  });

  it("is of the predicted images where these are looked at, a step later; at the end of the digit", () => {
    const of = (last: number) =>
      changesOf(drawn(3, last, growing), 0, "x0").map(({ change }) => change);
    expect([of(0), of(1), of(2)]).toEqual([[], [], [3]]);
    // From a prediction of 6 to the digit's 3.
    expect(of(3)).toEqual([3, 3, 3]);
  });

  it("counts half a picture's change as half", () => {
    const half = greys(0, 0).fill(100, 0, 392);
    const generation = drawn(3, 1, (index) => ({
      index,
      x0: null,
      pixels: index === 0 ? greys(0, 0) : half,
    }));
    expect(changesOf(generation, 0, "xt")[0]?.change).toBe(50);
  });
});
