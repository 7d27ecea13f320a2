/** Pictures of a film of one digit in a row. */
export const COLUMNS = 6;
/** In four rows: all of the 20 steps that are the least in which digits come out well. */
export const NUM_PICTURES = 4 * COLUMNS;

/** Noise levels from the image itself, -1, to t, evenly. */
export function noisingLevels(t: number, count: number): number[] {
  const levels = Array.from({ length: count }, (_, i) =>
    Math.round(-1 + (i * (t + 1)) / (count - 1)),
  );
  return [...new Set(levels)];
}
