/** Pictures of a film of one digit in a row. */
export const COLUMNS = 6;
/** In three rows. */
export const NUM_PICTURES = 3 * COLUMNS;
