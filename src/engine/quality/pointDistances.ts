/** How far two sets of points in the plane are from each other. */

/** Directions that are looked from: k pi / 64. */
const NUM_DIRECTIONS = 64;

/**
 * The squared sliced Wasserstein-2 distance (Bonneel et al. 2015): both sets are seen from 64 directions, where points are
 * numbers; sorted, the i-th of one is moved to the i-th of the other, and the squares of the moves are averaged. It is 0 for
 * equal sets, and of two sets of the same kind falls with their number.
 *
 * @param a `[N, 2]`
 * @param b `[N, 2]`, as many
 * @throws RangeError for sets of different size
 */
export function slicedWasserstein(a: Float32Array, b: Float32Array): number {
  return projectedDistance(sortedProjections(a), sortedProjections(b));
}

/** A set of points as it looks from each direction: how far they lie in it, from the least to the most, `[N]` each. */
export type Projections = readonly Float64Array[];

/** @param points `[N, 2]` */
export function sortedProjections(points: Float32Array): Projections {
  return Array.from({ length: NUM_DIRECTIONS }, (_, k) => {
    const angle = (k * Math.PI) / NUM_DIRECTIONS;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    const projected = new Float64Array(points.length / 2);
    for (let i = 0; i < projected.length; i++) {
      projected[i] = x * (points[2 * i] as number) + y * (points[2 * i + 1] as number);
    }
    return projected.sort();
  });
}

/**
 * See `slicedWasserstein`.
 *
 * @throws RangeError for sets of different size
 */
export function projectedDistance(a: Projections, b: Projections): number {
  const [numOfA = 0, numOfB = 0] = [a[0]?.length, b[0]?.length];
  if (numOfA !== numOfB) {
    throw new RangeError(`Expected two sets of as many points, got ${numOfA} and ${numOfB}.`);
  }
  let sum = 0;
  for (const [k, ofA] of a.entries()) {
    const ofB = b[k] as Float64Array;
    for (let i = 0; i < ofA.length; i++) sum += ((ofA[i] as number) - (ofB[i] as number)) ** 2;
  }
  return sum / (NUM_DIRECTIONS * numOfA);
}

/**
 * The Chamfer distance (Barrow et al. 1977): the mean distance of each point to the nearest one of the other set, both ways,
 * added.
 *
 * @param a `[N, 2]`
 * @param b `[M, 2]`
 */
export function chamferDistance(a: Float32Array, b: Float32Array): number {
  return meanNearest(a, b) + meanNearest(b, a);
}

function meanNearest(from: Float32Array, to: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < from.length; i += 2) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let j = 0; j < to.length; j += 2) {
      const dx = (from[i] as number) - (to[j] as number);
      const dy = (from[i + 1] as number) - (to[j + 1] as number);
      nearest = Math.min(nearest, dx * dx + dy * dy);
    }
    sum += Math.sqrt(nearest);
  }
  return sum / (from.length / 2);
}
