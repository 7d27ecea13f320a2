import type { WorkerEvent } from "../../../../runtime/run/events.ts";

/** Things that are with a worker on a graphics card at once, at most. */
export const MOST_ON_A_CARD = 4;

/** An answer that takes longer than the fastest by this factor has waited for those before it. */
const MAX_SLOWER = 1.5;

/** After an answer that had to wait, so many more must come before one more is sent at once. */
const PATIENCE = 16;

/** The fastest answer counts less with each that follows: the next digits may be more, or those of a larger network. */
const AGING = 1.02;

/** One thing that is with the worker. */
interface Sent {
  atMs: number;
  /** Samples of it that are not there yet. */
  unanswered: readonly string[];
}

/**
 * Sends what is wanted as fast as the answers come. Of all that was wanted while the worker was busy the newest alone follows.
 *
 * A graphics card is done long before a browser notices, which takes up to 100 ms: then several things are sent before
 * the first is answered. How many is found out as they come: one more as long as answers come as fast as the fastest, one
 * less when they come later, since then they wait for each other.
 *
 * @param mostSent how many things may be with the worker at once, now
 * @param send sends it, and returns the ids of its samples
 */
export function newestWins<T>(mostSent: () => number, send: (wanted: T) => readonly string[]) {
  let sent: Sent[] = [];
  let newest: { wanted: T } | null = null;
  let most = 1;
  let fastestMs = Number.POSITIVE_INFINITY;
  let numToWait = 0;

  function sendNewest() {
    if (!newest || sent.length >= Math.min(most, mostSent())) return;
    const { wanted } = newest;
    newest = null;
    const unanswered = send(wanted);
    if (unanswered.length > 0) sent.push({ atMs: performance.now(), unanswered });
  }
  function forget() {
    sent = [];
    newest = null;
  }
  function forgetSpeed() {
    most = 1;
    fastestMs = Number.POSITIVE_INFINITY;
    numToWait = 0;
  }
  function learn(tookMs: number) {
    fastestMs = Math.min(AGING * fastestMs, tookMs);
    numToWait = Math.max(0, numToWait - 1);
    if (tookMs > MAX_SLOWER * fastestMs) {
      most = Math.max(1, most - 1);
      numToWait = PATIENCE;
    } else if (numToWait === 0) {
      most = Math.min(mostSent(), most + 1);
    }
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
        case "sampleCancelled": {
          for (const one of sent) {
            if (!one.unanswered.includes(event.sampleId)) continue;
            one.unanswered = one.unanswered.filter((id) => id !== event.sampleId);
            const isAnswered = one.unanswered.length === 0;
            if (isAnswered && event.type === "sampleDone") learn(performance.now() - one.atMs);
          }
          sent = sent.filter(({ unanswered }) => unanswered.length > 0);
          return sendNewest();
        }
        // Nobody will answer.
        case "fault":
          forgetSpeed();
          return forget();
      }
    },
  };
}
