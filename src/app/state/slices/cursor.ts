/** The training step that charts, evolution and comparison show together. Pure. */

export interface Cursor {
  /** Where the pointer, or a chart's key, points; null when nobody points. */
  pointed: number | null;
  /** What a slider was moved to and stays at; null follows the newest. */
  held: number | null;
}

interface CursorState {
  cursor: Cursor;
}

export const NO_CURSOR: Cursor = { pointed: null, held: null };

/** The step to be marked; null when nobody points and none is held. */
export function cursorStep({ cursor }: CursorState): number | null {
  return cursor.pointed ?? cursor.held;
}

/** Without the step that a slider of another view holds. */
export function pointedStep({ cursor }: CursorState): number | null {
  return cursor.pointed;
}

/** Null returns to the step that is held. */
export function pointedAt(pointed: number | null) {
  return ({ cursor }: CursorState): CursorState =>
    cursor.pointed === pointed ? { cursor } : { cursor: { ...cursor, pointed } };
}

/** Null follows the newest step. */
export function heldAt(held: number | null) {
  return ({ cursor }: CursorState): CursorState =>
    cursor.pointed === null && cursor.held === held
      ? { cursor }
      : { cursor: { pointed: null, held } };
}
