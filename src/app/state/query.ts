/** A copy of `query` with these parameters set, or left out where they are null; all others stay. */
export function withParams(
  query: URLSearchParams,
  params: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const after = new URLSearchParams(query);
  for (const [name, value] of Object.entries(params)) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return after;
}
