/** A backend has too little memory. */
export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
}
