/** What is said of digits that are drawn, or are about to be. Pure. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../../engine/config/sampling.ts";
import type { Noun } from "../../../../engine/data/datasets.ts";
import { samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { counted, formatCount, stepsSuffix, withArticle } from "../../../../runtime/format.ts";
import { formatTrained } from "../../../shared/network/weightsText.ts";
import { numSteps } from "../../../state/slices/generation.ts";
import type { Side } from "./drawSettings.ts";
import { imageKind, type StartKind } from "./drawStart.ts";
import { type DrawGeneration, type DrawState, shownFrame, shownGenerations } from "./drawState.ts";

const BEFORE: Record<StartKind, string | ((noun: Noun) => string)> = {
  noise: "Pure noise of this seed. Press Generate to denoise it.",
  pair: (noun) =>
    `Two ${noun}s with noise, mixed from the first to the second. Press Generate to remove the noise.`,
  digit: (noun) => `The ${noun} with different noise. Press Generate to remove the noise.`,
  drawing: "Your drawing with different noise. Press Generate to remove the noise.",
  own: "The picture with different noise. Press Generate to remove the noise.",
  plane: "The noise of the plane. Press Generate to denoise it.",
  fill: "Pure noise of this seed. Press Generate to fill in the marked part.",
  invert: (noun) =>
    `The ${noun} itself. Press Generate to go to its noise, and from there to other ${noun}s.`,
  arc: (noun) =>
    `The two ${noun}s. Press Generate to go to their noise, and from there to all between.`,
  readings: "Pure noise of this seed. Press Generate to draw pictures with two readings.",
};

/**
 * What is seen before anything is generated.
 *
 * @param nouns what one of the network's images is called, and one of the set's, with which it may begin
 */
export function captionBefore(
  { settings, strokes }: Pick<DrawState, "settings" | "strokes">,
  nouns: { ofNetwork: Noun; ofSet: Noun },
): string {
  const { start } = settings;
  const isBlank = imageKind(settings) === "drawing" && strokes.length === 0;
  if (isBlank) return `Nothing but noise yet. Draw ${withArticle(nouns.ofNetwork)} to begin.`;
  const words = BEFORE[start];
  return typeof words === "string" ? words : words(nouns.ofSet);
}

export interface Caption {
  /** `32 digits by Quick (trained model), 50 steps` */
  short: string;
  /** `32 digits by Quick (trained model) after 1,200 training steps: DDIM, 50 steps, η = 0` */
  full: string;
}

/**
 * @param of.name of its network; null where it has none, or nobody knows
 * @param of.isOutdated whether other settings, or another network, are chosen now
 */
export function generationCaption(
  generation: Pick<
    DrawGeneration,
    "request" | "askedFor" | "trainedSteps" | "numTimesteps" | "status" | "times"
  > & { noising: Pick<RunConfig, "objective"> },
  side: Side,
  { name, isOutdated = false }: { name: string | null; isOutdated?: boolean },
): Caption {
  const { request, askedFor, trainedSteps, numTimesteps, status } = generation;
  if (status === "waiting") {
    const words =
      side === "a" ? "Waits for its turn." : "Starts from the same noise as A, when A is done.";
    return { short: words, full: words };
  }
  const { count, sampler, weights, start, condition } = request;
  const numAll = sampler.timesteps ?? numTimesteps;
  const { times } = generation;
  const numRises = times.filter((t, i) => i > 0 && t > (times[i - 1] as number)).length;
  const numFalls = times.length > 0 ? numSteps(generation) - numRises : numAll;
  const isFromNoise = times.length === 0 || times.includes(numTimesteps - 1);
  const ofThem = numFalls < numAll ? `the last ${formatCount(numFalls)} of ` : "";
  const { label, numPasses } = samplerEntry(sampler.kind, generation.noising.objective);
  // Noise that is added again asks for no prediction, an inversion for one a step.
  const numInverted = start.kind === "inversion" || start.kind === "arc" ? numRises : 0;
  const numPredictions = numPasses(numFalls, isFromNoise) + numInverted;
  const suffix = stepsSuffix(sampler, numFalls, numPredictions);
  const again =
    start.kind === "filling" && start.resamplings > 1 ? `, each ${start.resamplings} times` : "";
  const taken = `${ofThem}${counted(numAll, "step")}${again}`;
  const eta = sampler.eta === undefined ? "" : `, η = ${sampler.eta}`;
  const stepSize = sampler.stepSize === undefined ? "" : `, r = ${sampler.stepSize}`;
  const isAsked = condition?.labels.some((label) => label !== null);
  const guidance = isAsked ? `, guidance ${condition?.guidance}` : "";
  // The scrubber stands at these alone.
  const stride = frameStride(numSteps(generation), count);
  const kept = stride > 1 ? `, every ${ordinal(stride)} kept` : "";
  const raw = weights === "raw" ? ", latest weights" : "";
  const ended = status === "cancelled" || status === "interrupted" ? ` (${status})` : "";
  const by = name === null ? "" : ` by ${name}`;
  const trained = trainedSteps === null ? "" : ` ${formatTrained(trainedSteps)}`;
  const drawn = `${askedFor.words}${by}`;
  const other =
    isOutdated && ended === "" ? ". The settings have changed since: press Generate." : "";
  return {
    short: `${drawn}, ${taken}${raw}${ended}${other}`,
    full: `${drawn}${trained}: ${label}, ${taken}${suffix}${eta}${stepSize}${guidance}${kept}${raw}${ended}${other}`,
  };
}

/** `2nd`, `13th`, `41st` */
function ordinal(number: number): string {
  const tens = number % 100;
  const isTeen = tens > 10 && tens < 14;
  const ending = { 1: "st", 2: "nd", 3: "rd" }[isTeen ? 0 : number % 10] ?? "th";
  return `${number}${ending}`;
}

/** Where a side is among all its steps, whatever part of their frames is kept: `step 18 of 50, t = 640` */
export function formatStep(state: DrawState, side: Side): string {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (!generation || !frame) return "no steps yet";
  const t = generation.times[frame.index] ?? -1;
  const level = t >= 0 ? `t = ${formatCount(t)}` : frame.index === 0 ? "the image" : "finished";
  return `step ${formatCount(frame.index)} of ${formatCount(numSteps(generation))}, ${level}`;
}

/** `A: Save PNG of the grid`, where the digits of two sides are there. */
export function ofSide(side: Side, isNamed: boolean, words: string): string {
  return isNamed ? `${side.toUpperCase()}: ${words}` : words;
}
