/** The part of the plane that is looked at: x and y from -PLANE_EDGE to PLANE_EDGE. */
export const PLANE_EDGE = 3;

/** Places on a grid of so many by so many that fills it, row by row from the top, `[size², 2]`, each in the middle of its cell. */
export function planeGrid(size: number): Float32Array<ArrayBuffer> {
  const places = new Float32Array(2 * size ** 2);
  const cell = (2 * PLANE_EDGE) / size;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = 2 * (size * row + column);
      places[at] = (column + 0.5) * cell - PLANE_EDGE;
      places[at + 1] = PLANE_EDGE - (row + 0.5) * cell;
    }
  }
  return places;
}

/** How many points lie in each cell of such a grid, row by row, `[size²]`; points outside of it count nowhere. */
export function planeCounts(points: Float32Array, size: number): Float64Array {
  const counts = new Float64Array(size ** 2);
  const cell = (2 * PLANE_EDGE) / size;
  for (let i = 0; i < points.length; i += 2) {
    const column = Math.floor(((points[i] as number) + PLANE_EDGE) / cell);
    const row = Math.floor((PLANE_EDGE - (points[i + 1] as number)) / cell);
    const isInside = column >= 0 && column < size && row >= 0 && row < size;
    if (isInside) counts[size * row + column] = (counts[size * row + column] as number) + 1;
  }
  return counts;
}

/** A gray picture of points, `[size, size]`: black where there are none, white in the cell with the most. */
export function planePicture(points: Float32Array, size: number): Uint8Array<ArrayBuffer> {
  const counts = planeCounts(points, size);
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  // The root shows also what is thin.
  return Uint8Array.from(counts, (count) => 255 * Math.sqrt(count / most));
}
