import { defaultConfig } from "../../engine/config/hyperparameters.ts";
import { validateConfig } from "../../engine/config/validate.ts";
import { idOfName } from "../../engine/data/datasets.ts";
import { firstFew } from "../../engine/shortenedText.ts";
import { visibleName } from "../runName.ts";
import { RECORD_FORMAT, type RunRecord, type Snapshot, type StoredSnapshot } from "./records.ts";

/** A record that cannot be used, as a list of runs shows it. */
export interface UnreadableRun {
  runId: string;
  name: string;
  /** What is wrong, and what to do. */
  problem: string;
  /** A newer version of the page can read it. */
  isNewer: boolean;
}

/** What a run is called whose name cannot be seen. */
const UNNAMED = "Unnamed run";

type Fields = Record<string, unknown>;

/** By format: makes a record of it one of the next. None has changed yet. */
const MIGRATIONS: Readonly<Record<number, (record: Fields) => Fields>> = {};

/** What to do about a record that cannot be used, by where it is. */
const ADVICE = {
  storage: {
    damaged: "Delete the run; if you have a file of it, import that.",
    newer: "Reload the page to get that version.",
  },
  file: {
    damaged: "Export the run again, or choose another file.",
    newer: "Read it with that version: reload the page, or update the project.",
  },
};

/**
 * A record as this version knows it. Settings that came later than the record have their defaults,
 * which leave training as it was.
 */
export function readRecord(
  stored: unknown,
  place: keyof typeof ADVICE = "storage",
): RunRecord | UnreadableRun {
  let record = Object(stored) as Fields;
  const runId = typeof record.runId === "string" ? record.runId : "";
  const name = (isText(record.name) ? visibleName(record.name) : null) ?? UNNAMED;
  const isNewer = Number(record.format) > RECORD_FORMAT;
  const unreadable = (problem: string): UnreadableRun => {
    const advice = isNewer ? ADVICE[place].newer : ADVICE[place].damaged;
    return { runId, name, problem: `${problem} ${advice}`, isNewer };
  };

  const format = record.format;
  if (!Number.isSafeInteger(format)) return unreadable("Its record is damaged.");
  if (isNewer) {
    return unreadable(
      `It was saved by a newer version of this page (format ${format}, this one reads up to ${RECORD_FORMAT}).`,
    );
  }
  for (let from = format as number; from < RECORD_FORMAT; from++) {
    const migrate = MIGRATIONS[from];
    if (!migrate)
      return unreadable(`It was saved in format ${format}, which nothing reads any more.`);
    record = migrate(record);
  }
  record = {
    ...record,
    ...(isText(record.name) ? { name } : {}),
    config: { ...defaultConfig(), ...Object(record.config) },
    dataset: { id: idOfName(Object(record.dataset).name), ...Object(record.dataset) },
  };
  const wrong = wrongFields(record);
  if (wrong.length > 0) return unreadable(`Its record is damaged (${firstFew(wrong)}).`);
  const errors = Object.entries(validateConfig((record as unknown as RunRecord).config));
  const [first] = errors;
  if (first) return unreadable(`Its setting ${first[0]} is out of range: ${first[1]}.`);
  return record as unknown as RunRecord;
}

export function isReadable(run: RunRecord | UnreadableRun): run is RunRecord {
  return !("problem" in run);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
/** What a `Date` can be of. */
const isTime = (value: unknown) => isNumber(value) && Math.abs(value as number) <= 8.64e15;
const isBoolean = (value: unknown) => typeof value === "boolean";
const orNull = (check: (value: unknown) => boolean) => (value: unknown) =>
  value === null || check(value);
const hasFields = (checks: Record<string, (value: unknown) => boolean>) => (value: unknown) =>
  typeof value === "object" && value !== null && wrongFields(value as Fields, checks).length === 0;

const POINTER = {
  step: isCount,
  numEpochs: isCount,
  savedMs: isTime,
  validationLoss: orNull(isNumber),
  numBytes: isCount,
  checksum: isNumber,
};

const RECORD: Record<keyof RunRecord, (value: unknown) => boolean> = {
  format: isCount,
  runId: (value) => isText(value) && value !== "",
  name: isText,
  createdMs: isTime,
  savedMs: isTime,
  preset: isText,
  // By `validateConfig`.
  config: () => true,
  dataset: hasFields({
    id: isText,
    name: isText,
    numTrain: isCount,
    numValidation: isCount,
    checksum: isNumber,
  }),
  startedFrom: orNull(hasFields({ fileName: isText, trainedSteps: orNull(isCount) })),
  stepsPerEpoch: (value) => isCount(value) && value !== 0,
  numParameters: isCount,
  isFinished: isBoolean,
  hasStoppedEarly: isBoolean,
  step: isCount,
  numEpochs: isCount,
  lastValidationLoss: orNull(isNumber),
  bestValidationLoss: orNull(isNumber),
  checkpoints: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(hasFields(POINTER)),
  totalBytes: isCount,
  picture: orNull(hasFields({ count: isCount, pixels: (pixels) => pixels instanceof Uint8Array })),
};

function wrongFields(
  record: Fields,
  checks: Record<string, (value: unknown) => boolean> = RECORD,
): string[] {
  return Object.entries(checks).flatMap(([name, isRight]) => (isRight(record[name]) ? [] : [name]));
}

/** A stored snapshot as this version knows it: of older ones only the digits at their end were kept. */
export function readSnapshot(stored: StoredSnapshot): Snapshot {
  const { step, wallTimeMs, count, numFrames = 1, pixels } = stored;
  return { step, wallTimeMs, count, numFrames, pixels };
}
