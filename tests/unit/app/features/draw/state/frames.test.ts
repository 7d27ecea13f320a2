import { describe, expect, it } from "vitest";
import {
  type Frames,
  frameAt,
  pixelsOf,
  stopsOf,
} from "../../../../../../src/app/features/draw/state/frames.ts";
import {
  afterSampleEvent,
  type Frame,
  type Generation,
} from "../../../../../../src/app/state/slices/generation.ts";
import { frameStride } from "../../../../../../src/engine/config/sampling.ts";

/** Two digits, of one grey each. */
function frame(
  index: number,
  greys: [number, number] = [index, 2 * index],
): Frame & { pixels: Uint8Array<ArrayBuffer> } {
  const pixels = new Uint8Array(2 * 784).fill(greys[0], 0, 784).fill(greys[1], 784);
  return { index, pixels, x0: null };
}

/** All frames of a generation of T = 100. */
function generation(times: number[], numTimesteps = 100) {
  const frames = times.map((_, index) => frame(index));
  return { times, numTimesteps, frames, request: { count: 2 } } satisfies Frames & {
    request: object;
  };
}

const FINE = generation([99, 79, 59, 39, 19, -1]);
const COARSE = generation([99, 49, -1]);

describe("the stops of the scrubber", () => {
  it("are where one has a frame, from pure noise to the end", () => {
    expect(stopsOf([FINE])).toEqual([1, 0.8, 0.6, 0.4, 0.2, 0]);
    expect(stopsOf([FINE, COARSE])).toEqual([1, 0.8, 0.6, 0.5, 0.4, 0.2, 0]);
    expect(stopsOf([])).toEqual([]);
  });

  it("are shared by networks with other numbers of timesteps", () => {
    expect(stopsOf([COARSE, generation([999, 499, -1], 1000)])).toEqual([1, 0.5, 0]);
  });

  it("are as few as the frames that are kept", () => {
    const times = Array.from({ length: 1001 }, (_, i) => 999 - i);
    const stops = (count: number) => stopsOf([{ times, numTimesteps: 1000, request: { count } }]);
    expect(stops(100)).toHaveLength(251);
    expect(stops(100).at(-1)).toBe(0);
    expect(stops(25)).toHaveLength(1001);
  });
});

describe("the frame at a noise level", () => {
  it("is the newest that still has as much noise, of either generation", () => {
    const at = (level: number) =>
      [FINE, COARSE].map((of) => of.times[frameAt(of, level)?.index ?? -1]);
    expect(at(1)).toEqual([99, 99]);
    expect(at(0.6)).toEqual([59, 99]);
    expect(at(0.5)).toEqual([59, 49]);
    expect(at(0.2)).toEqual([19, 49]);
    expect(at(0)).toEqual([-1, -1]);
  });

  it("is the first of one that begins with less noise, and none before there is one", () => {
    expect(frameAt(generation([49, 24, -1]), 0.9)?.index).toBe(0);
    expect(frameAt({ ...FINE, frames: [] }, 1)).toBeNull();
  });

  it("is the newest there is while the rest is not computed", () => {
    expect(frameAt({ ...FINE, frames: FINE.frames.slice(0, 3) }, 0)?.index).toBe(2);
  });
});

function begun(times: number[]): Generation {
  const nothing = { frames: [], trainedSteps: null, elapsedMs: null };
  return { sampleId: "s", status: "waiting", times, ...nothing };
}

function withFrame(
  generation: Generation,
  frame: { index: number; pixels: Uint8Array<ArrayBuffer>; x0: Uint8Array<ArrayBuffer> | null },
): Generation {
  return afterSampleEvent(generation, { type: "sampleFrame", sampleId: "s", ...frame });
}

describe("a frame that comes", () => {
  it("brings what was predicted from the one before; the last is its own", () => {
    const predicted = [1, 2].map((grey) => frame(0, [grey, grey]).pixels);
    const { frames } = [0, 1, 2].reduce(
      (of, index) => withFrame(of, { ...frame(index), x0: predicted[index - 1] ?? null }),
      begun(COARSE.times),
    );
    expect(frames.map(({ x0 }) => x0)).toEqual([predicted[0], predicted[1], frame(2).pixels]);
    expect(frames.map((of) => pixelsOf(of, "xt"))).toEqual(
      [0, 1, 2].map((index) => frame(index).pixels),
    );
  });

  it("is looked at as it is where nothing was predicted from it yet", () => {
    expect(pixelsOf(frame(3), "x0")).toEqual(frame(3).pixels);
  });

  it("is kept at every step of 100 digits up to 250 steps, and of 25 up to 1,000", () => {
    expect(frameStride(250, 100)).toBe(1);
    expect(frameStride(1000, 25)).toBe(1);
    expect(frameStride(251, 100)).toBe(2);
    expect(frameStride(0, 100)).toBe(1);
  });

  it("is dropped again where there are very many, unless it is the newest", () => {
    const times = Array.from({ length: 1001 }, (_, i) => 999 - i);
    const pixels = new Uint8Array(100 * 784);
    const next = (of: Generation, index: number) => withFrame(of, { index, pixels, x0: null });
    let midway = begun(times);
    for (let index = 0; index <= 999; index++) midway = next(midway, index);
    const { frames } = midway;
    expect(frameStride(1000, 100)).toBe(4);
    expect(frames.slice(-3).map(({ index }) => index)).toEqual([992, 996, 999]);
    expect(frames.length).toBeLessThanOrEqual(251);
    expect(
      next(midway, 1000)
        .frames.slice(-2)
        .map(({ index }) => index),
    ).toEqual([996, 1000]);
  });
});
