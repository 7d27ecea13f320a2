import * as v from "valibot";
import { defaultConfig, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { validateConfig } from "../../engine/config/validate.ts";
import { idOfName } from "../../engine/data/datasets.ts";
import { firstFew, shownLine } from "../../engine/shortenedText.ts";
import { visibleName } from "../runName.ts";
import { isCount, isPlace, isTime } from "./historyChecks.ts";
import { partNamed } from "./parts.ts";
import {
  type Bytes,
  type KeptRun,
  RECORD_FORMAT,
  type RunRecord,
  type UnreadableRun,
} from "./records.ts";

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

const count = v.custom<number>(isCount);
const time = v.custom<number>(isTime);
const figure = v.pipe(v.number(), v.finite());
/** A record may come from a file, which has texts of any length. */
const shownText = v.pipe(v.string(), v.transform(shownLine));
const shownName = v.pipe(
  v.string(),
  v.transform((name) => visibleName(name) ?? UNNAMED),
);

/** Fields that it does not know stay: a later version may have added them. */
const RECORD: v.GenericSchema<unknown, RunRecord> = v.looseObject({
  format: v.literal(RECORD_FORMAT),
  runId: v.pipe(v.string(), v.nonEmpty()),
  name: shownName,
  createdMs: time,
  savedMs: time,
  preset: shownText,
  // `validateConfig` looks at each setting, and says what is wrong with it.
  config: v.pipe(
    v.unknown(),
    v.transform((config): RunConfig => ({ ...defaultConfig(), ...Object(config) })),
  ),
  dataset: v.pipe(
    v.unknown(),
    v.transform((dataset) => ({ id: idOfName(Object(dataset).name), ...Object(dataset) })),
    v.looseObject({
      id: shownText,
      name: shownText,
      classNames: v.exactOptional(v.array(shownText)),
      numTrain: count,
      numValidation: count,
      checksum: figure,
    }),
  ),
  device: v.exactOptional(shownText),
  startedFrom: v.nullable(v.looseObject({ fileName: shownText, trainedSteps: v.nullable(count) })),
  stepsPerEpoch: v.custom<number>(isPlace),
  numParameters: count,
  isFinished: v.boolean(),
  hasStoppedEarly: v.boolean(),
  hasSpentBudget: v.exactOptional(v.literal(true)),
  step: count,
  numEpochs: count,
  lastValidationLoss: v.nullable(figure),
  bestValidationLoss: v.nullable(figure),
  checkpoints: v.pipe(
    v.array(
      v.looseObject({
        step: count,
        numEpochs: count,
        savedMs: time,
        validationLoss: v.nullable(figure),
        numBytes: count,
        checksum: figure,
      }),
    ),
    v.nonEmpty(),
  ),
  totalBytes: count,
  picture: v.nullable(
    v.looseObject({ count, pixels: v.custom<Bytes>((pixels) => pixels instanceof Uint8Array) }),
  ),
});

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
  const { format } = record;
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
  const read = v.safeParse(RECORD, record);
  if (!read.success) {
    const wrong = new Set(read.issues.map(({ path }) => `${path?.[0].key}`));
    return unreadable(`Its record is damaged (${firstFew([...wrong])}).`);
  }
  const [first] = Object.entries(validateConfig(read.output.config));
  if (first) return unreadable(`Its setting ${first[0]} is out of range: ${first[1]}.`);
  return read.output;
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

const isText = (value: unknown): value is string => typeof value === "string";
