/** The message of a thrown value, which need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message with those of its causes, and for bug reports the details with all stacks. */
export function errorReport(error: unknown): { message: string; details: string } {
  const message = messageOf(error);
  const details = (error instanceof Error && error.stack) || message;
  if (!(error instanceof Error) || error.cause === undefined) return { message, details };
  const cause = errorReport(error.cause);
  return {
    message: `${message} Cause: ${cause.message}`,
    details: `${details}\nCaused by: ${cause.details}`,
  };
}
