import { freshPoints, type PointSettings } from "../data/points.ts";
import {
  chamferDistance,
  type Projections,
  projectedDistance,
  sortedProjections,
} from "./pointDistances.ts";

/** How far points are from fresh ones of the kind that a run learns, relative to how far such are from each other by chance. */
export interface PointFigures {
  /** The ratio of squared sliced Wasserstein distances; 1 is as near as can be. */
  wasserstein: number;
  /** The ratio of Chamfer distances. */
  chamfer: number;
}

/** A distance of two sets is mostly chance: so many sets are compared. */
const NUM_SETS = 6;

/** The Chamfer distance is of the first points alone: the time that it takes grows with the square of their number. */
const MAX_CHAMFER = 300;

/** Measures points by several sets of as many fresh ones, which no run has seen. */
export class PointMeter {
  readonly #sets: readonly Float32Array[];
  readonly #projections: readonly Projections[];
  /** The mean distances of these sets to each other. */
  readonly #floor: PointFigures;

  /** @param count points of each set, 2 or more */
  constructor(settings: PointSettings, count: number) {
    const all = freshPoints(settings, NUM_SETS * count).images as Float32Array;
    this.#sets = Array.from({ length: NUM_SETS }, (_, i) =>
      all.subarray(2 * count * i, 2 * count * (i + 1)),
    );
    this.#projections = this.#sets.map(sortedProjections);
    const pairs = this.#sets.flatMap((_, i) =>
      this.#sets.slice(i + 1).map((__, j) => [i, i + 1 + j]),
    );
    const between = (distance: (i: number, j: number) => number) =>
      mean(pairs.map(([i, j]) => distance(i as number, j as number)));
    const [sets, seen] = [this.#sets, this.#projections];
    this.#floor = {
      wasserstein: between((i, j) =>
        projectedDistance(seen[i] as Projections, seen[j] as Projections),
      ),
      chamfer: between((i, j) => fewChamfer(sets[i] as Float32Array, sets[j] as Float32Array)),
    };
  }

  /** @param points `[count, 2]` */
  measure(points: Float32Array): PointFigures {
    const own = sortedProjections(points);
    const distance = mean(this.#projections.map((other) => projectedDistance(own, other)));
    const chamfer = mean(this.#sets.map((other) => fewChamfer(points, other)));
    return {
      wasserstein: distance / this.#floor.wasserstein,
      chamfer: chamfer / this.#floor.chamfer,
    };
  }
}

function fewChamfer(a: Float32Array, b: Float32Array): number {
  return chamferDistance(a.subarray(0, 2 * MAX_CHAMFER), b.subarray(0, 2 * MAX_CHAMFER));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
