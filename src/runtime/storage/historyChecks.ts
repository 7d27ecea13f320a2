/** Checks the reports of a metric history from a file or the storage, which may hold anything. */
import { HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import type { QualityFigures } from "../../engine/quality/figures.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";

/** Called for each value, and each report, that cannot be used. */
export type OnLeftOut = () => void;

export type Fields = Readonly<Record<string, unknown>>;

/** The largest float32, and less than any figure of a training but 0. */
const MAX_FIGURE = 3.4028234663852886e38;
const MIN_FIGURE = 1e-100;
/** What a `Date` can be of. */
const MAX_TIME_MS = 8.64e15;
/** A nanosecond: no browser's clock is finer. */
const MIN_DURATION_MS = 1e-6;
/** A network has at most so many blocks: four for each level on the way down, as many on the way up, and eight besides. */
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
/** No list in a report is longer. */
export const MAX_LIST_LENGTH = Math.max(...Object.values(MAX_LENGTHS));

/** Labels are bytes. */
const MAX_CLASSES = 256;

/** Figures that are a time in milliseconds. */
const DURATIONS: readonly string[] = ["stepMs"];
/** The figures that every report has, NaN until they are read, and what stands in it besides figures. */
const STEP = {
  figures: nanOf("loss", "gradNorm", "learningRate", "stepMs"),
  others: ["step", "wallTimeMs"],
};
const EPOCH = {
  figures: nanOf("trainLoss", "validationLoss"),
  others: ["epoch", "step", "wallTimeMs", "quality"],
};
const QUALITY = {
  figures: nanOf("count", "meanConfidence", "shareConfident", "classEntropy", "frechetDistance"),
  others: ["classCounts", "confusion", "nearest"],
};
const NEAREST = { figures: nanOf("minDistance", "medianDistance", "numCopies"), others: [] };

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

/** How many numbers each list in the reports of a run has: as many as the newest report has that has any. */
export function listLengths(reports: readonly Fields[]): ReadonlyMap<string, number> {
  const lengthOf = (name: string, max: number) => {
    const lengths = reports.map((report) => listOf(report[name])?.length ?? 0);
    return lengths.findLast((length) => length > 0 && length <= max) ?? 0;
  };
  return new Map(Object.entries(MAX_LENGTHS).map(([name, max]) => [name, lengthOf(name, max)]));
}

/** @param place its step and time, which are checked */
export function checkedStep(
  raw: Fields,
  place: Pick<StepReport, "step" | "wallTimeMs">,
  lengths: ReadonlyMap<string, number>,
  onLeftOut: OnLeftOut,
): StepReport {
  return { ...figuresOf(raw, STEP, onLeftOut, lengths), ...place };
}

/** @param place which epoch it is, its step and time, which are checked */
export function checkedEpoch(
  raw: Fields,
  place: Pick<EpochReport, "epoch" | "step" | "wallTimeMs">,
  lengths: ReadonlyMap<string, number>,
  onLeftOut: OnLeftOut,
): EpochReport {
  const quality = qualityOf(raw.quality, onLeftOut);
  return {
    bucketLosses: [],
    ...figuresOf(raw, EPOCH, onLeftOut, lengths),
    ...place,
    ...(quality && { quality }),
  };
}

/** Null where nothing was measured, or what stands there is no measurement. */
function qualityOf(value: unknown, onLeftOut: OnLeftOut): QualityFigures | null {
  const quality = Object(value) as Fields;
  // In a file's column the epochs that were not measured have NaN.
  if (value === undefined || value === null || Number.isNaN(quality.count)) return null;
  const { count, classCounts, nearest } = quality;
  const counts = listOf(classCounts);
  const isWhole = isPlace(count) && typeof nearest === "object" && nearest !== null;
  if (!isWhole || !counts || counts.length < 2 || counts.length > MAX_CLASSES) {
    onLeftOut();
    return null;
  }
  const confusion = confusionOf(quality.confusion, counts.length, onLeftOut);
  return {
    ...figuresOf(quality, QUALITY, onLeftOut),
    classCounts: counts.map((n) => numberOf(n, onLeftOut)),
    nearest: figuresOf(nearest as Fields, NEAREST, onLeftOut),
    ...(confusion && { confusion }),
  };
}

/** A matrix of counts, or its numbers row by row, as a file has them; null where there is none. */
function confusionOf(value: unknown, numClasses: number, onLeftOut: OnLeftOut): number[][] | null {
  const counts = listOf(value)?.flat();
  if (counts?.length === numClasses ** 2 && counts.every(isCount)) {
    return Array.from({ length: numClasses }, (_, asked) =>
      counts.slice(asked * numClasses, (asked + 1) * numClasses),
    );
  }
  // In a file's column the epochs without have NaN.
  if (value !== undefined && !counts?.every(Number.isNaN)) onLeftOut();
  return null;
}

/** The known figures and lists, and all other figures, which a later version may know, except those that are NaN. */
function figuresOf<Known extends Record<string, number>>(
  raw: Fields,
  { figures: known, others }: { figures: Known; others: readonly string[] },
  onLeftOut: OnLeftOut,
  lengths: ReadonlyMap<string, number> = new Map(),
): Known {
  const figures: Record<string, unknown> = { ...known };
  for (const name of Object.keys(raw)) {
    const length = lengths.get(name);
    const value = raw[name];
    // An object would take the first for its prototype.
    if (name === "__proto__" || value === undefined || others.includes(name)) continue;
    if (length !== undefined) {
      const numbers = numbersOf(value, length, onLeftOut);
      if (numbers) figures[name] = numbers;
    } else {
      const figure = numberOf(value, onLeftOut, DURATIONS.includes(name) ? isDuration : isFigure);
      if (!Number.isNaN(figure)) figures[name] = figure;
    }
  }
  return figures as Known;
}

/** Null where there are none, or not as many as in the others. */
function numbersOf(value: unknown, length: number, onLeftOut: OnLeftOut): number[] | null {
  const values = listOf(value) ?? [];
  const isWhole = values.length === length;
  if (!isWhole && values.length > 0) onLeftOut();
  const numbers = isWhole ? values.map((one) => numberOf(one, onLeftOut)) : [];
  return numbers.every(Number.isNaN) ? null : numbers;
}

/** NaN for JSON's null, which stands for it, and for what cannot be used. */
function numberOf(
  value: unknown,
  onLeftOut: OnLeftOut,
  isUsable: (value: unknown) => value is number = isFigure,
): number {
  if (value === null || Number.isNaN(value)) return Number.NaN;
  if (isUsable(value)) return value;
  onLeftOut();
  return Number.NaN;
}

/** Infinity is what a training may come to. */
function isFigure(value: unknown): value is number {
  if (typeof value !== "number") return false;
  const size = Math.abs(value);
  return (
    size === 0 || size === Number.POSITIVE_INFINITY || (size >= MIN_FIGURE && size <= MAX_FIGURE)
  );
}

function isDuration(ms: unknown): ms is number {
  return isTime(ms) && (ms === 0 || ms >= MIN_DURATION_MS);
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

function nanOf<Name extends string>(...names: Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, Number.NaN])) as Record<Name, number>;
}
