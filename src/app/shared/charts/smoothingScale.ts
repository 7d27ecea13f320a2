/**
 * The slider of the smoothing goes by how many steps are averaged, 1 / (1 - decay): 20 places for
 * each ten times as many. Along the decay itself all that matters would be at its end.
 */
const PLACES_A_DECADE = 20;

/** The decay at a place; four decimals, at place 0 none. */
export function smoothingAt(place: number): number {
  return Number((1 - 10 ** (-place / PLACES_A_DECADE)).toFixed(4));
}

/** The nearest place to a decay in [0, 1). */
export function smoothingPlace(decay: number): number {
  return Math.round(PLACES_A_DECADE * Math.log10(1 / (1 - decay)));
}
