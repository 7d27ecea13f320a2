import { FormatError } from "../../engine/formats/formatError.ts";
import { parsedObject } from "../../engine/formats/parsedJson.ts";
import type { UncheckedHistory } from "./historyPieces.ts";
import type { History } from "./records.ts";

/** A metric history as JSON, which has null for what is no number. */
export function historyToJson({ steps, epochs }: History): string {
  return JSON.stringify({ steps, epochs });
}

/** @throws FormatError when the text is no history */
export function historyFromJson(text: string): UncheckedHistory {
  const { steps, epochs } = parsedObject(text);
  if (Array.isArray(steps) && Array.isArray(epochs)) return { steps, epochs };
  throw new FormatError(
    "Expected a metric history (steps and epochs), got none. The file is damaged: export the run again.",
  );
}
