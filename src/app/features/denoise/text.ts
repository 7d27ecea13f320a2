/** What the view says of its settings, its generations and their steps. Pure. */

import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { MAX_DIGITS } from "../../../engine/config/sampling.ts";
import { samplerEntry } from "../../../engine/diffusion/samplers.ts";
import { counted, formatCount, stepsSuffix } from "../../../runtime/format.ts";
import { samplerKindOf } from "../../shared/network/chosenSampling.ts";
import { trainedWords } from "../../shared/network/weightsWords.ts";
import type { StartKind } from "../../state/generationKinds.ts";
import { frameStride, numSteps } from "../../state/slices/generation.ts";
import { parseWholeNumber } from "../../state/wholeNumber.ts";
import {
  type DenoiseGeneration,
  type DenoiseState,
  shownFrame,
  shownGenerations,
} from "./state/denoise.ts";
import { stopsOf } from "./state/denoiseFrames.ts";
import {
  askedOf,
  type DenoiseSettings,
  SIDES,
  type Side,
  type SideSettings,
  shownSides,
} from "./state/denoiseSettings.ts";
import type { PlanePoint } from "./state/plane.ts";

export const STARTS: { value: StartKind; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
  { value: "digit", label: "A digit with noise" },
  { value: "drawing", label: "My drawing" },
  { value: "plane", label: "A plane of digits" },
];

/** `36 digits of class 7, seed 0, DDIM`; `configs` are of the networks, which draw digits or not. */
export function settingsWords(
  settings: DenoiseSettings,
  configs: Record<Side, RunConfig | null>,
  areDigits: boolean,
): string {
  const { digits, seed, isComparing } = settings;
  const [a, b] = SIDES.map((side) => samplerWords(settings[side], configs[side]));
  const samplers = isComparing ? `A ${a}, B ${b}` : a;
  const sides = shownSides(settings);
  const numClasses = Math.max(...sides.map((side) => configs[side]?.classes ?? 0));
  const typedCount = parseWholeNumber(digits, { min: 1, max: MAX_DIGITS });
  const { asked } = askedOf(settings, { classes: numClasses, areDigits, typedCount });
  // As typed, where that is wrong.
  const typed =
    settings.start === "plane"
      ? `“${settings.corners}”`
      : settings.ask === "text"
        ? `“${settings.text}”`
        : `${digits} ${areDigits ? "digits" : "images"}`;
  return `${asked?.words ?? typed}, seed ${seed}, ${samplers}`;
}

function samplerWords({ steps, ...side }: SideSettings, config: RunConfig | null): string {
  const objective = config?.objective ?? HYPERPARAMETERS.objective.default;
  const { label, settings } = samplerEntry(samplerKindOf(side, config), objective);
  return steps === null || !settings.includes("timesteps") ? label : `${label} in ${steps}`;
}

/** In place of how long it took. */
export function liveWords({ settings }: Pick<DenoiseState, "settings">): string {
  return settings.start === "plane"
    ? "Point anywhere in the plane, or move with the arrow keys: the digit there is drawn at once."
    : "So few steps are fast: the digits follow as you draw, drag and type.";
}

/** `30 % to the right, 50 % down` */
export function pointWords([x, y]: PlanePoint): string {
  return `${Math.round(100 * x)} % to the right, ${Math.round(100 * y)} % down`;
}

const BEFORE: Record<StartKind, string> = {
  noise: "Pure noise of this seed. Press Generate to denoise it.",
  pair: "Two digits with noise, mixed from the first to the second. Press Generate to remove the noise.",
  digit: "The digit with different noise. Press Generate to remove it.",
  drawing: "Your drawing with different noise. Press Generate to remove it.",
  plane: "The noise of the plane. Press Generate to denoise it.",
};

/** What is seen before anything is generated. */
export function wordsBefore({
  settings,
  strokes,
}: Pick<DenoiseState, "settings" | "strokes">): string {
  const isBlank = settings.start === "drawing" && strokes.length === 0;
  return isBlank ? "Only noise so far: draw a digit first." : BEFORE[settings.start];
}

/**
 * `32 digits by Quick (trained model) after 1,200 training steps: DDIM, 50 steps, η = 0`
 *
 * @param of.name of its network; null where it has none, or nobody knows
 * @param of.isOfOther whether another network is chosen now
 */
export function generationWords(
  generation: Pick<
    DenoiseGeneration,
    "request" | "askedFor" | "trainedSteps" | "numTimesteps" | "status" | "times"
  > & { noising: Pick<DenoiseGeneration["noising"], "objective"> },
  side: Side,
  { name, isOfOther = false }: { name: string | null; isOfOther?: boolean },
): string {
  const { request, askedFor, trainedSteps, numTimesteps, status } = generation;
  if (status === "waiting") {
    return side === "a"
      ? "Waits for its turn."
      : "Starts from the same noise as A, when A is done.";
  }
  const { count, sampler, weights, start, condition } = request;
  const numAll = sampler.timesteps ?? numTimesteps;
  const isFromNoise = start.kind === "noise";
  const numTaken = isFromNoise ? numAll : numSteps(generation);
  const ofThem = numTaken < numAll ? `the last ${formatCount(numTaken)} of ` : "";
  const { label, numPasses } = samplerEntry(sampler.kind, generation.noising.objective);
  const suffix = stepsSuffix(sampler, numTaken, numPasses(numTaken, isFromNoise));
  const taken = `${ofThem}${counted(numAll, "step")}${suffix}`;
  const eta = sampler.eta === undefined ? "" : `, η = ${sampler.eta}`;
  const isAsked = condition?.labels.some((label) => label !== null);
  const guidance = isAsked ? `, guidance ${condition?.guidance}` : "";
  const how = `${label}, ${taken}${eta}${guidance}`;
  // The scrubber stands at these alone.
  const stride = frameStride(numSteps(generation), count);
  const kept = stride > 1 ? `, every ${ordinal(stride)} kept` : "";
  const raw = weights === "raw" ? ", latest weights" : "";
  const ended = status === "cancelled" || status === "interrupted" ? ` (${status})` : "";
  const by = name === null ? "" : ` by ${name}`;
  const trained = trainedSteps === null ? "" : ` ${trainedWords(trainedSteps)}`;
  const drawn = `${askedFor?.words ?? counted(count, "digit")}${by}${trained}`;
  const other =
    isOfOther && ended === ""
      ? ". Press Generate to draw with the network that is chosen now."
      : "";
  return `${drawn}: ${how}${kept}${raw}${ended}${other}`;
}

/** Of 2 to 20. */
function ordinal(number: number): string {
  return `${number}${{ 2: "nd", 3: "rd" }[number] ?? "th"}`;
}

/**
 * How many of the steps that one can go to a film has by now, the noise among them: `24 of 51 frames`
 *
 * @param numPictures of the film
 */
export function filmWords(
  generation: Pick<DenoiseGeneration, "request" | "times" | "numTimesteps">,
  numPictures: number,
): string | undefined {
  const numStops = stopsOf([generation]).length;
  if (numStops === 0) return undefined;
  const isAll = frameStride(numSteps(generation), generation.request.count) === 1;
  const frames = isAll ? "frames" : "kept frames";
  return `${numPictures} of ${formatCount(numStops)} ${frames}`;
}

/** Of a side's own steps, whatever part of their frames is kept: `step 18 of 50, t = 640` */
export function shownStepWords(state: DenoiseState, side: Side): string {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (!generation || !frame) return "no steps yet";
  const t = generation.times[frame.index] ?? -1;
  const level = t < 0 ? "finished" : `t = ${formatCount(t)}`;
  return `step ${formatCount(frame.index)} of ${formatCount(numSteps(generation))}, ${level}`;
}
