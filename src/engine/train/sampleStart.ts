import type { Label } from "../config/condition.ts";
import type { RunConfig } from "../config/hyperparameters.ts";
import { samplerOf } from "../config/sampling.ts";
import type { FlipId } from "../diffusion/editing/flips.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { createSchedule } from "../diffusion/schedule.ts";
import { DEFAULT_SPACING, type NoiseLevels, SPACINGS } from "../diffusion/spacings.ts";
import { randomNormals, samplingKey } from "../random.ts";

/** The images that sampling begins with. */
export type SampleStart =
  /**
   * Pure noise, x_T; the same for all images, to see what labels change, or each its own when left out. With
   * `mixes` each is mixed of the noises of the first images (`mixedNormals`).
   */
  | { from: "noise"; isShared?: boolean; mixes?: readonly (readonly number[])[] }
  /** Two images in [-1, 1], `[2, 28, 28]`, noised to timestep t (`pairTimestep`), and mixed in growing shares. */
  | { from: "pair"; images: Float32Array; t: number }
  /** An image in [-1, 1], `[28, 28]`, noised to timestep t in [0, T) (SDEdit, Meng et al. 2022). */
  | { from: "image"; image: Float32Array; t: number }
  // These change more than the first images: see `EDITINGS`.
  | FillingStart
  | InversionStart
  | ReadingsStart;

/** Images whose known part stays, while the rest is filled in, beginning with noise (RePaint, Lugmayr et al. 2022). */
export interface FillingStart {
  from: "filling";
  /** In [-1, 1], one for each digit, `[count, 28, 28]`. */
  images: Float32Array;
  /** 1 where an image is known, 0 where it is filled in, `[28, 28]`. */
  mask: Uint8Array;
  /** How often each part of the way is walked, 1 or more. */
  resamplings: number;
  /** Steps of such a part, 1 or more. */
  jump: number;
}

/** Images that are inverted to timestep t in [0, T), one for each digit or two to go between, and denoised from there. */
export interface InversionStart {
  from: "inversion";
  /** In [-1, 1], `[count, 28, 28]`, or `[2, 28, 28]` where `isArc`. */
  images: Float32Array;
  /** What the network is told that they are; null for "no label". As many as images. */
  labels: readonly Label[];
  t: number;
  /** Whether digits begin along the arc between the two that they are inverted to. */
  isArc?: boolean;
}

/** @throws RangeError when nothing can be drawn from a start */
export function checkStart(start: SampleStart, count: number): void {
  const wrong = start.from === "filling" ? maskError(start.mask) : null;
  if (wrong) throw new RangeError(wrong);
  if (start.from === "inversion" && start.isArc && count < 2) {
    throw new RangeError(
      `Expected at least 2 digits to go from one image to another, got ${count}.`,
    );
  }
}

/** What is wrong with a mask, `[28, 28]`, 1 where the image is known; null when nothing is. */
export function maskError(mask: Uint8Array): string | null {
  if (mask.every((known) => known === 1)) {
    return "There is nothing to fill in: mark the part that the network is to draw.";
  }
  if (mask.every((known) => known === 0)) {
    return "Nothing of the image would remain: leave a part unmarked, or begin with noise.";
  }
  return null;
}

/**
 * Why no part of the way can be walked again, which begins with noise; null when it can, or need not. The last step ends with
 * the finished image, which is not gone back from.
 */
export function jumpError(
  { jump, resamplings }: Pick<FillingStart, "jump" | "resamplings">,
  numSteps: number,
): string | null {
  if (resamplings === 1 || jump < numSteps) return null;
  return numSteps === 1
    ? `Expected 2 or more steps to take again, got 1: take more steps, or set resamplings to 1.`
    : `Expected a jump of 1 to ${numSteps - 1} steps, since the last of ${numSteps} is not taken again, got ${jump}: choose a shorter jump, or more steps.`;
}

/** Noise that is to become one digit, and another once it is flipped (visual anagrams, Geng et al. 2024). */
export interface ReadingsStart {
  from: "readings";
  flip: FlipId;
  /** What a network with classes is asked for in the flipped images, one label for each digit. */
  labels: readonly Label[];
}

/**
 * The noise that a sampler begins with, mixed of that of a batch's first images: image i is the sum over j of
 * mixes[i][j] times the noise of image j. It is standard normal where the squares of its shares add up to 1.
 *
 * @returns `[mixes.length, length]`
 */
export function mixedNormals(
  seed: number,
  mixes: readonly (readonly number[])[],
  length: number,
): Float32Array<ArrayBuffer> {
  const mixed = new Float32Array(mixes.length * length);
  const numNoises = Math.max(0, ...mixes.map((shares) => shares.length));
  for (let j = 0; j < numNoises; j++) {
    const noise = randomNormals(samplingKey({ seed, image: j, step: 0 }), length);
    for (const [image, shares] of mixes.entries()) {
      const [share, from] = [shares[j] ?? 0, image * length];
      for (let i = 0; i < length; i++) {
        mixed[from + i] = (mixed[from + i] as number) + share * (noise[i] as number);
      }
    }
  }
  return mixed;
}

/**
 * The timesteps that a sampler visits from a start; the last is -1, the finished image. They fall, but rise before that
 * while images are inverted, and where a part of the way is walked again to fill in.
 */
export function timestepsFrom(
  start: SampleStart,
  { timesteps, spacing = DEFAULT_SPACING }: Sampler,
  levels: NoiseLevels,
): number[] {
  const numSteps = timesteps ?? levels.numTimesteps;
  const falling = SPACINGS[spacing].timesteps(levels, numSteps, firstOf(start));
  if (start.from === "filling") return withJumps(falling, start);
  return start.from === "inversion" ? [...falling.toReversed(), ...falling.slice(1)] : falling;
}

/**
 * Goes back after every `jump` steps, except from the finished image, until each such part was walked `resamplings` times,
 * as the official code of RePaint does (`get_schedule_jump`).
 *
 * @param falling the timesteps without jumps, the last -1
 */
function withJumps(
  falling: readonly number[],
  { jump, resamplings }: Pick<FillingStart, "jump" | "resamplings">,
): number[] {
  const last = falling.length - 1;
  const left = falling.map((_, i) =>
    i < last && i >= jump && (last - 1 - i) % jump === 0 ? resamplings - 1 : 0,
  );
  const path = [0];
  let here = 0;
  while (here < last) {
    here++;
    path.push(here);
    if ((left[here] as number) > 0) {
      left[here] = (left[here] as number) - 1;
      here -= jump;
      path.push(here);
    }
  }
  return path.map((i) => falling[i] as number);
}

/** The timesteps that the previews of a run visit, falling; the last is -1, the finished image. */
export function previewTimes(config: RunConfig): number[] {
  const sampler = samplerOf(config.previewTimesteps, config);
  return timestepsFrom({ from: "noise" }, sampler, createSchedule(config));
}

/** The timestep of the first images; null for pure noise. */
function firstOf(start: SampleStart): number | null {
  if (!("t" in start)) return null;
  // Two images are denoised from t - 1 on, as `interpolate` of lucidrains' library does.
  return start.from === "pair" ? Math.max(0, start.t - 1) : start.t;
}
