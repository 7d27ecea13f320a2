/** What Draw is set to, and the requests that follow from it. Pure. */

import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { MAX_LIVE_STEPS } from "../../../../engine/config/sampling.ts";
import { className, type Naming } from "../../../../engine/data/datasets.ts";
import { FLIPS } from "../../../../engine/diffusion/editing/flips.ts";
import { numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import type { Sampler } from "../../../../engine/diffusion/samplers.ts";
import { jumpError } from "../../../../engine/train/sampleStart.ts";
import { counted } from "../../../../runtime/format.ts";
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
import {
  networkError,
  type StartImages,
  type StartKind,
  type StartNumber,
  startNumbers,
  startOf,
} from "./drawStart.ts";
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

type SideField = `${Side}.${"network" | SamplingName}`;
type FieldName = "count" | "seed" | "start" | "corners" | StartNumber | SideField;
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
  askedFor: AskedFor;
}

/**
 * What is asked of both generations, or of the first alone; or what is wrong, by its field.
 *
 * @param given.configs of the network of each side; null when it is no longer there
 * @param given.naming what their images and classes are called
 * @param given.points of the plane, where it is not its grid
 */
export function drawRequests(
  settings: DrawSettings,
  {
    configs,
    naming,
    points,
    ...given
  }: StartImages & {
    configs: Record<Side, RunConfig | null>;
    naming: Naming;
    points?: readonly PlanePoint[];
  },
): { asked: Partial<Record<Side, Asked>>; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const asked: Partial<Record<Side, Asked>> = {};
  for (const side of shownSides(settings)) {
    const config = configs[side];
    const wrongNetwork = config ? networkError(settings.start, config, naming.noun) : NETWORK_GONE;
    if (!config || wrongNetwork) {
      errors[`${side}.network`] = wrongNetwork ?? NETWORK_GONE;
      continue;
    }
    const { values, errors: wrong } = readSampling(typedForSide(settings, side), { config });
    for (const [name, error] of Object.entries(wrong) as [SamplingName, string][]) {
      // These two have one field for both sides.
      const isShared = name === "count" || name === "seed";
      errors[isShared ? name : (`${side}.${name}` as const)] = error;
    }
    const { classes } = config;
    const { asked: digits, errors: wrongAsk } = askedOf(settings, { classes, naming, points });
    Object.assign(errors, wrongAsk);
    const numbers = startNumbers(settings, config);
    const wrongJump = values && jumpError(numbers.values, stepsOf(values.sampler, config));
    if (wrongJump) numbers.errors.jump ??= wrongJump;
    Object.assign(errors, numbers.errors);
    const start = startOf(settings, {
      ...given,
      config,
      numbers: numbers.values,
      noun: naming.noun,
    });
    if (typeof start === "string") errors.start = start;
    else if (digits && values && Object.keys(numbers.errors).length === 0) {
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
        askedFor: {
          words: classes > 0 || mixes ? words : counted(count, naming.noun),
          rows,
          columns,
        },
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

/** So often steps may be taken to fill in a part, so that it follows live. */
const MOST_LIVE_RESAMPLINGS = 3;

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
    const { resamplings } = startNumbers(settings, config).values;
    const isFew = sampler && stepsOf(sampler, config) <= MAX_LIVE_STEPS;
    return isFew && resamplings <= MOST_LIVE_RESAMPLINGS;
  });
}

function stepsOf({ timesteps }: Sampler, config: RunConfig): number {
  return timesteps ?? numTimestepsOf(config);
}

/** Whether the number of digits is typed. */
export function takesCount({ start, ask }: Pick<DrawSettings, "start" | "ask">): boolean {
  if (start === "plane" || start === "invert") return false;
  return !isAskChosen(start) || !hasOwnCount({ ask });
}

/** Whether what is asked for is chosen as it is from noise: neither a plane nor two readings say it themselves. */
export function isAskChosen(start: StartKind): boolean {
  return start !== "plane" && start !== "readings";
}

/** Whether no digit is asked for, so that guidance has no effect. */
export function isWithoutLabel({ start, ask }: Pick<DrawSettings, "start" | "ask">): boolean {
  return isAskChosen(start) && ask === "none";
}

/** What a network is asked for, or what is wrong. */
function askedOf(
  settings: DrawSettings,
  network: { classes: number; naming: Naming; points?: readonly PlanePoint[] | undefined },
): { asked: AskedInPlane | null; errors: FieldErrors } {
  const { start, corners, count, mix, ask, first, second, flip } = settings;
  const { naming } = network;
  if (start === "plane") return askedInPlane(corners, network);
  const typedCount = parseWholeNumber(count, SAMPLING.count.range());
  if (start === "readings") {
    const { asked } = askedDigits(
      { ...settings, ask: "class", label: first },
      { ...network, typedCount },
    );
    const [as, flipped] = [first, second].map((label) => className(naming, Number(label)));
    const words =
      asked && `${counted(asked.count, "picture")}: ${as} and, ${FLIPS[flip].label}, ${flipped}`;
    return { asked: asked && { ...asked, words: words ?? asked.words }, errors: {} };
  }
  // All digits of a class begin with the same noise, so that one of each shows all that there is.
  const { classes } = network;
  const ownCount = { any: Math.max(1, classes), between: MIXED_DIGITS }[ask as string] ?? 1;
  if (start !== "invert") return askedDigits(settings, { ...network, typedCount, mix });
  const { asked, errors } = askedDigits(settings, { ...network, typedCount: ownCount, mix: null });
  // Ten in one row would be small.
  return { asked: asked && { ...asked, columns: null }, errors };
}

/** Between two classes of an image that is inverted. */
const MIXED_DIGITS = 10;

/** The settings without places that no image has; the same where there are none. */
export function withinImages(settings: DrawSettings, numImages: number): DrawSettings {
  const { digit, pair } = settings;
  const isPairThere = pair === null || pair.every((place) => place < numImages);
  if (digit < numImages && isPairThere) return settings;
  return { ...settings, digit: digit < numImages ? digit : 0, pair: isPairThere ? pair : null };
}
