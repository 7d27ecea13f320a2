/** A stretch of an axis, in pixels, and how far apart what is on it has to be at least. */
export interface Room {
  gap: number;
  from: number;
  to: number;
}

/**
 * Places as near as may be to those wanted, in the same order, `gap` apart and within the room;
 * closer where there is not enough of it.
 */
export function spreadOut(wanted: readonly number[], { gap, from, to }: Room): number[] {
  const order = wanted
    .map((_, i) => i)
    .sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const fitting = wanted.length > 1 ? Math.min(gap, (to - from) / (wanted.length - 1)) : gap;
  const places = new Array<number>(wanted.length);
  let least = from;
  for (const i of order) {
    places[i] = Math.max(wanted[i] as number, least);
    least = (places[i] as number) + fitting;
  }
  let most = to;
  for (const i of order.toReversed()) {
    places[i] = Math.min(places[i] as number, most);
    most = (places[i] as number) - fitting;
  }
  return places;
}
