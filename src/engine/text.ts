/** Texts of any length, as they may be in files, made short enough to be shown. */

/** The beginning of a text, without half a character at its end. */
export function truncated(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "");
}

/** The same, with an ellipsis after up to `maxLength` characters where something is cut off. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${truncated(text, maxLength)}…` : text;
}

const MAX_MESSAGE = 600;
/** Of these the end, which says what to do. */
const MESSAGE_END = 240;

/** A message, which may quote a file, without the middle of a long one. */
export function shortenedMessage(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  const end = message.slice(-MESSAGE_END).replace(/^[\uDC00-\uDFFF]/, "");
  return `${truncated(message, MAX_MESSAGE - MESSAGE_END - 3)} … ${end}`;
}

const MAX_LISTED = 4;
const MAX_NAME = 80;

/** `a, b, c and 97 more`: all of up to four, else the first three. */
export function firstFew(names: readonly string[]): string {
  const shown = names.length > MAX_LISTED ? names.slice(0, MAX_LISTED - 1) : names;
  const more = names.length - shown.length;
  const list = shown.map((name) => shortened(name, MAX_NAME)).join(", ");
  return more > 0 ? `${list} and ${more} more` : list;
}
