/**
 * `npm run measure:points`: how long a perceptron takes to learn points of the plane on one thread of WebAssembly, and how near
 * what it draws comes to fresh points of the same kind; with `--reflow` also after the flow was straightened. docs/performance.md
 * has what came out.
 */
import type { RunConfig } from "../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../src/engine/config/presets.ts";
import { samplerOf } from "../src/engine/config/sampling.ts";
import { classShares, POINT_SETS, type PointSetId } from "../src/engine/data/pointSets.ts";
import { freshPoints, pointData } from "../src/engine/data/points.ts";
import { OBJECTIVES, type ObjectiveId } from "../src/engine/diffusion/objectives.ts";
import { straightness } from "../src/engine/diffusion/pointField.ts";
import type { Sampler } from "../src/engine/diffusion/samplers.ts";
import {
  drawPoints,
  LANGEVIN_STEP,
  langevinTimes,
  langevinWalk,
  pointPaths,
} from "../src/engine/quality/drawPoints.ts";
import { measurePlane } from "../src/engine/quality/planeMeasures.ts";
import { PointMeter } from "../src/engine/quality/pointMeter.ts";
import type { Denoiser } from "../src/engine/train/gradient.ts";
import { TrainingSession } from "../src/engine/train/session.ts";
import { countOption, idOption, type Options, typedOptions } from "../src/hosts/cli/options.ts";
import { startNodeWasm } from "../src/hosts/cli/parts/nodeBackend.ts";

const POINTS = Object.keys(POINT_SETS) as PointSetId[];
const OBJECTIVE_IDS = Object.keys(OBJECTIVES) as ObjectiveId[];

export const OPTIONS = {
  points: { type: "string", default: "moons", help: POINTS.join(", ") },
  objective: { type: "string", default: "flow", help: OBJECTIVE_IDS.join(", ") },
  seeds: { type: "string", default: "3", help: "runs, of seeds 0, 1, and so on" },
  count: { type: "string", default: "2000", help: "points that are drawn and compared" },
  labels: { type: "boolean", help: "train with labels, and ask for each class with guidance" },
  reflow: { type: "boolean", help: "straighten the flow, and measure it again" },
} as const satisfies Options;

/** Sets of drawn points that are measured: one alone would be mostly chance. */
const NUM_SETS = 8;

const GOOD: Sampler = { kind: "dpmpp2m", timesteps: 20, spacing: "logSnr" };
const ONE_STEP: Sampler = { kind: "ddim", timesteps: 1, spacing: "even" };

export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const points = idOption("points", options.points, POINTS);
  const objective = idOption("objective", options.objective, OBJECTIVE_IDS);
  const numSeeds = countOption("seeds", options.seeds);
  const count = countOption("count", options.count, 2);
  await startNodeWasm();
  for (let seed = 0; seed < numSeeds; seed++) {
    const known = { ...presetConfig("points"), points, objective, seed };
    const classes = options.labels ? classShares(known).length : 0;
    const config = { ...known, classes };
    const values = await measure(config, count, null);
    if (options.reflow) {
      await measure({ ...config, reflowSteps: 20, epochs: 6 }, count, values);
    }
  }
  return 0;
}

/**
 * Trains a run, and measures it.
 *
 * @param start weights to begin with; null for those of the seed
 * @returns the moving average of the weights
 */
async function measure(
  config: RunConfig,
  count: number,
  start: Float32Array | null,
): Promise<Float32Array> {
  const session = new TrainingSession({
    config,
    dataset: pointData(config),
    microBatchSize: config.batchSize,
    validationChunkSize: 1000,
    start: { from: "weights", values: start },
    stepsAhead: 1,
  });
  const startMs = performance.now();
  let loss = Number.NaN;
  for await (const report of session.run()) {
    if (report.type === "epoch") loss = report.epoch.validationLoss;
  }
  const trainedMs = performance.now() - startMs;
  const { sampler: denoiser } = session;
  const meter = new PointMeter(config, count);
  const figures = [
    `good ${await ratio(meter, denoiser, GOOD, count)}`,
    `shown ${await ratio(meter, denoiser, samplerOf(config.samplingTimesteps, config), count)}`,
    `one step ${await ratio(meter, denoiser, ONE_STEP, count)}`,
    `straightness ${(await straightnessOf(denoiser, config, count)).toFixed(2)}`,
    ...(config.points === "modes" ? await modeFigures(denoiser, config, count) : []),
    ...(config.classes > 0
      ? await guidanceFigures(denoiser, config, count)
      : await fieldFigures(denoiser, config)),
  ];
  const name = start ? "straightened" : config.objective;
  console.log(
    `${config.points}, ${name}, seed ${config.seed}, ${session.totalSteps} steps, ${(trainedMs / 1000).toFixed(1)} s, validation loss ${loss.toFixed(3)}: ${figures.join(", ")}`,
  );
  const values = await denoiser.values.data<"float32">();
  session.dispose();
  return Float32Array.from(values);
}

/** Their distance to fresh points, in distances of fresh points to each other. */
async function ratio(
  meter: PointMeter,
  denoiser: Denoiser,
  sampler: Sampler,
  count: number,
): Promise<string> {
  let sum = 0;
  for (let seed = 0; seed < NUM_SETS; seed++) {
    sum += meter.measure(await drawPoints({ denoiser, sampler, seed, count })).wasserstein;
  }
  return (sum / NUM_SETS).toFixed(2);
}

async function straightnessOf(denoiser: Denoiser, config: RunConfig, count: number) {
  const sampler = samplerOf(config.samplingTimesteps, config);
  const work = pointPaths({ denoiser, sampler, seed: 0, count });
  for (;;) {
    const { done, value } = await work.next();
    if (done) return straightness(value.frames);
  }
}

/** The error of the field, over all timesteps, and the samplers at few predictions. */
async function fieldFigures(denoiser: Denoiser, config: RunConfig): Promise<string[]> {
  const work = measurePlane(denoiser, config);
  for (;;) {
    const { done, value } = await work.next();
    if (!done) continue;
    const { fieldErrors, samplers } = value;
    const mean = (name: "error" | "unavoidable") =>
      fieldErrors.reduce((sum, at) => sum + at[name], 0) / fieldErrors.length;
    const few = samplers.map(
      ({ sampler, numPasses, wasserstein }) =>
        `${sampler.kind} ${sampler.spacing} ${numPasses}: ${wasserstein.toFixed(1)}`,
    );
    return [
      `error of x0 ${mean("error").toPrecision(2)} beside ${mean("unavoidable").toPrecision(2)}`,
      few.join("; "),
    ];
  }
}

/**
 * How far from the middle of the plane the points of class 0 lie on average, and how far from each other (the root of the sum of
 * both variances), by guidance; and those of the data.
 */
async function guidanceFigures(
  denoiser: Denoiser,
  config: RunConfig,
  count: number,
): Promise<string[]> {
  const sampler = samplerOf(config.samplingTimesteps, config);
  const { images, labels } = freshPoints(config, count);
  const ofClass = [...labels.keys()]
    .filter((i) => labels[i] === 0)
    .flatMap((i) => [...images.subarray(2 * i, 2 * i + 2)]);
  const figures = [`data of class 0 ${placeOf(Float32Array.from(ofClass))}`];
  for (const guidance of [0, 1, 2, 4]) {
    const condition = { labels: new Array<number>(count).fill(0), guidance };
    const points = await drawPoints({ denoiser, sampler, seed: 0, count, condition });
    figures.push(`guidance ${guidance}: ${placeOf(points)}`);
  }
  return figures;
}

function placeOf(points: Float32Array): string {
  const count = points.length / 2;
  const mean = [0, 1].map((axis) => {
    let sum = 0;
    for (let i = axis; i < points.length; i += 2) sum += points[i] as number;
    return sum / count;
  }) as [number, number];
  let variance = 0;
  for (const [i, value] of points.entries()) {
    variance += (value - (mean[i % 2] as number)) ** 2 / count;
  }
  return `${Math.hypot(...mean).toFixed(2)} from the middle, ${Math.sqrt(variance).toFixed(2)} wide`;
}

/** The share of points in the larger mode, which has four fifths of the data: as they flow, and by Langevin dynamics. */
async function modeFigures(
  denoiser: Denoiser,
  config: RunConfig,
  count: number,
): Promise<string[]> {
  // The larger one is on the left.
  const share = (points: Float32Array) => {
    const numLeft = points.filter((value, i) => i % 2 === 0 && value < 0).length;
    return `${((100 * numLeft) / (points.length / 2)).toFixed(0)} %`;
  };
  const drawing = { denoiser, seed: 0, count };
  const sampler = samplerOf(config.samplingTimesteps, config);
  const figures = [`flowing ${share(await drawPoints({ ...drawing, sampler }))}`];
  for (const isAnnealed of [false, true]) {
    const walk = { level: 0.1, isAnnealed, numSteps: 200 };
    const times = langevinTimes(walk, denoiser.schedule.numTimesteps);
    const work = langevinWalk({ ...drawing, times, stepSize: LANGEVIN_STEP });
    let step = await work.next();
    while (!step.done) step = await work.next();
    const name = isAnnealed ? "annealed" : "at one level";
    figures.push(`Langevin ${name} ${share(step.value.at(-1) ?? new Float32Array())}`);
  }
  return figures;
}
