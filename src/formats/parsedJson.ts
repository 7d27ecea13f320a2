/** What a text says as JSON; null where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The same of an object: one without fields where it is none. */
export function parsedObject(text: string): Record<string, unknown> {
  return Object(parsedJson(text));
}
