/**
 * A dataset that cannot be used. The message is for a person: which file, what was expected, what
 * came, and where it helps what to do.
 */
export class DataError extends Error {
  override name = "DataError";
}
