import { readFileSync } from "node:fs";
import { IMAGE_SIZE, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import {
  INVERSION,
  imageTimestep,
  inversionConfig,
  MAX_RESAMPLINGS,
} from "../../../engine/config/sampling.ts";
import { stepsMadeFor } from "../../../engine/config/studentSteps.ts";
import type { LabeledImages } from "../../../engine/data/dataset.ts";
import type { Naming } from "../../../engine/data/datasets.ts";
import { imageAt } from "../../../engine/data/imageOrder.ts";
import { FLIPS, type FlipId } from "../../../engine/diffusion/editing/flips.ts";
import { repeatedImage } from "../../../engine/diffusion/noising.ts";
import { isOneLevel, numTimestepsOf } from "../../../engine/diffusion/objectives.ts";
import { samplerFor } from "../../../engine/diffusion/samplers.ts";
import { grayFromPng } from "../../../engine/formats/pictures/grayFromPng.ts";
import { jumpError, maskError } from "../../../engine/train/sampleStart.ts";
import { counted } from "../../../runtime/format.ts";
import { notInRange, parseNumber } from "../../../runtime/sampling/typedNumbers.ts";
import {
  CommandError,
  classOption,
  countOption,
  existingFile,
  idOption,
  type Options,
  ofFile,
  samplingOptions,
  type TypedSampling,
} from "../options.ts";
import type { DrawingStart } from "./drawDigits.ts";

const FLIP_IDS = Object.keys(FLIPS) as FlipId[];

/** Options of what digits begin with in place of noise: an image that is filled in, one that is inverted, or two readings. */
export const START_OPTIONS = {
  image: {
    type: "string",
    help: "fills in a part of an image, a PNG of 28 x 28 pixels, white on black, or the number of one held out of --data; --mask says which; without a label, unless --class or --text asks for one",
  },
  mask: {
    type: "string",
    help: "a PNG of 28 x 28 pixels: white is filled in, black stays as it is in --image",
  },
  resamplings: {
    type: "string",
    help: `how often each part of the way is walked to fill in, 1 to ${MAX_RESAMPLINGS} (default 1)`,
  },
  jump: { type: "string", help: "steps of such a part (default 1)" },
  invert: {
    type: "string",
    help: "inverts an image, a PNG of 28 x 28 pixels, white on black, or the number of one held out of --data, and draws from there by DDIM in 50 steps, spaced evenly in log-SNR, unless you choose others",
  },
  from: { type: "string", help: "the class that the image of --invert shows (default no label)" },
  back: {
    type: "string",
    help: "how far back --invert goes, 0 to 1, where it ends as pure noise (default 0.9)",
  },
  flip: {
    type: "string",
    help: `draws what also reads as --flipped once it is flipped: ${FLIP_IDS.join(", ")}`,
  },
  flipped: { type: "string", help: "the class that the flipped images of --flip show" },
} as const satisfies Options;

type StartName = keyof typeof START_OPTIONS;

/** The typed options of what digits begin with, and those that the rest follows from. */
export type TypedStart = Partial<Record<StartName | "class" | "text", string | undefined>> &
  TypedSampling;

/** What digits begin with in place of noise, by the option that says so, and the options that belong to it. */
const STARTS = {
  image: { needed: "mask", others: ["resamplings", "jump"] },
  invert: { needed: null, others: ["from", "back"] },
  flip: { needed: "flipped", others: [] },
} as const satisfies Partial<
  Record<StartName, { needed: StartName | null; others: readonly StartName[] }>
>;
type StartKind = keyof typeof STARTS;

/** What digits begin with, and what stands in for options that were not typed. */
export interface ChosenStart extends DrawingStart {
  /** How the digits are drawn. */
  sampling?: TypedSampling;
  /** Digits where neither their number nor a text is given. */
  count?: number;
}

/** Whether these options name an image by its number, so that `--data` is to be read. */
export function beginsWithNumber({ image, invert }: TypedStart): boolean {
  return [image, invert].some((typed) => typed !== undefined && IMAGE_NUMBER.test(typed));
}

/** What the options of images go by. */
interface StartImages {
  /** The images that a number stands for. */
  heldOut?: LabeledImages | undefined;
  /** The names of classes that the network has learned. */
  naming?: Naming;
}

const IMAGE_NUMBER = /^\d+$/;

/**
 * What digits begin with for a network; null for noise.
 *
 * @throws CommandError where options do not go together, a file is not what it should be, or the network cannot do it
 */
export function startOption(
  typed: TypedStart,
  config: RunConfig,
  images: StartImages = {},
): ChosenStart | null {
  const kind = startKind(typed);
  switch (kind) {
    case null:
      return null;
    case "image":
      return fillingOf(typed, config, images);
    case "invert":
      return inversionOf(typed, config, images);
    case "flip":
      return readingsOf(typed, config, images);
    default:
      throw kind satisfies never;
  }
}

function startKind(typed: TypedStart): StartKind | null {
  const isGiven = (name: StartName) => typed[name] !== undefined;
  const kinds = Object.keys(STARTS) as StartKind[];
  const given = kinds.filter(isGiven);
  if (given.length > 1) {
    throw new CommandError(
      `Expected one of --${kinds.join(", --")}, got --${given.join(" and --")}.`,
    );
  }
  for (const kind of kinds) {
    const { needed, others } = STARTS[kind];
    const stray = [...(needed ? [needed] : []), ...others].find(isGiven);
    if (stray && !isGiven(kind)) {
      throw new CommandError(`Expected --${stray} together with --${kind}, got it without.`);
    }
    if (needed && isGiven(kind) && !isGiven(needed)) {
      throw new CommandError(`Expected --${kind} together with --${needed}, got it without.`);
    }
  }
  return given[0] ?? null;
}

function fillingOf(typed: TypedStart, config: RunConfig, images: StartImages): ChosenStart {
  const image = imageOption("image", typed.image as string, images.heldOut);
  const white = imageOption("mask", typed.mask as string);
  const mask = white.map((gray) => (gray < 128 ? 1 : 0));
  const wrong = maskError(mask);
  if (wrong) throw new CommandError(`${wrong} In --mask white is filled in, and black stays.`);
  const { resamplings: times = "1", jump: steps = "1" } = typed;
  const resamplings = countOption("resamplings", times, 1, MAX_RESAMPLINGS);
  const numTimesteps = numTimestepsOf(config);
  const jump = countOption("jump", steps, 1, numTimesteps);
  const { sampler } = samplingOptions(typed, config);
  const wrongJump = jumpError({ resamplings, jump }, sampler.timesteps ?? numTimesteps);
  if (wrongJump) throw new CommandError(wrongJump);
  return {
    startOf: ({ start, end }) => ({
      from: "filling",
      images: repeatedImage(image, end - start),
      mask,
      resamplings,
      jump,
    }),
    saysItself: true,
  };
}

function inversionOf(typed: TypedStart, config: RunConfig, images: StartImages): ChosenStart {
  if (isOneLevel(config.objective)) {
    throw new CommandError(
      "Expected a network of many noise levels for --invert, but this one knows a single one, so it cannot follow an image back to its noise. Name another with --weights.",
    );
  }
  const madeFor = stepsMadeFor(config);
  if (madeFor !== null) {
    throw new CommandError(
      `Expected a network that knows all noise levels for --invert, but this is a student made for ${counted(madeFor, "step")}, which knows only those of its own. Name the network that it was distilled from with --weights.`,
    );
  }
  const { classes, objective } = config;
  const image = imageOption("invert", typed.invert as string, images.heldOut);
  const label =
    typed.from === undefined ? null : classOption("from", typed.from, classes, images.naming);
  const t = imageTimestep(
    shareOption("back", typed.back ?? String(INVERSION.back)),
    numTimestepsOf(config),
  );
  const { samplerKind, samplingTimesteps, stepSpacing, ddimEta, guidance } =
    inversionConfig(config);
  return {
    startOf: ({ start, end }) => ({
      from: "inversion",
      images: repeatedImage(image, end - start),
      labels: new Array<number | null>(end - start).fill(label),
      t,
    }),
    sampling: {
      sampler: typed.sampler ?? samplerFor(samplerKind, objective),
      steps: typed.steps ?? String(samplingTimesteps),
      spacing: typed.spacing ?? stepSpacing,
      eta: typed.eta ?? String(ddimEta),
      ...(classes > 0 && { guidance: typed.guidance ?? String(guidance) }),
    },
    // Without fresh noise all digits of one class are the same.
    count: typed.class === undefined ? Math.max(1, classes) : 1,
  };
}

function readingsOf(
  typed: TypedStart,
  { classes }: RunConfig,
  { naming }: StartImages,
): ChosenStart {
  const flip = idOption("flip", typed.flip as string, FLIP_IDS);
  const label = classOption("flipped", typed.flipped as string, classes, naming);
  return {
    startOf: ({ start, end }) => ({
      from: "readings",
      flip,
      labels: new Array<number>(end - start).fill(label),
    }),
  };
}

function shareOption(name: string, text: string): number {
  const range = { min: 0, max: 1 };
  const share = parseNumber(text, range, "real");
  if (share !== null) return share;
  throw new CommandError(`Expected --${name} ${notInRange(text, range)}.`);
}

/** @returns `[28, 28]`, 0 black to 255 white */
function imageOption(
  option: string,
  typed: string,
  heldOut?: LabeledImages,
): Uint8Array<ArrayBuffer> {
  if (heldOut && IMAGE_NUMBER.test(typed)) {
    const number = countOption(option, typed, 0, heldOut.count - 1);
    return new Uint8Array(imageAt(heldOut.images, number));
  }
  const path = existingFile(option, typed);
  const { width, height, pixels } = readPng(path);
  if (width === IMAGE_SIZE && height === IMAGE_SIZE) return pixels;
  throw new CommandError(
    `${path}: Expected ${IMAGE_SIZE} x ${IMAGE_SIZE} pixels for --${option}, got ${width} x ${height}. Make it that large first.`,
  );
}

function readPng(path: string) {
  try {
    return grayFromPng(readFileSync(path));
  } catch (error) {
    throw ofFile(path, error);
  }
}
