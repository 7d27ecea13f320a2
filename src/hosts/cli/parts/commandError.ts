/** What the person at the command line can put right; the message says how. */
export class CommandError extends Error {
  override name = "CommandError";
}
