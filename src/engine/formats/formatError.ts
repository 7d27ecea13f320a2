import { shortened } from "../shortenedText.ts";

/**
 * A file cannot be read, or a format cannot hold some values. The message is shown to people: what was
 * expected, what came, and where it helps what to do.
 */
export class FormatError extends Error {
  override name = "FormatError";
}

const MAX_SHOWN = 80;

/** A text from a file for a message: quoted, escaped, and shortened if it is long. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text, MAX_SHOWN));
}

/** A number of bytes for a message: `1 byte`, `1,024 bytes`. */
export function formatExactBytes(numBytes: number | bigint): string {
  return `${numBytes.toLocaleString("en")} ${Number(numBytes) === 1 ? "byte" : "bytes"}`;
}

/** A shape for a message, such as `[8, 1, 7, 7]`; shortened if it is long. */
export function formatShape(shape: readonly number[]): string {
  const rest = shape.length > 8 ? `, … (${shape.length} axes)` : "";
  return `[${shape.slice(0, 8).join(", ")}${rest}]`;
}
