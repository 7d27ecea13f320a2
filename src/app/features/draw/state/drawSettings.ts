/** What Draw is set to, and the requests that follow from it. Pure. */

import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { imageTimestep, MAX_LIVE_STEPS, pairTimestep } from "../../../../engine/config/sampling.ts";
import { numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import type { SampleRequest } from "../../../../runtime/run/samplingProtocol.ts";
import {
  type AskErrors,
  type AskedFor,
  askedDigits,
  guidedCondition,
  hasOwnCount,
} from "../../../../runtime/sampling/ask.ts";
import {
  readSampling,
  SAMPLING,
  type SamplingName,
  type SamplingText,
} from "../../../../runtime/sampling/sampling.ts";
import { parseWholeNumber } from "../../../../runtime/sampling/typedNumbers.ts";
import { NETWORK_GONE } from "../../../shared/network/chosenNetwork.ts";
import { type ChosenNetwork, type Params, readParams, withParams } from "../../../state/address.ts";
import { type AskedInPlane, askedInPlane, type PlanePoint } from "./plane.ts";

/** The two generations that are compared; the first alone when none is. */
export type Side = "a" | "b";
export const SIDES = ["a", "b"] as const satisfies Side[];

/** How one generation is drawn, as chosen and typed. */
export type SideSettings = Params<"drawA">;

/** The settings that the address has, see `ADDRESS`. */
export interface DrawSettings extends Params<"draw"> {
  a: SideSettings;
  b: SideSettings;
}

export type StartKind = DrawSettings["start"];

/** The view's settings in the page's address. */
export function addressedDraw(query?: URLSearchParams): DrawSettings {
  const [a, b] = [readParams("drawA", query), readParams("drawB", query)];
  return { ...readParams("draw", query), a, b };
}

export const DRAW_DEFAULTS = addressedDraw(new URLSearchParams());

/** `query` with the view's settings; those of B only where it is compared. */
export function withDraw(query: URLSearchParams, settings: DrawSettings): URLSearchParams {
  const { a, b, isComparing, ...rest } = settings;
  const both = withParams(query, "draw", { ...rest, isComparing });
  const first = withParams(both, "drawA", a);
  return withParams(first, "drawB", isComparing ? b : DRAW_DEFAULTS.b);
}

export function shownSides({ isComparing }: Pick<DrawSettings, "isComparing">): readonly Side[] {
  return isComparing ? SIDES : ["a"];
}

/** Whether digits begin with pure noise, or with images that keep some of their own. */
export function beginsWith(start: StartKind): "noise" | "image" {
  return start === "noise" || start === "plane" ? "noise" : "image";
}

/** What is missing where the images that one begins with are not there yet. */
export const DIGITS_COMING = "The digits are being loaded.";
const NOTHING_DRAWN = "Nothing is drawn yet: draw a digit on the pad.";

/** The timestep up to which noise is added to the images. */
export function startTimestep(
  { start, level }: Pick<DrawSettings, "start" | "level">,
  numTimesteps: number,
): number {
  return start === "pair" ? pairTimestep(level, numTimesteps) : imageTimestep(level, numTimesteps);
}

/** What a generation begins with, apart from the settings. */
export interface StartImages {
  /** `[28, 28]`, 0 to 255, by place among the images that no network has seen. */
  images: ReadonlyMap<number, Uint8Array>;
  /** `[28, 28]`; null while nothing is drawn. */
  drawing: Uint8Array | null;
}

type SideField = `${Side}.${"network" | SamplingName}`;
type FieldName = "count" | "seed" | "start" | "corners" | SideField;
export type FieldErrors = Partial<Record<FieldName, string>> & AskErrors;

/** The settings that noise follows from, with how far two digits are noised to go between them. */
export type Noising = Pick<
  RunConfig,
  | ("betaSchedule" | "timesteps" | "noiseSigma" | "objective")
  | ("lossWeight" | "minSnrGamma" | "interpolationNoise")
>;

/** What is asked for, and what it is noised by. */
export interface Asked {
  request: Omit<SampleRequest<ChosenNetwork>, "sampleId">;
  noising: Noising;
  askedFor: AskedFor | null;
}

/**
 * What is asked of both generations, or of the first alone; or what is wrong, by its field.
 *
 * @param given.configs of the network of each side; null when it is no longer there
 * @param given.areDigits whether what they draw are digits
 * @param given.points of the plane, where it is not its grid
 */
export function drawRequests(
  settings: DrawSettings,
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
  const asked: Partial<Record<Side, Asked>> = {};
  for (const side of shownSides(settings)) {
    const config = configs[side];
    if (!config) {
      errors[`${side}.network`] = NETWORK_GONE;
      continue;
    }
    const { values, errors: wrong } = readSampling(typedForSide(settings, side), { config });
    for (const [name, error] of Object.entries(wrong) as [SamplingName, string][]) {
      // These two have one field for both sides.
      const isShared = name === "count" || name === "seed";
      errors[isShared ? name : (`${side}.${name}` as const)] = error;
    }
    const { classes } = config;
    const { asked: digits, errors: wrongAsk } = askedOf(settings, { classes, areDigits, points });
    Object.assign(errors, wrongAsk);
    const start = startOf(settings, { ...given, numTimesteps: numTimestepsOf(config) });
    if (typeof start === "string") errors.start = start;
    else if (digits && values) {
      const { count, labels, isShared, mixes, words, rows, columns } = digits;
      const noise = { ...(isShared && { isShared }), ...(mixes && { mixes }) };
      const { seed, sampler, weights, guidance } = values;
      const request: Asked["request"] = {
        count,
        seed,
        sampler,
        weights,
        network: settings[side].network,
        start: start.kind === "noise" ? { ...start, ...noise } : start,
        condition: guidedCondition(labels, guidance),
        givesX0: true,
      };
      asked[side] = {
        request,
        noising: { ...config, interpolationNoise: settings.level },
        askedFor: classes > 0 || mixes ? { words, rows, columns } : null,
      };
    }
  }
  return { asked, errors };
}

/** What is typed for a side, without what has no effect. */
function typedForSide(settings: DrawSettings, side: Side): Partial<SamplingText> {
  const { seed, count } = settings;
  const { network: _, ...typed } = settings[side];
  return {
    ...typed,
    seed,
    count: takesCount(settings) ? count : null,
    guidance: isWithoutLabel(settings) ? null : typed.guidance,
  };
}

/** Whether all that is shown is drawn in at most `MAX_LIVE_STEPS`. */
export function takesFewSteps(
  settings: DrawSettings,
  configs: Record<Side, RunConfig | null>,
): boolean {
  return shownSides(settings).every((side) => {
    const config = configs[side];
    if (!config) return false;
    const { network: _, guidance: __, ...typed } = settings[side];
    const sampler = readSampling(typed, { config }).values?.sampler;
    return sampler && (sampler.timesteps ?? config.timesteps) <= MAX_LIVE_STEPS;
  });
}

/** Whether the number of digits is typed. */
export function takesCount(settings: Pick<DrawSettings, "start" | "ask">): boolean {
  return settings.start !== "plane" && !hasOwnCount(settings);
}

/** Whether no digit is asked for, so that guidance has no effect. */
export function isWithoutLabel({ start, ask }: Pick<DrawSettings, "start" | "ask">): boolean {
  return start !== "plane" && ask === "none";
}

/** What a network is asked for, or what is wrong. */
function askedOf(
  settings: DrawSettings,
  network: { classes: number; areDigits: boolean; points?: readonly PlanePoint[] | undefined },
): { asked: AskedInPlane | null; errors: FieldErrors } {
  const { start, corners, count, mix } = settings;
  if (start === "plane") return askedInPlane(corners, network);
  const typedCount = parseWholeNumber(count, SAMPLING.count.range());
  return askedDigits(settings, { ...network, typedCount, mix });
}

/** Or what is missing. */
function startOf(
  settings: DrawSettings,
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

/** Each pixel between those of two images. */
export function mixedImage(first: Uint8Array, second: Uint8Array, share: number): Uint8Array {
  return first.map((gray, i) => Math.round((1 - share) * gray + share * (second[i] as number)));
}

/** The settings without places that no image has; the same where there are none. */
export function withinImages(settings: DrawSettings, numImages: number): DrawSettings {
  const { digit, pair } = settings;
  const isPairThere = pair === null || pair.every((place) => place < numImages);
  if (digit < numImages && isPairThere) return settings;
  return { ...settings, digit: digit < numImages ? digit : 0, pair: isPairThere ? pair : null };
}
