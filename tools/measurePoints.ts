/**
 * `npm run measure:points`: how long a perceptron takes to learn points of the plane on one thread of WebAssembly, and how near
 * what it draws comes to fresh points of the same kind. docs/performance.md has what came out.
 */
import { defaultConfig, type RunConfig } from "../src/engine/config/hyperparameters.ts";
import { POINT_SETS, type PointSetId } from "../src/engine/data/pointSets.ts";
import { freshPoints, pointData } from "../src/engine/data/points.ts";
import type { Sampler } from "../src/engine/diffusion/samplers.ts";
import { drawPoints } from "../src/engine/quality/drawPoints.ts";
import { slicedWasserstein } from "../src/engine/quality/pointDistances.ts";
import { TrainingSession } from "../src/engine/train/session.ts";
import { countOption, idOption, type Options, typedOptions } from "../src/hosts/cli/options.ts";
import { startNodeWasm } from "../src/hosts/cli/parts/nodeBackend.ts";

const POINTS = Object.keys(POINT_SETS) as PointSetId[];

export const OPTIONS = {
  points: { type: "string", default: "moons", help: POINTS.join(", ") },
  seeds: { type: "string", default: "3", help: "runs, of seeds 0, 1, and so on" },
  count: { type: "string", default: "2000", help: "points that are drawn and compared" },
} as const satisfies Options;

/** About a thousand steps. */
const TRAINING: Partial<RunConfig> = {
  architecture: "perceptron",
  numPoints: 16_000,
  objective: "flow",
  timestepSampling: "logitNormal",
  lossWeight: "none",
  batchSize: 256,
  epochs: 16,
  learningRate: 0.01,
  warmupSteps: 20,
  lrDecay: "cosine",
  maxGradNorm: 1,
  emaDecay: 0.99,
  emaUpdateAfter: 0,
  emaUpdateEvery: 1,
  validateEvery: 0,
};

const SAMPLER: Sampler = { kind: "dpmpp2m", timesteps: 20, spacing: "logSnr" };

/** A distance of two sets is mostly chance: so many of each kind are compared. */
const NUM_SETS = 8;

export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const points = idOption("points", options.points, POINTS);
  const numSeeds = countOption("seeds", options.seeds);
  const count = countOption("count", options.count, 2);
  await startNodeWasm();
  for (let seed = 0; seed < numSeeds; seed++) {
    await measure({ ...defaultConfig(), ...TRAINING, points, seed }, count);
  }
  return 0;
}

/** Trains a run, and measures it after each quarter; the clock stands still meanwhile. */
async function measure(config: RunConfig, count: number): Promise<void> {
  const fresh = freshPoints(config, 2 * NUM_SETS * count).images as Float32Array;
  const sets = Array.from({ length: 2 * NUM_SETS }, (_, i) =>
    fresh.subarray(2 * count * i, 2 * count * (i + 1)),
  );
  const [some, others] = [sets.slice(0, NUM_SETS), sets.slice(NUM_SETS)];
  const floor = meanDistance(some, others);
  const session = new TrainingSession({
    config,
    dataset: pointData(config),
    microBatchSize: config.batchSize,
    validationChunkSize: 1000,
    start: { from: "weights", values: null },
    stepsAhead: 1,
  });
  let [trainedMs, sinceMs] = [0, performance.now()];
  for await (const report of session.run()) {
    if (report.type !== "epoch" || report.epoch.epoch % (config.epochs / 4) !== 0) continue;
    trainedMs += performance.now() - sinceMs;
    const drawn: Float32Array[] = [];
    for (let group = 0; group < NUM_SETS; group++) {
      const { sampler: denoiser } = session;
      drawn.push(await drawPoints({ denoiser, sampler: SAMPLER, seed: group, count }));
    }
    const ratio = meanDistance(drawn, others) / floor;
    console.log(
      `${config.points}, seed ${config.seed}, step ${report.epoch.step}, ${(trainedMs / 1000).toFixed(1)} s: ${ratio.toFixed(2)} times the distance of fresh points to themselves, ${floor.toExponential(1)}`,
    );
    sinceMs = performance.now();
  }
  session.dispose();
}

/** Of each of some to each of the others. */
function meanDistance(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  const distances = some.flatMap((of) => others.map((other) => slicedWasserstein(of, other)));
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
