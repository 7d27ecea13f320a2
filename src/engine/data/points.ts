/** Points of the plane as data to train on: they are generated, and need no file. */
import type { RunConfig } from "../config/hyperparameters.ts";
import { randomNormals, randomUniforms } from "../random.ts";
import type { LabeledSamples, NamedTrainingData } from "./dataset.ts";
import type { DatasetIdentity } from "./datasets.ts";
import { classShares, ownPointsOf, type Pair, POINT_SETS, POINTS_DATASET } from "./pointSets.ts";

/** What points follow from. */
export type PointSettings = Pick<RunConfig, "points" | "ownPoints" | "numPoints" | "seed">;

/** Points for validation. */
const NUM_VALIDATION = 1000;

/** The points that a run trains on, and those that it is validated on. */
export function pointData(settings: PointSettings): NamedTrainingData {
  return {
    ...pointsIdentity(settings),
    train: drawnPoints(settings, settings.numPoints, 0),
    validation: drawnPoints(settings, NUM_VALIDATION, 1),
  };
}

export function pointsIdentity({ points }: Pick<RunConfig, "points">): DatasetIdentity {
  return { id: POINTS_DATASET, name: POINT_SETS[points].label };
}

/** Points of the same kind that no run has seen, to measure others by. */
export function freshPoints(settings: PointSettings, count: number): LabeledSamples {
  return drawnPoints(settings, count, 2);
}

/** @param index tells points of the same seed apart */
function drawnPoints(settings: PointSettings, count: number, index: number): LabeledSamples {
  const { points, seed } = settings;
  const { point } = POINT_SETS[points];
  const shares = classShares(settings);
  const ofClasses = shares.map((_, label) => ownPointsOf(settings, label));
  const uniforms = randomUniforms({ seed, stream: "points", index: 2 * index }, 3 * count);
  const normals = randomNormals({ seed, stream: "points", index: 2 * index + 1 }, 2 * count);
  const images = new Float32Array(2 * count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const [chance, ...u] = uniforms.subarray(3 * i, 3 * i + 3) as unknown as [
      number,
      number,
      number,
    ];
    const label = classAt(shares, chance);
    const z = [normals[2 * i] as number, normals[2 * i + 1] as number] as const;
    labels[i] = label;
    images.set(point({ label, u, z, own: ofClasses[label] as Pair[] }), 2 * i);
  }
  return { images, labels, count };
}

/** The class in whose share of (0, 1) a number lies. */
function classAt(shares: readonly number[], chance: number): number {
  let end = 0;
  const found = shares.findIndex((share) => {
    end += share;
    return chance < end;
  });
  return found === -1 ? shares.length - 1 : found;
}
