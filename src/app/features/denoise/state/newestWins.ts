import type { WorkerEvent } from "../../../../runtime/run/events.ts";

/**
 * Sends what is wanted as fast as the answers come: at most one thing is with the worker, and of all that was
 * wanted meanwhile the newest alone follows.
 *
 * @param send sends it, and returns the ids of its samples
 */
export function newestWins<T>(send: (wanted: T) => readonly string[]) {
  let unanswered: readonly string[] = [];
  let newest: { wanted: T } | null = null;

  function sendNewest() {
    if (!newest || unanswered.length > 0) return;
    const { wanted } = newest;
    newest = null;
    unanswered = send(wanted);
  }
  function forget() {
    unanswered = [];
    newest = null;
  }

  return {
    want(wanted: T) {
      newest = { wanted };
      sendNewest();
    },
    /** Nothing is awaited or wanted any more. */
    forget,
    afterEvent(event: WorkerEvent) {
      switch (event.type) {
        case "sampleDone":
        case "sampleFailed":
        case "sampleCancelled":
          unanswered = unanswered.filter((id) => id !== event.sampleId);
          return sendNewest();
        // Nobody will answer.
        case "fault":
          return forget();
      }
    },
  };
}
