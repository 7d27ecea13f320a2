/** Makes texts that may come from files, and hold anything of any length, ready to be shown. */

/**
 * A text without the characters that turn the direction of what follows them: with one, a name would turn around the
 * sentence that it stands in, or its own ending.
 */
export function unturned(text: string): string {
  return text.replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, "");
}

/** The beginning of a text. Does not split a surrogate pair. */
export function truncated(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, "");
}

/** The text unturned, or its first `maxLength` characters and an ellipsis. */
export function shortened(text: string, maxLength: number): string {
  return unturned(text.length > maxLength ? `${truncated(text, maxLength)}…` : text);
}

/** As long as the name of a file may be. */
const MAX_LINE = 255;

/** A text in one line, with an ellipsis where it is longer than any name of a file. */
export function shownLine(text: string): string {
  return shortened(text, MAX_LINE).replaceAll(/\p{Cc}+/gu, " ");
}

const MAX_MESSAGE = 600;
/** Characters kept of the end, which says what to do. */
const MESSAGE_END = 240;

/** A message, which may quote a file, unturned, and with the middle left out if it is long. */
export function shortenedMessage(message: string): string {
  if (message.length <= MAX_MESSAGE) return unturned(message);
  const end = message.slice(-MESSAGE_END).replace(/^[\uDC00-\uDFFF]/, "");
  return unturned(`${truncated(message, MAX_MESSAGE - MESSAGE_END - 3)} … ${end}`);
}

const MAX_LISTED = 4;
const MAX_NAME = 80;

/**
 * `a, b, c and 97 more`: up to four names, or the first three of more.
 *
 * @param written makes of a name, which is shortened by then, what stands in the list
 */
export function firstFew(
  names: readonly string[],
  written = (name: string): string => name,
): string {
  const shown = names.length > MAX_LISTED ? names.slice(0, MAX_LISTED - 1) : names;
  const more = names.length - shown.length;
  const list = shown.map((name) => written(shortened(name, MAX_NAME))).join(", ");
  return more > 0 ? `${list} and ${more} more` : list;
}

/** `“a”, “b”, “c” and 97 more`. */
export function firstFewQuoted(names: readonly string[]): string {
  return firstFew(names, (name) => `“${name}”`);
}
