/** What people read in the view of denoising. Pure. */
import { defaultConfig, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../engine/config/sampling.ts";
import { samplerEntry } from "../../../engine/diffusion/samplers.ts";
import { counted, formatCount, formatDuration, stepsSuffix } from "../../../runtime/format.ts";
import { chosenSampler } from "../../../runtime/sampling/sampling.ts";
import { formatTrained } from "../../shared/network/weightsText.ts";
import { type Generation, numSteps } from "../../state/slices/generation.ts";
import {
  type DenoiseGeneration,
  type DenoiseState,
  shownFrame,
  shownGenerations,
} from "./state/denoise.ts";
import { type Shown, stopsOf } from "./state/denoiseFrames.ts";
import {
  askedOf,
  type DenoiseSettings,
  type Side,
  type SideSettings,
  type StartKind,
  shownSides,
} from "./state/denoiseSettings.ts";
import type { PlanePoint } from "./state/plane.ts";

export const COMPARE = "Compare two settings on the same noise";
export const PAIR_OF_SEED = "The seed chose these two; click two others to choose your own.";
export const AS_SEEN = "as the network sees it";
export const NONE_PICKED =
  "Once digits are generated, choose one in the grid to see it large here, with its steps.";

/** The pad to draw on, and what is below it. */
export const PAD = {
  drawn: "Your drawing",
  empty: "An empty pad: draw a digit",
  invitation: "Draw a digit here",
  tools: "By mouse, pen or finger.",
  keyHint: "With the keyboard, start from “A digit with noise”.",
};

export const CORNERS_HELP = {
  classes:
    "Four classes, and in between all mixtures of them. With one class the corners are different noise.",
  noise:
    "At the corners are the first four digits of this seed, and in between all mixtures of their noise.",
};

export const SHOWN_HELP: Record<Shown, string> = {
  xt: "The digits as they are at this step.",
  x0: "The network's current guess of the finished digits.",
};

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
  const { start, ask, text, corners, count, seed, isComparing } = settings;
  const sampler = (side: Side) => samplerWords(settings[side], configs[side]);
  const samplers = isComparing ? `A ${sampler("a")}, B ${sampler("b")}` : sampler("a");
  const numClasses = Math.max(...shownSides(settings).map((side) => configs[side]?.classes ?? 0));
  const { asked } = askedOf(settings, { classes: numClasses, areDigits });
  // Where something is wrong, the words are those that were typed.
  const typed =
    start === "plane"
      ? `“${corners}”`
      : ask === "text"
        ? `“${text}”`
        : `${count} ${areDigits ? "digits" : "images"}`;
  return `${asked?.words ?? typed}, seed ${seed}, ${samplers}`;
}

function samplerWords({ network: _, ...text }: SideSettings, config: RunConfig | null): string {
  const { label, settings } = chosenSampler(text, { config: config ?? defaultConfig() });
  const { steps } = text;
  return steps === null || !settings.includes("timesteps") ? label : `${label} in ${steps}`;
}

export function stepsRangeWords(hasSteps: boolean, numTimesteps: number): string {
  return `${hasSteps ? "1 to" : "All"} ${formatCount(numTimesteps)} steps.`;
}

/** How much of the second of two is in all digits; null goes from the one to the other. */
export function mixWords(mix: number | null): string {
  return mix === null ? "from the first to the second" : `${Math.round(100 * mix)} %`;
}

/** What becomes of two digits, in all digits the same mixture of them or not. */
export function pairWords(isMixed: boolean): string {
  return isMixed
    ? "the two are mixed, then noise is added up to here and removed."
    : "noise is added to both up to here, then they are mixed and denoised.";
}

/** How generations ended; null where there are none. */
export function outcomeWords(all: readonly Generation[]): string | null {
  if (all.length === 0) return null;
  if (all.some(({ status }) => status === "cancelled")) return "Cancelled.";
  if (all.some(({ status }) => status === "interrupted")) {
    return "Stopped, because a run was started or opened. Press Generate to draw the digits again.";
  }
  return `Done in ${formatDuration(all.reduce((sum, { elapsedMs }) => sum + (elapsedMs ?? 0), 0))}.`;
}

/** In place of how long it took. */
export function liveWords(start: StartKind): string {
  return start === "plane"
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
export function wordsBefore({ settings: { start }, strokes }: DenoiseState): string {
  const isBlank = start === "drawing" && strokes.length === 0;
  return isBlank ? "Only noise so far: draw a digit first." : BEFORE[start];
}

/**
 * `32 digits by Quick (trained model) after 1,200 training steps: DDIM, 50 steps, η = 0`
 *
 * @param of.name of its network; null where it has none, or nobody knows
 * @param of.isFromOtherNetwork whether another network is chosen now
 */
export function generationWords(
  generation: Pick<
    DenoiseGeneration,
    "request" | "askedFor" | "trainedSteps" | "numTimesteps" | "status" | "times"
  > & { noising: Pick<RunConfig, "objective"> },
  side: Side,
  { name, isFromOtherNetwork = false }: { name: string | null; isFromOtherNetwork?: boolean },
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
  const trained = trainedSteps === null ? "" : ` ${formatTrained(trainedSteps)}`;
  const drawn = `${askedFor?.words ?? counted(count, "digit")}${by}${trained}`;
  const other =
    isFromOtherNetwork && ended === ""
      ? ". Press Generate to draw with the network that is chosen now."
      : "";
  return `${drawn}: ${how}${kept}${raw}${ended}${other}`;
}

/** `2nd`, `3rd`, `4th`: the endings are right from 2 to 20. */
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

/** Where a side is among all its steps, whatever part of their frames is kept: `step 18 of 50, t = 640` */
export function formatStep(state: DenoiseState, side: Side): string {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (!generation || !frame) return "no steps yet";
  const t = generation.times[frame.index] ?? -1;
  const level = t < 0 ? "finished" : `t = ${formatCount(t)}`;
  return `step ${formatCount(frame.index)} of ${formatCount(numSteps(generation))}, ${level}`;
}

export function filmstripWords(digit: number, numPictures: number): string {
  return `Digit ${digit + 1} at ${numPictures} of its steps, from noise to the end`;
}

/** How noise is added to an image. */
export function noisingWords(t: number): { title: string; label: string } {
  const upTo = `up to t = ${t}`;
  return { title: `Adding noise, ${upTo}`, label: `The image with more and more noise, ${upTo}` };
}

/** `A: Save PNG of the grid`, where the digits of two sides are there. */
export function sideWords(side: Side, isNamed: boolean, words: string): string {
  return isNamed ? `${side.toUpperCase()}: ${words}` : words;
}
