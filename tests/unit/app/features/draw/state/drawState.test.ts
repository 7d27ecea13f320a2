import { describe, expect, it } from "vitest";
import {
  DRAW_DEFAULTS,
  type DrawSettings,
  drawRequests,
} from "../../../../../../src/app/features/draw/state/drawSettings.ts";
import {
  afterKey,
  currentStop,
  type DrawState,
  fractionDone,
  inProgress,
  isGenerating,
  movedTo,
  nothingDrawn,
  pickedBy,
  shownFrame,
  shownGenerations,
  stops,
  withCancelled,
  withComing,
  withComingShown,
  withRequests,
} from "../../../../../../src/app/features/draw/state/drawState.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { DATASETS } from "../../../../../../src/engine/data/datasets.ts";
import type { WorkerEvent } from "../../../../../../src/runtime/run/events.ts";
import { told } from "../told.ts";

const config = presetConfig("tiny");
const { a: asked } = drawRequests(DRAW_DEFAULTS, {
  configs: { a: config, b: config },
  images: new Map(),
  drawing: null,
  labels: null,
  own: null,
  marks: [],
  naming: DATASETS.mnist.naming,
}).asked;
if (!asked) throw new Error("The defaults are no request.");
const of = { ...asked, noising: { ...asked.noising, timesteps: 100 } };
/** Both generations, a1 and b1. */
function askedFrom(state: DrawState): DrawState {
  const ids = ["a1", "b1"];
  return withRequests(state, { a: of, b: of }, () => ids.shift() ?? "");
}
const empty = nothingDrawn(DRAW_DEFAULTS);
const waiting = askedFrom(empty);

function started(sampleId: string, times: number[]): WorkerEvent {
  return {
    type: "sampleStarted",
    sampleId,
    origin: "person",
    source: { kind: "untrained" },
    start: "noise",
    count: 36,
    times,
    timesteps: times.length - 1,
    trainedSteps: 0,
    sources: null,
  };
}

function frame(sampleId: string, index: number): WorkerEvent {
  return {
    type: "sampleFrame",
    sampleId,
    index,
    pixels: new Uint8Array(784).fill(index),
    x0: null,
  };
}

const TIMES = [99, 49, -1];
const done = told(
  waiting,
  started("a1", TIMES),
  started("b1", TIMES),
  ...["a1", "b1"].flatMap((id) => [0, 1, 2].map((i) => frame(id, i))),
  ...["a1", "b1"].map((sampleId): WorkerEvent => ({ type: "sampleDone", sampleId, elapsedMs: 9 })),
);

describe("for who wants little motion", () => {
  it("the noise stands until the digits are finished, wherever the scrubber is", () => {
    const still = { ...waiting, isStill: true };
    const onWay = told(still, started("a1", TIMES), frame("a1", 0), frame("a1", 1));
    expect(currentStop(onWay)).toBe(0);
    expect(shownFrame(onWay, "a")?.index).toBe(0);
    expect(shownFrame(movedTo(onWay, 1), "a")?.index).toBe(0);
    const finished = told(onWay, frame("a1", 2), {
      type: "sampleDone",
      sampleId: "a1",
      elapsedMs: 9,
    });
    expect(shownFrame(finished, "a")?.index).toBe(2);
    expect(shownFrame(movedTo(finished, 1), "a")?.index).toBe(1);
  });
});

describe("two generations", () => {
  it("come one after the other, and the scrubber follows the one that is computed", () => {
    const first = told(
      waiting,
      started("a1", TIMES),
      started("b1", TIMES),
      frame("a1", 0),
      frame("a1", 1),
    );
    expect(first.generations.a?.status).toBe("sampling");
    expect(first.generations.b?.status).toBe("waiting");
    expect(currentStop(first)).toBe(1);
    expect(shownFrame(first, "a")?.index).toBe(1);
    expect(shownFrame(first, "b")).toBeNull();
    expect(done.generations).toMatchObject({ a: { status: "done" }, b: { status: "done" } });
    expect(currentStop(done)).toBe(2);
  });

  it("that were asked for before change nothing any more", () => {
    const again = withRequests(done, { a: of }, () => "a2");
    expect(told(again, frame("a1", 1), { type: "sampleCancelled", sampleId: "a1" })).toBe(again);
    expect(again.generations.b).toBeNull();
  });

  it("are seen while the settings start from what they began with, and are back with it", () => {
    const starting = (state: DrawState, settings: Partial<DrawSettings>): DrawState => ({
      ...state,
      settings: { ...state.settings, ...settings },
    });
    const isSeen = (state: DrawState) => shownFrame(state, "a") !== null;
    expect(isSeen(starting(done, { seed: "9", count: "4", level: 0.1 }))).toBe(true);
    const elsewhere = starting(done, { start: "digit" });
    expect([isSeen(elsewhere), stops(elsewhere).length]).toEqual([false, 0]);
    expect(isSeen(starting(elsewhere, { start: "noise" }))).toBe(true);
    // What goes on unseen is told all the same.
    const late = told(starting(waiting, { start: "digit" }), frame("a1", 0));
    expect(isSeen(starting(late, { start: "noise" }))).toBe(true);

    const doneFrom = (settings: Partial<DrawSettings>) =>
      told(askedFrom(starting(empty, settings)), frame("a1", 0));
    const ofDigit = doneFrom({ start: "digit", digit: 3 });
    expect(isSeen(ofDigit)).toBe(true);
    expect(isSeen(starting(ofDigit, { digit: 4 }))).toBe(false);
    const ofPair = doneFrom({ start: "pair", pair: [1, 2] });
    expect(isSeen(starting(ofPair, { pair: [1, 2], seed: "9" }))).toBe(true);
    expect(isSeen(starting(ofPair, { pair: [2, 1] }))).toBe(false);
    // The seed chooses them.
    expect(isSeen(starting(doneFrom({ start: "pair" }), { seed: "9" }))).toBe(false);
    const ofDrawing = doneFrom({ start: "drawing" });
    expect(isSeen(ofDrawing)).toBe(true);
    expect(isSeen({ ...ofDrawing, strokes: [[0.1, 0.2]] })).toBe(false);
  });

  it("can be cancelled, and keep what they had", () => {
    const running = told(waiting, started("a1", TIMES), frame("a1", 0));
    const ended = { type: "sampleCancelled", sampleId: "a1" } as const;
    const cancelled = told(withCancelled(running), frame("a1", 1), ended);
    expect(cancelled.generations.a).toMatchObject({ status: "cancelled", frames: [{ index: 0 }] });
    // A run was opened, for example.
    expect(told(running, ended).generations.a?.status).toBe("interrupted");
    const late = told(done, { type: "sampleCancelled", sampleId: "a1" });
    expect(late.generations.a?.status).toBe("done");
  });

  it("fail with the worker, and say why", () => {
    const fault = { type: "fault", cause: "error", message: "It broke.", details: "" } as const;
    const failed = told(waiting, fault);
    expect(failed.generations).toMatchObject({
      a: { status: "failed", message: "It broke." },
      b: { status: "failed" },
    });
    expect(told(done, fault).generations.a?.status).toBe("done");
  });

  it("tell how much of both is done, also where it is not seen", () => {
    const running = told(waiting, started("a1", TIMES), started("b1", TIMES), frame("a1", 0));
    expect(fractionDone(running)).toBe(0);
    const later = told(running, frame("a1", 1));
    // One of two steps each.
    expect(fractionDone(later)).toBe(1 / 4);
    // Also while the form shows another start, so that they can be cancelled there.
    const elsewhere = { ...later, settings: { ...later.settings, start: "digit" } } as const;
    expect([isGenerating(elsewhere), fractionDone(elsewhere)]).toEqual([true, 1 / 4]);
    expect([isGenerating(done), isGenerating(empty)]).toEqual([false, false]);
  });
});

describe("the images of the dataset", () => {
  const images = {
    type: "images",
    requestId: "images",
    indices: [3, 9],
    labels: Uint8Array.of(7, 2),
    pixels: new Uint8Array(2 * 784).fill(5, 784),
  } as const;

  it("are shown, and stay known when others are", () => {
    const first = told(empty, images);
    expect(first.gallery.map(({ index, label }) => [index, label])).toEqual([
      [3, 7],
      [9, 2],
    ]);
    const second = told(first, {
      ...images,
      indices: [4],
      labels: Uint8Array.of(1),
      pixels: new Uint8Array(784),
    });
    expect(second.gallery).toHaveLength(1);
    expect(second.images.get(9)?.[0]).toBe(5);
  });

  it("are forgotten when others are loaded", () => {
    const others = told(told(empty, images), {
      type: "datasetReady",
      dataset: { id: "mnist", name: "MNIST" },
      loadId: "d",
      numTrain: 9,
      numValidation: 2,
      pixelChecksum: 1,
      numClasses: 10,
      checksum: 1,
      unseenLabels: new Uint8Array(),
    });
    expect(others.images.size).toBe(0);
    expect(others.gallery).toEqual([]);
  });
});

describe("the keys", () => {
  const press = (state: DrawState, key: string, shiftKey = false) =>
    afterKey(state, { key, shiftKey }) ?? state;

  it("move through the steps, and not beyond", () => {
    const back = press(done, "ArrowLeft");
    expect(currentStop(back)).toBe(1);
    expect(shownFrame(back, "b")?.index).toBe(1);
    expect(currentStop(press(press(back, "ArrowLeft"), "ArrowLeft"))).toBe(0);
    expect(currentStop(press(back, "ArrowRight"))).toBe(2);
    expect(currentStop(press(done, "Home"))).toBe(0);
    expect(press(press(done, "Home"), "End").stop).toBeNull();
  });

  it("stop what plays when they move", () => {
    expect(press({ ...done, isPlaying: true }, "ArrowRight").isPlaying).toBe(false);
  });

  it("pick the digit before and after, around the ends", () => {
    expect(press(done, "ArrowLeft", true).picked).toBe(35);
    expect(pickedBy(press(done, "ArrowLeft", true), 1).picked).toBe(0);
  });

  it("that mean nothing here are left alone", () => {
    expect(afterKey(done, { key: "a", shiftKey: false })).toBeNull();
  });

  it("hold a place while the rest is computed", () => {
    const midway = told(waiting, started("a1", TIMES), frame("a1", 0), frame("a1", 1));
    const held = movedTo(midway, 0);
    expect(stops(held)).toHaveLength(3);
    expect(currentStop(told(held, frame("a1", 2)))).toBe(0);
  });
});

describe("drawn live", () => {
  /** With c1 and d1 on their way. */
  const ids = ["c1", "d1"];
  const next = withComing(
    { ...done, isLive: true, picked: 35, stop: 1 },
    { a: { ...of, request: { ...of.request, count: 4 } }, b: of },
    () => ids.shift() ?? "",
  );
  const end = (sampleId: string): WorkerEvent => ({ type: "sampleDone", sampleId, elapsedMs: 9 });

  it("digits stay until all the next are done, which then take their place, finished", () => {
    expect(isGenerating(next)).toBe(false);
    const oneDone = told(next, started("c1", [99, -1]), frame("c1", 0), frame("c1", 1), end("c1"));
    expect(oneDone.generations).toBe(done.generations);
    expect(inProgress(oneDone).map(({ sampleId }) => sampleId)).toEqual(["d1"]);
    const failed = { type: "sampleFailed", sampleId: "d1", message: "No memory." } as const;
    const both = told(oneDone, failed);
    expect(both).toMatchObject({
      generations: { a: { sampleId: "c1", status: "done" }, b: { message: "No memory." } },
      coming: [],
      picked: 3,
      stop: null,
    });
    expect(inProgress(both)).toEqual([]);
    expect(shownFrame(both, "a")).toMatchObject({ index: 1 });
  });

  it("the next are shown as they come where that takes long, and can be cancelled then as before", () => {
    const slow = told(withComingShown(next, "c1"), started("c1", TIMES), frame("c1", 0));
    expect(isGenerating(slow)).toBe(true);
    expect(shownFrame(slow, "a")?.index).toBe(0);
    expect(withComingShown(slow, "c1")).toBe(slow);
    expect(withCancelled(slow).generations.a?.status).toBe("cancelled");
    const cancelled = withCancelled(next);
    expect(cancelled).toMatchObject({ coming: [], generations: done.generations });
  });

  it("several may be on their way: the newest that is done is shown, and after a fault nobody waits for any", () => {
    const later = ["e1", "f1"];
    const two = withComing(next, { a: of, b: of }, () => later.shift() ?? "");
    expect(inProgress(two).map(({ sampleId }) => sampleId)).toEqual(["c1", "d1", "e1", "f1"]);
    const shown = told(two, end("e1"), end("f1"));
    expect(shown).toMatchObject({ generations: { a: { sampleId: "e1" } }, coming: [] });
    expect(told(shown, end("c1"), end("d1")).generations).toEqual(shown.generations);
    const fault = { type: "fault", cause: "error", message: "It broke.", details: "" } as const;
    const broken = told(two, fault);
    expect(inProgress(broken)).toEqual([]);
    expect(withComingShown(broken, "e1")).toBe(broken);
  });

  it("digits stay while one draws on, but not for another kind of start or an empty pad", () => {
    const settings = { ...DRAW_DEFAULTS, start: "drawing" } as const;
    const drawing = askedFrom({ ...empty, settings, strokes: [[0, 0]] });
    const drawnOn = { ...drawing, strokes: [[0, 0, 1, 1]] };
    const live = { ...drawnOn, isLive: true };
    expect(shownGenerations(drawnOn).a).toBeNull();
    expect(shownGenerations(live)).toBe(drawing.generations);
    expect(shownGenerations({ ...live, strokes: [] }).a).toBeNull();
    expect(shownGenerations({ ...live, settings: DRAW_DEFAULTS }).a).toBeNull();
  });
});
