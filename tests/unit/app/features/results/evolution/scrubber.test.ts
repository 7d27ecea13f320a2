import { beforeEach, describe, expect, it } from "vitest";
import { pixelsOnAxis } from "../../../../../../src/app/features/results/evolution/denoisingAxis.ts";
import { Scrubber } from "../../../../../../src/app/features/results/evolution/scrubber.ts";
import { cursorStep, heldAt, pointedAt } from "../../../../../../src/app/state/slices/cursor.ts";
import { addSnapshots, NO_EVOLUTION } from "../../../../../../src/app/state/slices/evolution.ts";
import { type AppStore, createAppStore } from "../../../../../../src/app/state/store.ts";
import type { Snapshot } from "../../../../../../src/runtime/run/events.ts";

const NUM_PIXELS = 2 * 28 * 28;

/** Two digits; frame n of step s is gray s / 10 + n everywhere. */
function snapshot(step: number, numFrames = 3): Snapshot {
  const pixels = new Uint8Array(numFrames * NUM_PIXELS);
  for (let n = 0; n < numFrames; n++) pixels.fill(step / 10 + n, n * NUM_PIXELS);
  return { step, wallTimeMs: step, count: 2, numFrames, pixels };
}

let store: AppStore;
let scrubber: Scrubber;

function add(...snapshots: Snapshot[]) {
  store.setState(({ evolution }) => ({
    evolution: addSnapshots(evolution, { type: "snapshots", runId: "a", snapshots }),
  }));
}

const place = () => {
  const shown = scrubber.shown();
  return shown && [shown.snapshot.step, shown.frame];
};

beforeEach(() => {
  store = createAppStore(new URLSearchParams());
  scrubber = new Scrubber(store);
  store.setState({ evolution: NO_EVOLUTION });
});

describe("what is shown", () => {
  it("is nothing before the first snapshot", () => {
    expect(scrubber.shown()).toBeNull();
    scrubber.go({ index: 1, frame: 1 });
    expect(scrubber.shown()).toBeNull();
  });

  it("follows the newest digits as they come", () => {
    add(snapshot(0));
    expect(place()).toEqual([0, 2]);
    add(snapshot(50));
    expect(place()).toEqual([50, 2]);
  });

  it("stays where the person went back to, until he goes to the newest", () => {
    add(snapshot(0), snapshot(50));
    scrubber.go({ index: 0 });
    add(snapshot(100));
    expect(place()).toEqual([0, 2]);
    scrubber.go({ index: 2 });
    add(snapshot(200));
    expect(place()).toEqual([200, 2]);
  });

  it("stays at the ends when one would go beyond", () => {
    add(snapshot(0), snapshot(50));
    scrubber.go({ index: -5, frame: -5 });
    expect(place()).toEqual([0, 0]);
    scrubber.go({ index: 99, frame: 99 });
    expect(place()).toEqual([50, 2]);
  });

  it("has the pixels of the frame", () => {
    add(snapshot(0), snapshot(50), snapshot(100, 1));
    const grayAt = (index: number, frame: number) => {
      scrubber.go({ index, frame });
      const shown = scrubber.shown();
      const pixels = shown ? pixelsOnAxis(shown.snapshot, shown.frame, shown.axis) : [];
      return [pixels.length, pixels[0], pixels.at(-1)];
    };
    expect(grayAt(1, 0)).toEqual([NUM_PIXELS, 5, 5]);
    expect(grayAt(1, 2)).toEqual([NUM_PIXELS, 7, 7]);
    // Only its digits were kept.
    expect(grayAt(2, 0)).toEqual([NUM_PIXELS, 10, 10]);
  });
});

describe("the link with the charts", () => {
  beforeEach(() => add(snapshot(0), snapshot(50), snapshot(100)));

  it("shows the snapshot of the step that a chart points at, and afterwards what was shown", () => {
    scrubber.go({ index: 0 });
    store.setState(pointedAt(70));
    expect(place()).toEqual([50, 2]);
    store.setState(pointedAt(null));
    expect(place()).toEqual([0, 2]);
  });

  it("tells the charts where the slider was moved to; at the newest there is nothing to tell", () => {
    scrubber.go({ index: 1 });
    expect(cursorStep(store.getState())).toBe(50);
    scrubber.go({ index: 2 });
    expect(cursorStep(store.getState())).toBeNull();
  });

  it("goes back to the slider's place when one no longer points at the loss", () => {
    scrubber.go({ index: 1, frame: 0 });
    scrubber.pointAt({ step: 100, frame: 1 });
    expect(place()).toEqual([100, 1]);
    scrubber.pointAt(null);
    expect(place()).toEqual([50, 0]);
    expect(cursorStep(store.getState())).toBe(50);
  });

  it("stays at the held step when the pointer passes over a chart", () => {
    scrubber.go({ index: 0 });
    store.setState(pointedAt(100));
    store.setState(pointedAt(null));
    expect(place()).toEqual([0, 2]);
    expect(cursorStep(store.getState())).toBe(0);
  });

  it("begins at the step that another view holds", () => {
    store.setState(heldAt(50));
    scrubber = new Scrubber(store);
    expect(place()).toEqual([50, 2]);
  });

  it("forgets where one pointed when its view is left", () => {
    scrubber.go({ index: 1 });
    scrubber.pointAt({ step: 100 });
    scrubber.leave();
    expect(cursorStep(store.getState())).toBe(50);
  });

  it("is not disturbed by a pointer that passes by while the film plays", () => {
    scrubber.position.setState({ isPlaying: true });
    scrubber.play({ index: 1, frame: 0 });
    scrubber.pointAt({ step: 0 });
    expect(place()).toEqual([50, 0]);
    expect(scrubber.position.getState().isPlaying).toBe(true);
  });

  it("stops the film when the person goes somewhere", () => {
    scrubber.position.setState({ isPlaying: true });
    scrubber.holdAt(60);
    expect(place()).toEqual([50, 2]);
    expect(scrubber.position.getState().isPlaying).toBe(false);
  });

  it("calls back once for each change that may be seen, and for no other", () => {
    let numCalls = 0;
    const end = scrubber.subscribe(() => numCalls++);
    store.setState(pointedAt(50));
    store.setState({ notices: [] });
    scrubber.choose(1);
    expect(numCalls).toBe(2);
    end();
    scrubber.choose(0);
    expect(numCalls).toBe(2);
  });
});
