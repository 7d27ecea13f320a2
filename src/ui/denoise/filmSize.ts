/** Pictures of a film of one digit in a row. */
export const COLUMNS = 6;
/** In four rows: all of the 20 steps that are the least in which digits come out well. */
export const NUM_PICTURES = 4 * COLUMNS;
