/**
 * The one image that digits begin with, and what belongs to it: the part that is filled in, and the marks of the brush.
 * Another image has none of these. Pure.
 */
import type { Stroke } from "./drawing.ts";
import type { DrawSettings } from "./drawSettings.ts";
import { imageKind, NO_MARKS } from "./drawStart.ts";
import type { DrawState } from "./drawState.ts";

/** Other settings. Another kind of image has its own part again, and marks stay on the image and the part that they change. */
export function withSettings(
  { settings: before, marks }: Pick<DrawState, "settings" | "marks">,
  changes: Partial<DrawSettings>,
): Pick<DrawState, "settings" | "marks"> {
  const isOtherKind = changes.of !== undefined && changes.of !== before.of;
  const settings = { ...before, ...(isOtherKind && { part: null }), ...changes };
  const isOther = isOtherKind || settings.digit !== before.digit || changes.part !== undefined;
  return { settings, marks: isOther ? NO_MARKS : marks };
}

/** The lines of a drawing; without any there is no drawing left to be marked. */
export function withStrokes(strokes: readonly Stroke[]): Partial<DrawState> {
  return { strokes, ...(strokes.length === 0 && { marks: NO_MARKS }) };
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
  const { settings } = withSettings(state, { ...changes, of: "own" });
  return { own, pictureError: null, marks: NO_MARKS, settings };
}

/** A digit is what is filled in where it will be marked, or inverted. */
export function withDigit(
  state: DrawState,
  digit: Uint8Array,
  start: "fill" | "invert",
): Partial<DrawState> {
  const isFilled = start === "fill";
  return withOwn(state, digit, { start, ...(isFilled && { ask: "none", part: "marked" }) });
}
