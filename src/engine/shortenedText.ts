/** Shortens texts, which may come from files and have any length, so that they can be shown. */

/** The beginning of a text. Does not split a surrogate pair. */
export function truncated(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "");
}

/** The text, or its first `maxLength` characters and an ellipsis. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${truncated(text, maxLength)}…` : text;
}

const MAX_MESSAGE = 600;
/** Characters kept of the end, which says what to do. */
const MESSAGE_END = 240;

/** A message, which may quote a file, with the middle left out if it is long. */
export function shortenedMessage(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  const end = message.slice(-MESSAGE_END).replace(/^[\uDC00-\uDFFF]/, "");
  return `${truncated(message, MAX_MESSAGE - MESSAGE_END - 3)} … ${end}`;
}

const MAX_LISTED = 4;
const MAX_NAME = 80;

/** `a, b, c and 97 more`: up to four names, or the first three of more. */
export function firstFew(names: readonly string[]): string {
  const shown = names.length > MAX_LISTED ? names.slice(0, MAX_LISTED - 1) : names;
  const more = names.length - shown.length;
  const list = shown.map((name) => shortened(name, MAX_NAME)).join(", ");
  return more > 0 ? `${list} and ${more} more` : list;
}
