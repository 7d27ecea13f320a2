/**
 * What digits begin with: noise, an image of which a part stays, one that is inverted to its noise, or a mixture. What a
 * start needs, and what it is in the request to the worker. Pure.
 */
import { IMAGE_SIZE, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  imageTimestep,
  inversionConfig,
  MAX_RESAMPLINGS,
  pairTimestep,
} from "../../../../engine/config/sampling.ts";
import { stepsMadeFor } from "../../../../engine/config/studentSteps.ts";
import type { Noun } from "../../../../engine/data/datasets.ts";
import { isOneLevel, numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import { maskError } from "../../../../engine/train/sampleStart.ts";
import { withArticle } from "../../../../runtime/format.ts";
import type { SampleRequest } from "../../../../runtime/run/samplingProtocol.ts";
import {
  notInRange,
  parseWholeNumber,
  type Range,
} from "../../../../runtime/sampling/typedNumbers.ts";
import { distanceToLine, type Line, linesOf, type Stroke } from "../../../shared/images/drawing.ts";
import type { BeginsWith } from "../../../shared/network/chosenNetwork.ts";
import type { Params } from "../../../state/address.ts";

type StartSettings = Params<"draw">;
export type StartKind = StartSettings["start"];

/**
 * Whether digits begin with pure noise, with images that keep some of their own, or with the noise of images. Two readings
 * need the network that images need: in a single step it answers with the mean of both.
 */
export function beginsWith(start: StartKind): BeginsWith {
  if (start === "invert" || start === "arc") return "inversion";
  return start === "noise" || start === "plane" ? "noise" : "image";
}

/** Whether images say themselves what is to become of them, so that no label need be asked for. */
export function saysItself(start: StartKind): boolean {
  return start === "arc" || (beginsWith(start) === "image" && start !== "readings");
}

export type ImageKind = StartSettings["of"];

/** Where the one image comes from that digits begin with; null where they begin with none, or with two. */
export function imageKind({ start, of }: Pick<StartSettings, "start" | "of">): ImageKind | null {
  if (start === "fill" || start === "invert") return of;
  return start === "drawing" || start === "digit" || start === "own" ? start : null;
}

/** The settings that a network is drawn with, unless something else is chosen. */
export function configFrom(start: StartKind, config: RunConfig | null): RunConfig | null {
  if (!config || beginsWith(start) !== "inversion") return config;
  return inversionConfig(config);
}

/** What can be filled in, by its name. */
export type PartName = NonNullable<StartSettings["part"]>;

const MIDDLE = IMAGE_SIZE / 2;
const IS_FILLED: Record<PartName, (row: number, column: number, gray: number) => boolean> = {
  around: (_row, _column, gray) => gray === 0,
  marked: () => false,
  lower: (row) => row >= MIDDLE,
  upper: (row) => row < MIDDLE,
  left: (_row, column) => column < MIDDLE,
  right: (_row, column) => column >= MIDDLE,
};

/** The part that is filled in where none is chosen. */
export function partOf({ of, part }: Pick<StartSettings, "of" | "part">): PartName {
  return part ?? (of === "drawing" ? "around" : "lower");
}

/** A stroke of the brush over an image. */
export interface Mark {
  /** Whether it takes marks away, so that the image stays there. */
  stays: boolean;
  points: Stroke;
}

export const NO_MARKS: readonly Mark[] = [];

/** Radius of the brush, as a share of the image's side. */
const BRUSH = 2.2 / IMAGE_SIZE;

/** 1 where an image stays, 0 where it is filled in, `[28, 28]`: a part by its name, and what was marked since. */
export function maskOf(
  part: PartName,
  image: Uint8Array,
  marks: readonly Mark[] = NO_MARKS,
): Uint8Array<ArrayBuffer> {
  const brushed = marks.map(({ stays, points }) => ({ stays, lines: linesOf(points) }));
  return Uint8Array.from(image, (gray, i) => {
    const [row, column] = [Math.floor(i / IMAGE_SIZE), i % IMAGE_SIZE];
    const place = [(column + 0.5) / IMAGE_SIZE, (row + 0.5) / IMAGE_SIZE] as const;
    const isNear = (line: Line) => distanceToLine(place, line) <= BRUSH;
    const last = brushed.findLast(({ lines }) => lines.some(isNear));
    const isFilled = last ? !last.stays : IS_FILLED[part](row, column, gray);
    return isFilled ? 0 : 1;
  });
}

/** What is missing where the images that one begins with are not there yet. */
export function formatComing(noun: Noun): string {
  return `The ${noun}s are being loaded.`;
}
const NO_PICTURE = "There is no picture yet: open one, or drop it here.";
const HAS_ONE_LEVEL =
  "This network knows one noise level, so it cannot follow an image back to its noise. Choose another.";
const IS_STUDENT =
  "A student made for few steps cannot invert an image, since it knows only the noise levels of its own steps. Choose the network that it was distilled from.";

/** The timestep up to which noise is added to the images, or to which they are inverted. */
export function startTimestep(
  { start, level, back }: Pick<StartSettings, "start" | "level" | "back">,
  numTimesteps: number,
): number {
  if (beginsWith(start) === "inversion") return imageTimestep(back, numTimesteps);
  return start === "pair" ? pairTimestep(level, numTimesteps) : imageTimestep(level, numTimesteps);
}

/** What a generation begins with, apart from the settings. */
export interface StartImages {
  /** `[28, 28]`, 0 to 255, by place among the images that no network has seen. */
  images: ReadonlyMap<number, Uint8Array>;
  /** Their labels, by place; null while no images are there. */
  labels: Uint8Array | null;
  /** `[28, 28]`; null while nothing is drawn. */
  drawing: Uint8Array | null;
  /** `[28, 28]`; null before there is one. */
  own: Uint8Array | null;
  /** What was marked by brush, oldest first. */
  marks: readonly Mark[];
}

/** Why a network cannot begin in this way; null when it can. */
export function networkError(start: StartKind, config: RunConfig, noun: Noun): string | null {
  if (start === "readings" && config.classes === 0) {
    return `Two readings need a network with classes, which can be asked for two ${noun}s: choose another.`;
  }
  if (beginsWith(start) !== "inversion") return null;
  if (isOneLevel(config.objective)) return HAS_ONE_LEVEL;
  return stepsMadeFor(config) === null ? null : IS_STUDENT;
}

export type StartNumber = "resamplings" | "jump" | "first" | "second";

/** The numbers that belong to a start, and what is wrong with those that are typed. */
export function startNumbers(settings: StartSettings, config: RunConfig) {
  const { start } = settings;
  const digit = { min: 0, max: config.classes - 1 };
  const ranges: Partial<Record<StartNumber, Range>> = {
    ...(start === "fill" && {
      resamplings: { min: 1, max: MAX_RESAMPLINGS },
      jump: { min: 1, max: numTimestepsOf(config) },
    }),
    ...(start === "readings" && { first: digit, second: digit }),
  };
  const values = { resamplings: 1, jump: 1, first: 0, second: 0 };
  const errors: Partial<Record<StartNumber, string>> = {};
  for (const [name, range] of Object.entries(ranges) as [StartNumber, Range][]) {
    const value = parseWholeNumber(settings[name], range);
    if (value === null) errors[name] = notInRange(settings[name], range);
    else values[name] = value;
  }
  return { values, errors };
}

/** What a start is in the request, or what is missing. */
export function startOf(
  settings: StartSettings,
  given: StartImages & {
    config: RunConfig;
    numbers: ReturnType<typeof startNumbers>["values"];
    /** What one of its images is called. */
    noun: Noun;
  },
): SampleRequest["start"] | string {
  const { start, pair, mix, digit, flip, of, is } = settings;
  const { images, labels, marks, config, numbers, noun } = given;
  const t = startTimestep(settings, numTimestepsOf(config));
  const told = of === "digit" ? (labels?.[digit] ?? null) : is;
  const label = told !== null && told < config.classes ? told : null;
  const kind = imageKind(settings);
  const image = kind && imageOf(kind, settings, given);
  if (typeof image === "string") return image;
  switch (start) {
    case "noise":
    case "plane":
      return { kind: "noise" };
    case "readings":
      return { kind: "readings", flip, label: numbers.second };
    case "pair":
    case "arc": {
      if (!pair) return start === "pair" ? { kind: "pair", images: null } : formatComing(noun);
      const [first, second] = pair.map((index) => images.get(index));
      if (!first || !second) return formatComing(noun);
      const both = Uint8Array.from([...first, ...second]);
      // What lies between two digits is neither, so that no label is told on the way up or down.
      if (start === "arc") return { kind: "arc", images: both, t };
      if (mix !== null) return { kind: "image", image: mixedImage(first, second, mix), t };
      return { kind: "pair", images: both };
    }
    case "drawing":
    case "digit":
    case "own":
      return { kind: "image", image: image as Uint8Array, t };
    case "fill": {
      const mask = maskOf(partOf(settings), image as Uint8Array, marks);
      const { resamplings, jump } = numbers;
      const filling = { kind: "filling", image: image as Uint8Array, mask } as const;
      return maskError(mask) ?? { ...filling, resamplings, jump };
    }
    case "invert":
      return { kind: "inversion", image: image as Uint8Array, label, t };
    default:
      throw start satisfies never;
  }
}

/** Or what is missing. */
function imageOf(
  kind: ImageKind,
  { digit }: StartSettings,
  { images, drawing, own, noun }: StartImages & { noun: Noun },
): Uint8Array | string {
  const all = {
    digit: images.get(digit) ?? formatComing(noun),
    drawing: drawing ?? `Nothing is drawn yet: draw ${withArticle(noun)} on the pad.`,
    own: own ?? NO_PICTURE,
  };
  return all[kind];
}

/** Each pixel between those of two images. */
export function mixedImage(first: Uint8Array, second: Uint8Array, share: number): Uint8Array {
  return first.map((gray, i) => Math.round((1 - share) * gray + share * (second[i] as number)));
}
