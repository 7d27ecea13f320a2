import { describe, expect, it } from "vitest";
import { addressedDraw } from "../../../../../../src/app/features/draw/state/drawSettings.ts";
import { partOf } from "../../../../../../src/app/features/draw/state/drawStart.ts";
import {
  type DrawState,
  nothingDrawn,
  withoutImages,
} from "../../../../../../src/app/features/draw/state/drawState.ts";
import {
  withCleared,
  withDigit,
  withOnPad,
  withPicture,
  withSettings,
  withUndone,
} from "../../../../../../src/app/features/draw/state/startImage.ts";

const MARKS = [{ stays: false, points: [0.5, 0.5] }];
const GRAY = new Uint8Array(784).fill(9);

const stateOf = (query: string, changes: Partial<DrawState> = {}): DrawState => ({
  ...nothingDrawn(addressedDraw(new URLSearchParams(query))),
  marks: MARKS,
  ...changes,
});
const changed = (state: DrawState, changes: Partial<DrawState>): DrawState => ({
  ...state,
  ...changes,
});

describe("the part that is filled in", () => {
  const digit = changed(stateOf(""), withDigit(stateOf(""), { pixels: GRAY, is: 7 }, "fill"));

  it("is what will be marked of a digit, and of a drawing after that all around its lines", () => {
    expect(partOf(digit.settings)).toBe("marked");
    expect(partOf(withSettings(digit, { of: "drawing" }).settings)).toBe("around");
    expect(partOf(withSettings(digit, { of: "digit" }).settings)).toBe("lower");
  });

  it("stays with an image of the same kind, and as a link says", () => {
    const left = stateOf("start=fill&image=3&part=left");
    expect(partOf(withSettings(left, { digit: 5 }).settings)).toBe("left");
    expect(partOf(withSettings(left, { start: "noise", seed: "4" }).settings)).toBe("left");
    expect(partOf(withSettings(left, { of: "drawing", part: "upper" }).settings)).toBe("upper");
    expect(partOf(withSettings(left, { of: "drawing" }).settings)).toBe("around");
  });
});

describe("marks of the brush", () => {
  const marksAfter = (query: string, changes: Parameters<typeof withSettings>[1]) =>
    withSettings(stateOf(query), changes).marks;

  it("go where the image or the part is another", () => {
    expect(marksAfter("start=fill&image=3", { digit: 5 })).toEqual([]);
    expect(marksAfter("start=fill&image=3", { of: "drawing" })).toEqual([]);
    expect(marksAfter("start=fill&image=3", { part: "left" })).toEqual([]);
    expect(withPicture(stateOf("start=fill&of=own"), GRAY).marks).toEqual([]);
    expect(withoutImages(stateOf("start=fill&image=3")).marks).toEqual([]);
  });

  it("stay where anything else is", () => {
    expect(marksAfter("start=fill&image=3", { seed: "4" })).toBe(MARKS);
    expect(marksAfter("start=fill&image=3", { start: "invert", of: "digit" })).toBe(MARKS);
    expect(withoutImages(stateOf("start=fill&of=drawing")).marks).toBe(MARKS);
  });
});

describe("Undo and Clear", () => {
  const [first, second] = [
    [0.2, 0.2],
    [0.8, 0.8],
  ] as const;
  const begun = stateOf("start=fill&of=drawing", { marks: [] });
  const padAfter = (state: DrawState, ...steps: ((state: DrawState) => Partial<DrawState>)[]) =>
    steps.reduce((now, step) => changed(now, step(now)), state);
  const withStroke = (points: readonly number[]) => (state: DrawState) =>
    withOnPad(state, { strokes: [...state.strokes, [...points]] });
  const withMark = (state: DrawState) => withOnPad(state, { marks: MARKS });
  const drawn = padAfter(begun, withStroke(first), withMark, withStroke(second));

  it("take back what was done last, whichever tool did it", () => {
    expect(padAfter(drawn, withUndone)).toMatchObject({ strokes: [first], marks: MARKS });
    expect(padAfter(drawn, withUndone, withUndone)).toMatchObject({ strokes: [first], marks: [] });
    const nothing = padAfter(drawn, withUndone, withUndone, withUndone);
    expect(nothing).toMatchObject({ strokes: [], marks: [], padBefore: [] });
    expect(padAfter(nothing, withUndone)).toMatchObject({ strokes: [], marks: [], padBefore: [] });
  });

  it("empty the pad of both, which can be taken back, too", () => {
    const cleared = padAfter(drawn, withCleared);
    expect(cleared).toMatchObject({ strokes: [], marks: [] });
    expect(padAfter(cleared, withUndone)).toMatchObject({ strokes: [first, second], marks: MARKS });
  });

  it("leave the drawing alone where another image is on the pad", () => {
    const other = padAfter(drawn, (state) => withSettings(state, { of: "digit" }));
    expect(other.padBefore).toEqual([]);
    expect(padAfter(other, withMark, withCleared)).toMatchObject({
      strokes: [first, second],
      marks: [],
    });
    // Back on the drawing, its strokes can be taken back one by one.
    const back = padAfter(other, (state) => withSettings(state, { of: "drawing" }), withUndone);
    expect(back).toMatchObject({ strokes: [first], marks: [] });
  });
});

describe("what an image shows", () => {
  it("comes with a digit that was asked for, and not with another image", () => {
    const state = changed(stateOf(""), withDigit(stateOf(""), { pixels: GRAY, is: 7 }, "invert"));
    expect(state.settings).toMatchObject({ start: "invert", of: "own", is: 7 });
    expect(withSettings(state, { of: "drawing" }).settings.is).toBeNull();
    expect(withPicture(state, GRAY).settings?.is).toBeNull();
  });
});

describe("a picture that is opened", () => {
  it("is begun with as it is, unless a part of it is filled in or it is inverted", () => {
    const startFor = (query: string) => withPicture(stateOf(query), GRAY).settings;
    expect(startFor("")).toMatchObject({ start: "own", of: "own" });
    expect(startFor("start=drawing&of=drawing")).toMatchObject({ start: "own", of: "own" });
    expect(startFor("start=invert")).toMatchObject({ start: "invert", of: "own" });
  });
});
