/** Numbers as people type them, and what is said of wrong ones. Pure. */
import { shortened } from "../../engine/shortenedText.ts";
import { formatCount } from "../format.ts";

export interface Range {
  min: number;
  max: number;
}

/** Characters of a wrong text that are repeated. */
const MAX_QUOTED = 12;

/** Null when the text is no whole number in the range, its ends included. */
export function parseWholeNumber(text: string, { min, max }: Range): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : null;
}

/** What was expected and what came: `1 to 100, not 300`. Null when it is right. */
export function wholeNumberError(text: string, range: Range): string | null {
  return parseWholeNumber(text, range) === null ? notInRange(text, range) : null;
}

/** Null when the text is no number in the range, its ends included; a real number has a point or a comma. */
export function parseNumber(text: string, range: Range, kind: "integer" | "real"): number | null {
  if (kind === "integer") return parseWholeNumber(text, range);
  const value = parseDecimal(text);
  return value >= range.min && value <= range.max ? value : null;
}

/** With a point or a comma; NaN when it is none. */
function parseDecimal(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text.replace(",", "."));
}

export function notInRange(text: string, { min, max }: Range): string {
  return `${formatCount(min)} to ${formatCount(max)}, not ${shortened(text.trim(), MAX_QUOTED) || "empty"}`;
}
