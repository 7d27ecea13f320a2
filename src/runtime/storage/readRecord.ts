import { defaultConfig } from "../../engine/config/hyperparameters.ts";
import { validateConfig } from "../../engine/config/validate.ts";
import { idOfName } from "../../engine/data/datasets.ts";
import { firstFew, shownLine } from "../../engine/shortenedText.ts";
import { visibleName } from "../runName.ts";
import { isCount, isPlace, isTime } from "./historyChecks.ts";
import { partNamed } from "./parts.ts";
import { type KeptRun, RECORD_FORMAT, type RunRecord, type UnreadableRun } from "./records.ts";

/** For a run whose name is blank. */
const UNNAMED = "Unnamed run";

type Fields = Record<string, unknown>;

/** What to do about an unreadable record, by where it is. */
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
  const record = Object(stored) as Fields;
  const runId = typeof record.runId === "string" ? record.runId : "";
  const name = (isText(record.name) ? visibleName(record.name) : null) ?? UNNAMED;
  const { format, config, dataset, startedFrom } = record;
  const isNewer = Number.isSafeInteger(format) && Number(format) > RECORD_FORMAT;
  const unreadable = (problem: string): UnreadableRun => {
    const advice = isNewer ? ADVICE[place].newer : ADVICE[place].damaged;
    return { runId, name, problem: `${problem} ${advice}`, isNewer };
  };

  if (!Number.isSafeInteger(format)) return unreadable("Its record is damaged.");
  if (isNewer) {
    return unreadable(
      `It was saved by a newer version of this page (format ${format}, this one reads up to ${RECORD_FORMAT}).`,
    );
  }
  if (format !== RECORD_FORMAT) {
    return unreadable(`It was saved in format ${format}, which nothing reads any more.`);
  }
  const complete = {
    ...withShownTexts(record, ["preset", "device"]),
    ...(isText(record.name) ? { name } : {}),
    config: { ...defaultConfig(), ...Object(config) },
    dataset: withShownTexts({ id: idOfName(Object(dataset).name), ...Object(dataset) }, [
      "id",
      "name",
    ]),
    startedFrom: startedFrom && withShownTexts(Object(startedFrom), ["fileName"]),
  };
  const wrong = wrongFields(complete);
  if (wrong.length > 0) return unreadable(`Its record is damaged (${firstFew(wrong)}).`);
  const [first] = Object.entries(validateConfig(complete.config));
  if (first) return unreadable(`Its setting ${first[0]} is out of range: ${first[1]}.`);
  return complete as unknown as RunRecord;
}

export function isReadable<R extends object>(run: R | UnreadableRun): run is R {
  return !("problem" in run);
}

/**
 * A run as a keeper has it.
 *
 * @param oldParts names of what is there, for a record of an earlier version, which does not list its parts
 */
export function readKeptRun(
  stored: unknown,
  runId: string,
  oldParts: readonly string[] = [],
): KeptRun | UnreadableRun {
  const { changedMs, parts, ...fields } = Object(stored) as Fields;
  const record = readRecord({ ...fields, runId });
  if (!isReadable(record)) return record;
  return {
    record,
    changedMs: isTime(changedMs) ? changedMs : record.savedMs,
    parts: listsParts(stored) ? stored.parts : partsUpTo(record.step, oldParts),
  };
}

/** Whether a stored record says which parts the run has; those of earlier versions do not. */
export function listsParts(stored: unknown): stored is { parts: string[] } {
  const { parts } = Object(stored) as Fields;
  return Array.isArray(parts) && parts.every(isText);
}

function partsUpTo(step: number, names: readonly string[]): string[] {
  const stepOf = (name: string) => partNamed(name)?.step ?? Number.POSITIVE_INFINITY;
  return names.filter((name) => stepOf(name) <= step).sort((a, b) => stepOf(a) - stepOf(b));
}

/** The fields, with these as they can be shown: a record may come from a file, which has texts of any length. */
function withShownTexts(fields: Fields, names: readonly string[]): Fields {
  const texts = names.filter((name) => isText(fields[name]));
  return {
    ...fields,
    ...Object.fromEntries(texts.map((name) => [name, shownLine(fields[name] as string)])),
  };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
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
  device: (value) => value === undefined || isText(value),
  startedFrom: orNull(hasFields({ fileName: isText, trainedSteps: orNull(isCount) })),
  stepsPerEpoch: isPlace,
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
