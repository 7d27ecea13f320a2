/** What the denoising view is set to, and the requests that follow from it. Pure. */
import { HYPERPARAMETERS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  DEFAULT_DIGITS,
  imageTimestep,
  MAX_DIGITS,
  MAX_LIVE_STEPS,
  pairTimestep,
} from "../../../../engine/config/sampling.ts";
import type { SampledNetwork, SampleRequest } from "../../../../runtime/run/samplingProtocol.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  type AskErrors,
  askedDigits,
  guidanceError,
  guidedCondition,
  hasOwnCount,
  parseGuidance,
} from "../../../shared/network/askedDigits.ts";
import { NETWORK_GONE } from "../../../shared/network/chosenNetwork.ts";
import {
  type ChosenSampling,
  chosenSampler,
  guidanceText,
  SAMPLING_DEFAULTS,
} from "../../../shared/network/chosenSampling.ts";
import type { StartKind } from "../../../state/generationKinds.ts";
import type { AskedFor } from "../../../state/slices/samples.ts";
import { notInRange, parseWholeNumber } from "../../../state/wholeNumber.ts";
import { type AskedInPlane, askedInPlane, type PlanePoint } from "./plane.ts";
import { DIGITS_COMING, NOTHING_DRAWN } from "./text.ts";

/** The two generations that are compared; the first alone when none is. */
export type Side = "a" | "b";
export const SIDES = ["a", "b"] as const satisfies Side[];

/** How one generation is drawn; numbers as they were typed. */
export interface SideSettings extends ChosenSampling {
  network: SampledNetwork;
}

/** With what networks with classes are asked for. */
export interface DenoiseSettings extends Ask {
  a: SideSettings;
  b: SideSettings;
  isComparing: boolean;
  start: StartKind;
  digits: string;
  seed: string;
  /** Noise added to images, as a share of T - 1: 0 to 1. */
  level: number;
  /** Indices in the dataset of the two to interpolate between; null lets the seed choose. */
  pair: readonly [number, number] | null;
  /** Of the second of two digits or classes, 0 to 1, in all digits; null goes from the one to the other. */
  mix: number | null;
  /** Index in the dataset of the image to add noise to. */
  digit: number;
  /** What is at the corners of the plane, as typed. */
  corners: string;
}

const SIDE: SideSettings = { ...SAMPLING_DEFAULTS, network: { kind: "current" } };

export const DENOISE_DEFAULTS: DenoiseSettings = {
  a: SIDE,
  b: { ...SIDE, steps: "5" },
  isComparing: false,
  start: "noise",
  digits: String(DEFAULT_DIGITS),
  seed: "0",
  level: 0.5,
  pair: null,
  mix: null,
  digit: 0,
  corners: "3850",
  ...ASK_DEFAULTS,
};

export function shownSides({ isComparing }: Pick<DenoiseSettings, "isComparing">): readonly Side[] {
  return isComparing ? SIDES : ["a"];
}

/** The timestep up to which noise is added to the images. */
export function startTimestep(
  { start, level }: Pick<DenoiseSettings, "start" | "level">,
  numTimesteps: number,
): number {
  return start === "pair" ? pairTimestep(level, numTimesteps) : imageTimestep(level, numTimesteps);
}

/** What a generation begins with, apart from the settings. */
export interface StartImages {
  /** `[28, 28]`, 0 to 255, by place in the dataset. */
  images: ReadonlyMap<number, Uint8Array>;
  /** `[28, 28]`; null while nothing is drawn. */
  drawing: Uint8Array | null;
}

type SideField = `${Side}.${"network" | "steps" | "eta" | "guidance"}`;
type FieldName = "digits" | "seed" | "start" | "corners" | SideField;
export type FieldErrors = Partial<Record<FieldName, string>> & AskErrors;

/** The settings that noise follows from, with how far two digits are noised to go between them. */
export type Noising = Pick<
  RunConfig,
  "betaSchedule" | "timesteps" | "objective" | "lossWeight" | "minSnrGamma" | "interpolationNoise"
>;

/** What is asked for, and what it is noised by. */
export interface Asked {
  request: Omit<SampleRequest, "sampleId">;
  noising: Noising;
  askedFor: AskedFor | null;
}

const COUNTS = { min: 1, max: MAX_DIGITS };

/**
 * What is asked of both generations, or of the first alone; or what is wrong, by its field.
 *
 * @param given.configs of the network of each side; null when it is no longer there
 * @param given.areDigits whether what they draw are digits
 * @param given.points of the plane, where it is not its grid
 */
export function denoiseRequests(
  settings: DenoiseSettings,
  {
    configs,
    areDigits,
    points,
    ...given
  }: StartImages & {
    configs: Record<Side, RunConfig | null>;
    areDigits: boolean;
    points?: readonly PlanePoint[];
  },
): { asked: Partial<Record<Side, Asked>>; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const seed = parseWholeNumber(settings.seed, HYPERPARAMETERS.seed);
  if (takesCount(settings) && parseWholeNumber(settings.digits, COUNTS) === null) {
    errors.digits = notInRange(settings.digits, COUNTS);
  }
  if (seed === null) errors.seed = notInRange(settings.seed, HYPERPARAMETERS.seed);
  const asked: Partial<Record<Side, Asked>> = {};
  for (const side of shownSides(settings)) {
    const config = configs[side];
    if (!config) {
      errors[`${side}.network`] = NETWORK_GONE;
      continue;
    }
    const { sampler, errors: wrong } = chosenSampler(settings[side], config);
    if (wrong.steps) errors[`${side}.steps`] = wrong.steps;
    if (wrong.eta) errors[`${side}.eta`] = wrong.eta;
    const start = startOf(settings, { ...given, numTimesteps: config.timesteps });
    const digits = askedOfSide(side, settings, { config, areDigits, errors, points });
    if (typeof start === "string") errors.start = start;
    else if (digits !== null && seed !== null && sampler) {
      const { network, weights } = settings[side];
      const { count, condition, noise, askedFor } = digits;
      const from = start.kind === "noise" ? { ...start, ...noise } : start;
      asked[side] = {
        request: { count, seed, sampler, network, weights, start: from, condition, givesX0: true },
        noising: { ...config, interpolationNoise: settings.level },
        askedFor,
      };
    }
  }
  return { asked, errors };
}

/** Whether all that is shown is drawn in at most `MAX_LIVE_STEPS`. */
export function takesFewSteps(
  settings: DenoiseSettings,
  configs: Record<Side, RunConfig | null>,
): boolean {
  return shownSides(settings).every((side) => {
    const config = configs[side];
    const sampler = config && chosenSampler(settings[side], config).sampler;
    return sampler && (sampler.timesteps ?? config.timesteps) <= MAX_LIVE_STEPS;
  });
}

/** What a side is asked for; null where that is wrong, or how many digits. */
function askedOfSide(
  side: Side,
  settings: DenoiseSettings,
  of: {
    config: RunConfig;
    areDigits: boolean;
    errors: FieldErrors;
    points: readonly PlanePoint[] | undefined;
  },
) {
  const { config, areDigits, errors, points } = of;
  const { classes } = config;
  const { asked, errors: wrong } = askedOf(settings, { classes, areDigits, points });
  Object.assign(errors, wrong);
  const text = isWithoutLabel(settings) ? "1" : guidanceText(settings[side], config);
  const guidance = parseGuidance(text);
  const error = classes > 0 && guidanceError(text);
  if (error) errors[`${side}.guidance`] = error;
  if (!asked || error) return null;
  const { labels, isShared, mixes, words, rows, columns } = asked;
  return {
    count: asked.count,
    condition: guidedCondition(labels, guidance as number),
    noise: { ...(isShared && { isShared }), ...(mixes && { mixes }) },
    askedFor: classes > 0 || mixes ? { words, rows, columns } : null,
  };
}

/** Whether the number of digits is typed. */
export function takesCount(settings: Pick<DenoiseSettings, "start" | "ask">): boolean {
  return settings.start !== "plane" && !hasOwnCount(settings);
}

/** Whether no digit is asked for, so that guidance has no effect. */
export function isWithoutLabel({ start, ask }: Pick<DenoiseSettings, "start" | "ask">): boolean {
  return start !== "plane" && ask === "none";
}

/** What a network is asked for, or what is wrong. */
export function askedOf(
  settings: DenoiseSettings,
  network: { classes: number; areDigits: boolean; points?: readonly PlanePoint[] | undefined },
): { asked: AskedInPlane | null; errors: FieldErrors } {
  const { start, corners, digits, mix } = settings;
  if (start === "plane") return askedInPlane(corners, network);
  const typedCount = parseWholeNumber(digits, COUNTS);
  return askedDigits(settings, { ...network, typedCount, mix });
}

/** Or what is missing. */
function startOf(
  settings: DenoiseSettings,
  { images, drawing, numTimesteps }: StartImages & { numTimesteps: number },
): SampleRequest["start"] | string {
  const { start, pair, mix, digit } = settings;
  const t = startTimestep(settings, numTimesteps);
  switch (start) {
    case "noise":
    case "plane":
      return { kind: "noise" };
    case "pair": {
      if (!pair) return { kind: "pair", images: null };
      const [first, second] = pair.map((index) => images.get(index));
      if (!first || !second) return DIGITS_COMING;
      if (mix !== null) return { kind: "image", image: mixedImage(first, second, mix), t };
      return { kind: "pair", images: Uint8Array.from([...first, ...second]) };
    }
    case "digit": {
      const image = images.get(digit);
      return image ? { kind: "image", image, t } : DIGITS_COMING;
    }
    case "drawing":
      return drawing ? { kind: "image", image: drawing, t } : NOTHING_DRAWN;
    default:
      throw start satisfies never;
  }
}

function mixedImage(first: Uint8Array, second: Uint8Array, share: number): Uint8Array {
  return first.map((gray, i) => Math.round((1 - share) * gray + share * (second[i] as number)));
}

/** The settings without places that no image has; the same where there are none. */
export function withinImages(settings: DenoiseSettings, numImages: number): DenoiseSettings {
  const { digit, pair } = settings;
  const isPairThere = pair === null || pair.every((place) => place < numImages);
  if (digit < numImages && isPairThere) return settings;
  return { ...settings, digit: digit < numImages ? digit : 0, pair: isPairThere ? pair : null };
}
