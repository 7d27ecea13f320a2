/**
 * A dataset cannot be used. The message is shown to people: which file, what was expected, what came, and
 * where it helps what to do.
 */
export class DataError extends Error {
  override name = "DataError";
}
