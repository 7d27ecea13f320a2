/** Files of this project have a depth of 5. Much deeper values can overflow the stack when stored or cloned. */
const MAX_DEPTH = 100;

/** Parses JSON; null if the text is not valid JSON, or too deeply nested. */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, MAX_DEPTH) ? null : value;
  } catch {
    return null;
  }
}

/** Parses a JSON object; empty if the text is not valid JSON or null. */
export function parsedObject(text: string): Record<string, unknown> {
  return Object(parsedJson(text));
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
