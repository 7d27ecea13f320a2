/** Checks the reports of a metric history from a file or the storage, which may hold anything. */
import { HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import { NUM_CLASSES, type QualityFigures } from "../../engine/quality/figures.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";

/** Called for each value, and each report, that cannot be used. */
export type OnLeftOut = () => void;

/** The largest float32, and less than any figure of a training but 0. */
const MAX_FIGURE = 3.4028234663852886e38;
const MIN_FIGURE = 1e-100;
/** What a `Date` can be of. */
const MAX_TIME_MS = 8.64e15;
/** A nanosecond: no browser's clock is finer. */
const MIN_DURATION_MS = 1e-6;
/** Of a network of as many levels as there can be: four each on the way down and up, and eight besides. */
const MAX_BLOCKS = 8 * HYPERPARAMETERS.dimMults.maxLength + 8;
/** The lists of numbers in reports, and the most numbers that charts show of each. */
const MAX_LENGTHS = {
  bucketLosses: 100,
  classLosses: HYPERPARAMETERS.classes.max,
  blockGradNorms: MAX_BLOCKS,
  blockWeightNorms: MAX_BLOCKS,
  layerGradNorms: 32,
  layerWeightNorms: 32,
};
type ListName = keyof typeof MAX_LENGTHS;
type Lengths = Record<ListName, number>;
const LISTS = Object.keys(MAX_LENGTHS) as ListName[];
const LISTS_BY_NAME: ReadonlySet<string> = new Set(LISTS);
export const STEP_LISTS = [
  "bucketLosses",
  "blockGradNorms",
  "blockWeightNorms",
  "layerGradNorms",
  "layerWeightNorms",
] as const satisfies readonly ListName[];
/** Of any list in a report. */
export const MAX_LIST_LENGTH = Math.max(...Object.values(MAX_LENGTHS));

const STEP_FIGURES = ["loss", "gradNorm", "learningRate"] as const;
const EPOCH_FIGURES = ["trainLoss", "validationLoss"] as const;
const QUALITY_FIGURES = [
  "count",
  "meanConfidence",
  "shareConfident",
  "classEntropy",
  "frechetDistance",
] as const;
const NEAREST_FIGURES = ["minDistance", "medianDistance", "numCopies"] as const;

type Fields = Readonly<Record<string, unknown>>;

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The number of a step or an epoch, or a count of at least one. */
export function isPlace(value: unknown): value is number {
  return isCount(value) && value >= 1;
}

export function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_TIME_MS;
}

function isDuration(ms: unknown): ms is number {
  return isTime(ms) && (ms === 0 || ms >= MIN_DURATION_MS);
}

/**
 * @param place its step and time, which are checked
 * @param lengths how many numbers the lists in the steps of the run have, where they have any
 */
export function checkedStep(
  raw: Fields,
  place: Pick<StepReport, "step" | "wallTimeMs">,
  lengths: Lengths,
  onLeftOut: OnLeftOut,
): StepReport {
  if (isSoundStep(raw)) return raw;
  const stepMs = numberOf(raw.stepMs, onLeftOut);
  const isUsable = Number.isNaN(stepMs) || isDuration(stepMs);
  if (!isUsable) onLeftOut();
  const others = ["step", "wallTimeMs", "stepMs", ...STEP_LISTS];
  const lists = STEP_LISTS.map((name) => [name, numbersOf(raw, name, lengths, onLeftOut)] as const);
  return {
    ...figuresOf(raw, STEP_FIGURES, others, onLeftOut),
    ...place,
    stepMs: isUsable ? stepMs : Number.NaN,
    ...Object.fromEntries(lists.filter(([, numbers]) => numbers.length > 0)),
  };
}

/** Whether there is nothing to mend: the rule, of hundreds of thousands. */
function isSoundStep(raw: Fields): raw is StepReport & Fields {
  const hasAll = STEP_FIGURES.every((name) => typeof raw[name] === "number");
  if (!hasAll || !isDuration(raw.stepMs) || !isTime(raw.wallTimeMs)) return false;
  for (const name in raw) {
    if (!Number.isFinite(raw[name]) || !isFigure(raw[name]) || LISTS_BY_NAME.has(name))
      return false;
  }
  return true;
}

/**
 * @param place which epoch it is, its step and time, which are checked
 * @param lengths how many losses of each kind the epochs of the run have
 */
export function checkedEpoch(
  raw: Fields,
  place: Pick<EpochReport, "epoch" | "step" | "wallTimeMs">,
  lengths: Lengths,
  onLeftOut: OnLeftOut,
): EpochReport {
  const classLosses = numbersOf(raw, "classLosses", lengths, onLeftOut);
  const quality = qualityOf(raw.quality, onLeftOut);
  const others = ["epoch", "step", "wallTimeMs", "quality", ...LISTS];
  return {
    ...figuresOf(raw, EPOCH_FIGURES, others, onLeftOut),
    ...place,
    bucketLosses: numbersOf(raw, "bucketLosses", lengths, onLeftOut),
    ...(classLosses.length > 0 ? { classLosses } : {}),
    ...(quality ? { quality } : {}),
  };
}

/** Empty where there are none, or not as many as in the others. */
function numbersOf(raw: Fields, name: ListName, lengths: Lengths, onLeftOut: OnLeftOut): number[] {
  const values = listOf(raw[name]) ?? [];
  const isWhole = values.length === lengths[name];
  if (!isWhole && values.length > 0) onLeftOut();
  const numbers = isWhole ? values.map((value) => numberOf(value, onLeftOut)) : [];
  return numbers.every(Number.isNaN) ? [] : numbers;
}

/** Of each list as many as the newest report has that has any. */
export function listLengths(reports: readonly Fields[]): Lengths {
  const lengthOf = (name: ListName) => {
    const lengths = reports.map((report) => listOf(report[name])?.length ?? 0);
    return lengths.findLast((length) => length > 0 && length <= MAX_LENGTHS[name]) ?? 0;
  };
  return Object.fromEntries(LISTS.map((name) => [name, lengthOf(name)])) as Lengths;
}

/** Null where nothing was measured, or what stands there is no measurement. */
function qualityOf(value: unknown, onLeftOut: OnLeftOut): QualityFigures | null {
  // In a file's column the epochs that were not measured have NaN.
  if (value === undefined || value === null || Number.isNaN(Object(value).count)) return null;
  const quality = Object(value) as Fields;
  const { count, classCounts, nearest } = quality;
  const counts = listOf(classCounts);
  const isWhole = isPlace(count) && typeof nearest === "object" && nearest !== null;
  if (!isWhole || counts?.length !== NUM_CLASSES) {
    onLeftOut();
    return null;
  }
  const confusion = confusionOf(quality.confusion, onLeftOut);
  return {
    ...figuresOf(quality, QUALITY_FIGURES, ["classCounts", "confusion", "nearest"], onLeftOut),
    classCounts: counts.map((n) => numberOf(n, onLeftOut)),
    nearest: figuresOf(nearest as Fields, NEAREST_FIGURES, [], onLeftOut),
    ...(confusion && { confusion }),
  };
}

/** A matrix of counts, or its numbers row by row, as a file has them; null where there is none. */
function confusionOf(value: unknown, onLeftOut: OnLeftOut): number[][] | null {
  if (value === undefined) return null;
  const counts = listOf(value)?.flat();
  if (counts?.length === NUM_CLASSES ** 2 && counts.every(isCount)) {
    return Array.from({ length: NUM_CLASSES }, (_, asked) =>
      counts.slice(asked * NUM_CLASSES, (asked + 1) * NUM_CLASSES),
    );
  }
  // In a file's column the epochs without have NaN.
  if (!counts?.every(Number.isNaN)) onLeftOut();
  return null;
}

/**
 * The known figures, NaN where one is missing, and all others, which a later version may know, except
 * those that are NaN.
 *
 * @param besides fields that are no figures
 */
function figuresOf<K extends string>(
  raw: Fields,
  known: readonly K[],
  besides: readonly string[],
  onLeftOut: OnLeftOut,
): Record<K, number> {
  const figures: Record<string, number> = {};
  for (const name of known) figures[name] = numberOf(raw[name], onLeftOut);
  for (const name of Object.keys(raw)) {
    if (Object.hasOwn(figures, name) || besides.includes(name) || name === "__proto__") continue;
    const number = numberOf(raw[name], onLeftOut);
    if (!Number.isNaN(number)) figures[name] = number;
  }
  return figures as Record<K, number>;
}

/** NaN for JSON's null, which stands for it, and for what cannot be a figure. */
function numberOf(value: unknown, onLeftOut: OnLeftOut): number {
  if (value === null) return Number.NaN;
  if (isFigure(value)) return value;
  onLeftOut();
  return Number.NaN;
}

/** NaN and infinity are what a training may come to. */
function isFigure(value: unknown): value is number {
  if (typeof value !== "number") return false;
  const size = Math.abs(value);
  return !Number.isFinite(value) || size === 0 || (size >= MIN_FIGURE && size <= MAX_FIGURE);
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}
