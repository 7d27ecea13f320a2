/**
 * Bounds of what is parsed, far above what files of this project have (a depth of 5, three containers a tensor): a
 * value nested in each byte takes 70 bytes of memory, and 99 MB of them end a browser's tab.
 */
const MAX_DEPTH = 100;
const MAX_CONTAINERS = 4_000_000;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENING_BRACKET, CLOSING_BRACKET] = [0x5b, 0x5d];
const [OPENING_BRACE, CLOSING_BRACE] = [0x7b, 0x7d];

/** Parses JSON; null if the text is not valid JSON, nested too deeply, or of too many objects and lists. */
export function parsedJson(text: string): unknown {
  try {
    return isModest(text) ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Parses a JSON object; empty if the text is not valid JSON or null. */
export function parsedObject(text: string): Record<string, unknown> {
  return Object(parsedJson(text));
}

/** Whether objects and lists are few enough, and not too deep in each other, told before they take memory. */
function isModest(text: string): boolean {
  let [depth, numContainers, isInString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (code === OPENING_BRACKET || code === OPENING_BRACE) {
      if (++depth > MAX_DEPTH || ++numContainers > MAX_CONTAINERS) return false;
    } else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) {
      depth--;
    }
  }
  return true;
}
