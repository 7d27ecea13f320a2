import { describe, expect, it } from "vitest";
import { playedOn, playStart } from "../../../../src/app/shared/playback/usePlayback.ts";

function filmOf(durations: readonly number[]) {
  return { length: durations.length, durationMs: (index: number) => durations[index] ?? 0 };
}

describe("a film", () => {
  const film = filmOf([100, 50, 200]);
  const from = { index: 0, seenMs: 40 };

  it("shows each frame for its own time, and skips those whose time went by", () => {
    const later = (elapsedMs: number) => playedOn(film, from, { elapsedMs, isLooping: false });
    expect(later(59)).toEqual({ index: 0, seenMs: 99 });
    expect(later(60)).toEqual({ index: 1, seenMs: 0 });
    expect(later(120)).toEqual({ index: 2, seenMs: 10 });
  });

  it("ends after its last frame, or begins again when it is to loop", () => {
    expect(playedOn(film, from, { elapsedMs: 310, isLooping: false })).toBeNull();
    expect(playedOn(film, from, { elapsedMs: 310, isLooping: true })).toEqual({
      index: 0,
      seenMs: 0,
    });
  });

  it("goes on from what is shown, and begins anew at its end", () => {
    expect([0, 1, 2, 9].map((shown) => playStart(film, shown))).toEqual([0, 1, 0, 0]);
    expect(playStart(filmOf([]), 0)).toBe(0);
  });

  it("ends at once at a last frame without time", () => {
    const short = filmOf([100, 0]);
    expect(playedOn(short, from, { elapsedMs: 59, isLooping: false })?.index).toBe(0);
    expect(playedOn(short, from, { elapsedMs: 60, isLooping: false })).toBeNull();
  });
});
