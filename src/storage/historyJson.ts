import { FormatError } from "../formats/formatError.ts";
import { parsedObject } from "../formats/parsedJson.ts";
import { NUM_CLASSES, type QualityFigures } from "../quality/figures.ts";
import type { HistoryRecord } from "./records.ts";

export type History = Pick<HistoryRecord, "steps" | "epochs">;

const STEP_FIELDS = ["step", "loss", "gradNorm", "learningRate", "stepMs", "wallTimeMs"] as const;
const EPOCH_FIELDS = ["epoch", "step", "trainLoss", "validationLoss", "wallTimeMs"] as const;
const QUALITY_FIELDS = [
  "count",
  "meanConfidence",
  "shareConfident",
  "classEntropy",
  "frechetDistance",
] as const;
const NEAREST_FIELDS = ["minDistance", "medianDistance", "numCopies"] as const;

/** A metric history as JSON, which has null for what is no number. */
export function historyToJson({ steps, epochs }: History): string {
  return JSON.stringify({ steps, epochs });
}

/** @throws FormatError when the text is no history */
export function historyFromJson(text: string): History {
  const { steps, epochs } = parsedObject(text);
  if (!Array.isArray(steps) || !Array.isArray(epochs)) throw damaged("none");
  return {
    steps: steps.map((report) => {
      const { memoryBytes } = Object(report);
      const isTold = typeof memoryBytes === "number";
      return { ...numbers(report, STEP_FIELDS), ...(isTold ? { memoryBytes } : {}) };
    }),
    epochs: epochs.map((report) => {
      const { bucketLosses, quality } = Object(report);
      return {
        ...numbers(report, EPOCH_FIELDS),
        bucketLosses: numbersOf(bucketLosses),
        ...(quality === undefined ? {} : { quality: qualityOf(quality) }),
      };
    }),
  };
}

function qualityOf(quality: unknown): QualityFigures {
  const { classCounts, nearest } = Object(quality);
  const counts = numbersOf(classCounts);
  if (counts.length !== NUM_CLASSES) throw damaged(`${counts.length} classes that were measured`);
  return {
    ...numbers(quality, QUALITY_FIELDS),
    classCounts: counts,
    nearest: numbers(nearest, NEAREST_FIELDS),
  };
}

function numbersOf(values: unknown): number[] {
  return Array.isArray(values) ? values.map(numberOf) : [];
}

function numbers<K extends string>(report: unknown, fields: readonly K[]): Record<K, number> {
  const entries = fields.map((field) => [field, numberOf(Object(report)[field])]);
  return Object.fromEntries(entries);
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (value === null) return Number.NaN;
  throw damaged("one with what is no number");
}

function damaged(got: string): FormatError {
  return new FormatError(
    `Expected a metric history (steps and epochs), got ${got}. The file is damaged: export the run again.`,
  );
}
