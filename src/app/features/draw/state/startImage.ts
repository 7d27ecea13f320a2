/**
 * The one image that digits begin with, and what belongs to it: the part that is filled in, and the marks of the brush.
 * Another image has none of these. Pure.
 */
import type { Stroke } from "../../../shared/images/drawing.ts";
import type { DrawSettings } from "./drawSettings.ts";
import { imageKind, NO_MARKS } from "./drawStart.ts";
import type { DrawState } from "./drawState.ts";

/** Other settings. Another kind of image has its own part again, and marks stay on the image and the part that they change. */
export function withSettings(
  { settings: before, strokes, marks, padBefore }: OnPad,
  changes: Partial<DrawSettings>,
): Pick<DrawState, "settings" | "marks" | "padBefore"> {
  const isOtherKind = changes.of !== undefined && changes.of !== before.of;
  const settings = { ...before, ...(isOtherKind && { part: null, is: null }), ...changes };
  const isOther = isOtherKind || settings.digit !== before.digit || changes.part !== undefined;
  if (!isOther) return { settings, marks, padBefore };
  const isDrawn = imageKind(settings) === "drawing";
  return { settings, marks: NO_MARKS, padBefore: isDrawn ? beforeEach(strokes) : [] };
}

type OnPad = Pick<DrawState, "settings" | "strokes" | "marks" | "padBefore">;

/** What was on the pad before each stroke of a drawing. */
function beforeEach(strokes: readonly Stroke[]): DrawState["padBefore"] {
  return strokes.map((_, i) => ({ strokes: strokes.slice(0, i), marks: NO_MARKS }));
}

/** With another stroke or mark on the pad. */
export function withOnPad(
  { strokes, marks, padBefore }: OnPad,
  next: Partial<Pick<DrawState, "strokes" | "marks">>,
): Partial<DrawState> {
  return { ...next, padBefore: [...padBefore, { strokes, marks }] };
}

/** Without what was done last, whether that was a stroke, a mark, or to clear the pad. */
export function withUndone({ padBefore }: OnPad): Partial<DrawState> {
  return { ...padBefore.at(-1), padBefore: padBefore.slice(0, -1) };
}

/** Without strokes and marks; a picture stays. */
export function withCleared(state: OnPad): Partial<DrawState> {
  const isDrawn = imageKind(state.settings) === "drawing";
  return withOnPad(state, { marks: NO_MARKS, ...(isDrawn && { strokes: [] }) });
}

/** A picture is what digits begin with from now on, as it is unless a part of it is filled in or it is inverted. */
export function withPicture(state: DrawState, own: Uint8Array): Partial<DrawState> {
  const isWhole = imageKind({ ...state.settings, of: "own" }) !== "own";
  return withOwn(state, own, isWhole ? { start: "own" } : {});
}

function withOwn(
  state: DrawState,
  own: Uint8Array,
  changes: Partial<DrawSettings>,
): Partial<DrawState> {
  const { settings } = withSettings(state, { is: null, ...changes, of: "own" });
  return { own, pictureError: null, marks: NO_MARKS, padBefore: [], settings };
}

/**
 * A digit that was drawn is what is filled in where it will be marked, or inverted as what it was asked to be.
 *
 * @param is its class; null where it is none, or a mixture
 */
export function withDigit(
  state: DrawState,
  { pixels, is }: { pixels: Uint8Array; is: number | null },
  start: "fill" | "invert",
): Partial<DrawState> {
  const isFilled = start === "fill";
  return withOwn(state, pixels, { start, is, ...(isFilled && { ask: "none", part: "marked" }) });
}
