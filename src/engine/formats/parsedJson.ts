/** Files of this project have 5. What is much deeper cannot be stored, cloned or written again. */
const MAX_DEPTH = 100;

/** What a text says as JSON; null where it is none, or too deeply nested. */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, MAX_DEPTH) ? null : value;
  } catch {
    return null;
  }
}

/** The same of an object: one without fields where it is none. */
export function parsedObject(text: string): Record<string, unknown> {
  return Object(parsedJson(text));
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
