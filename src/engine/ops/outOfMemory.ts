/** A backend has no room for what it was asked for. */
export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
}
