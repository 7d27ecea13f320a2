/** Points of the plane, drawn from a perceptron as digits are from a U-Net, and what it predicts anywhere in the plane. */
import * as tf from "@tensorflow/tfjs-core";
import { type Condition, numGuidancePasses } from "../config/condition.ts";
import { chunks } from "../data/imageOrder.ts";
import { predictClippedStart } from "../diffusion/model.ts";
import type { NoiseLevel } from "../diffusion/pointField.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { byName } from "../nn/parameters.ts";
import { splitParameters } from "../ops/parameterVector.ts";
import { groupSeed, randomNormals } from "../random.ts";
import { DigitSampler } from "../train/digitSampler.ts";
import type { Denoiser } from "../train/gradient.ts";
import { chunkCondition, guidedModel } from "../train/guidedModel.ts";
import { imageTensor } from "../train/images.ts";

/** Points of one forward pass, and of one seed; fewer than share the keys of a batch (`MAX_BATCH` in `random.ts`). */
const GROUP = 1000;

export interface DrawPointsOptions {
  /** Its weights are copied; the caller disposes them. */
  denoiser: Denoiser;
  sampler: Sampler;
  seed: number;
  count: number;
  /** One label for each point; "no label" for all when left out. */
  condition?: Condition | null;
}

/** The paths of points from noise to data. */
export interface PointPaths {
  /** The timestep of each frame, in [0, T); -1 of the last, the finished points. */
  times: readonly number[];
  /** The points at each of these times, `[count, 2]`; point i is the same one in all. */
  frames: Float32Array<ArrayBuffer>[];
}

/** Draws points from noise, and yields after each step; those of a seed are the first of any larger number. */
export async function* pointPaths(options: DrawPointsOptions): AsyncGenerator<void, PointPaths> {
  const { denoiser, sampler, seed, count, condition = null } = options;
  const groups = chunks(count, GROUP).map(
    ({ start, end }, group) =>
      new DigitSampler({
        denoiser,
        sampler,
        seed: groupSeed(seed, group),
        count: end - start,
        chunkSize: (condition ? numGuidancePasses(condition) : 1) * GROUP,
        start: { from: "noise" },
        condition: condition && { ...condition, labels: condition.labels.slice(start, end) },
      }),
  );
  const times = groups[0]?.times ?? [];
  const frames: Float32Array<ArrayBuffer>[] = [];
  try {
    while (frames.length < times.length) {
      for (const group of groups) group.advance();
      const x = groups.flatMap(({ frame }) => frame.x);
      frames.push(joined(await Promise.all(x.map((part) => part.data<"float32">()))));
      yield;
    }
  } finally {
    for (const group of groups) group.dispose();
  }
  return { times, frames };
}

/** @returns `[count, 2]`, the finished points */
export async function drawPoints(options: DrawPointsOptions): Promise<Float32Array<ArrayBuffer>> {
  const drawing = pointPaths(options);
  for (;;) {
    const { done, value } = await drawing.next();
    if (done) return value.frames.at(-1) ?? new Float32Array();
  }
}

/** Points that flow from noise to data, and what the network predicts meanwhile at places that stay. */
export interface PointFlow {
  /** The factors of point and noise at each frame. */
  levels: NoiseLevel[];
  /** The points at each frame, `[count, 2]`. */
  frames: Float32Array<ArrayBuffer>[];
  /** The x_0 predicted at the places at each frame, `[N, 2]`; null where it was not asked for, and at the last frame. */
  starts: (Float32Array<ArrayBuffer> | null)[];
}

/**
 * Draws points, and then asks the network at places of the plane.
 *
 * @param options.label the class that all are asked to be; null for "no label"
 * @param options.places `[N, 2]`
 * @param options.fieldAt the frame at which the network is asked at the places, or all
 * @yields after each step
 */
export async function* pointFlow(
  options: Omit<DrawPointsOptions, "condition"> & {
    label: number | null;
    guidance: number;
    places: Float32Array;
    fieldAt: number | "all";
  },
): AsyncGenerator<void, PointFlow> {
  const { denoiser, count, label, guidance, places, fieldAt } = options;
  const { signals, noises } = denoiser.schedule;
  const condition = sameClass({ label, guidance }, count);
  const { times, frames } = yield* pointPaths({ ...options, condition });
  const ofPlaces = sameClass({ label, guidance }, places.length / 2);
  const starts: PointFlow["starts"] = [];
  for (const [frame, t] of times.entries()) {
    const isAsked = t >= 0 && (fieldAt === "all" || fieldAt === frame);
    const asked = { denoiser, points: places, t, condition: ofPlaces };
    starts.push(isAsked ? await predictedStarts(asked) : null);
    if (isAsked) yield;
  }
  const levels = times.map((t) => ({ signal: signals[t] ?? 1, noise: noises[t] ?? 0 }));
  return { levels, frames, starts };
}

/** The condition of `count` points that are all asked to be of one class; null where that is none. */
export function sameClass(
  { label, guidance }: { label: number | null; guidance: number },
  count: number,
): Condition | null {
  return label === null ? null : { labels: new Array<number>(count).fill(label), guidance };
}

/** The size of a step of Langevin dynamics of points, see `langevinWalk`. */
export const LANGEVIN_STEP = 0.1;

/**
 * The timestep of each step of Langevin dynamics: always the same, or annealed, from the most noise to it for two thirds of the steps.
 *
 * @param walk.level the noise level as a share of T - 1
 */
export function langevinTimes(
  { level, isAnnealed, numSteps }: { level: number; isAnnealed: boolean; numSteps: number },
  numTimesteps: number,
): number[] {
  return Array.from({ length: numSteps }, (_, step) => {
    const left = isAnnealed ? Math.max(0, 1 - step / ((2 / 3) * numSteps)) : 0;
    return Math.round((level + (1 - level) * left) * (numTimesteps - 1));
  });
}

/**
 * Lets points walk by Langevin dynamics: each step follows the score s = -eps / sigma of a noise level, and adds fresh noise z,
 * x + e s + sqrt(2 e) z with e = stepSize sigma² (Song and Ermon 2019, algorithm 1, which walks through levels with less and
 * less noise). They begin as standard normal noise.
 *
 * @param options.times the timestep of each step's level, in [0, T)
 * @param options.stepSize above 0
 * @yields after each step
 * @returns the points before the first step and after each, `[count, 2]`
 */
export async function* langevinWalk(
  options: Omit<DrawPointsOptions, "sampler"> & { times: readonly number[]; stepSize: number },
): AsyncGenerator<void, Float32Array<ArrayBuffer>[]> {
  const { denoiser, seed, count, condition = null, times, stepSize } = options;
  const { signals, noises } = denoiser.schedule;
  const fresh = (index: number) => randomNormals({ seed, stream: "sampling", index }, 2 * count);
  let x = fresh(0);
  const frames = [x];
  for (const [step, t] of times.entries()) {
    const [signal, noise] = [signals[t] as number, noises[t] as number];
    const x0 = await predictedStarts({ denoiser, points: x, t, condition });
    const z = fresh(step + 1);
    // e s = -stepSize sigma eps, of which sigma eps is what is not the point's own part.
    x = x.map((value, i) => {
      const scaledEps = value - signal * (x0[i] as number);
      return value - stepSize * scaledEps + Math.sqrt(2 * stepSize) * noise * (z[i] as number);
    });
    frames.push(x);
    yield;
  }
  return frames;
}

/**
 * The x_0 that a network predicts for points as they are at a timestep.
 *
 * @param options.points `[N, 2]`
 * @param options.t in [0, T)
 * @param options.condition one label for each point; null for "no label"
 * @returns `[N, 2]`
 */
export async function predictedStarts(options: {
  denoiser: Denoiser;
  points: Float32Array;
  t: number;
  condition: Condition | null;
}): Promise<Float32Array<ArrayBuffer>> {
  const { denoiser, points, t, condition } = options;
  const { network, schedule, values } = denoiser;
  const x0 = tf.tidy(() => {
    const weights = splitParameters(network.parameters, values);
    const all = { start: 0, end: points.length / 2 };
    const asked = condition && chunkCondition(condition, network.classes, all);
    const model = guidedModel(network, byName(network.parameters, weights), asked);
    const x = imageTensor(points, network.shape);
    return predictClippedStart({ model, schedule, x, t, before: null }).x0;
  });
  const predicted = joined([await x0.data<"float32">()]);
  x0.dispose();
  return predicted;
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
