/** An id of a table, not the name of what all objects have, such as `toString`; null for another text. */
export function idIn<Id extends string>(
  table: Record<Id, unknown>,
  text: string | null,
): Id | null {
  return text !== null && Object.hasOwn(table, text) ? (text as Id) : null;
}

/** A copy of `query` with these parameters set, or left out where they are null or as usual; all others stay. */
export function withParams(
  query: URLSearchParams,
  params: Readonly<Record<string, string | null>>,
  usual: Readonly<Record<string, string>> = {},
): URLSearchParams {
  const after = new URLSearchParams(query);
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === usual[name]) after.delete(name);
    else after.set(name, value);
  }
  return after;
}
