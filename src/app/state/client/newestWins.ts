import type { Answer } from "./answers.ts";

/** Things that are with a worker on a graphics card at once, at most. */
export const MOST_ON_A_CARD = 4;

/** An answer that takes longer than the fastest by this factor has waited for those before it. */
const MAX_SLOWER = 1.5;

/** After an answer that had to wait, so many more must come before one more is sent at once. */
const PATIENCE = 16;

/** The fastest answer counts less with each that follows: the next digits may be more, or those of a larger network. */
const AGING = 1.02;

/**
 * Sends what is wanted as fast as the answers come. Of all that was wanted while the worker was busy the newest alone follows.
 *
 * A graphics card is done long before a browser notices, which takes up to 100 ms: then several things are sent before
 * the first is answered. How many is found out as they come: one more as long as answers come as fast as the fastest, one
 * less when they come later, since then they wait for each other.
 *
 * @param mostSent how many things may be with the worker at once, now
 * @param send sends it, and returns its answers
 */
export function newestWins<T>(
  mostSent: () => number,
  send: (wanted: T) => readonly Pick<Answer<"sample">, "done">[],
) {
  /** The times at which things were sent that are not answered yet. */
  let sent: { atMs: number }[] = [];
  let newest: { wanted: T } | null = null;
  let most = 1;
  let fastestMs = Number.POSITIVE_INFINITY;
  let numToWait = 0;

  function sendNewest() {
    if (!newest || sent.length >= Math.min(most, mostSent())) return;
    const { wanted } = newest;
    newest = null;
    const answers = send(wanted);
    if (answers.length > 0) void awaitAll(answers);
  }

  async function awaitAll(answers: readonly Pick<Answer<"sample">, "done">[]) {
    const one = { atMs: performance.now() };
    sent.push(one);
    const outcomes = await Promise.all(answers.map(({ done }) => done));
    // Nobody waits for it any more.
    if (!sent.includes(one)) return;
    sent = sent.filter((other) => other !== one);
    if (outcomes.some((outcome) => outcome.status === "failed" && outcome.isLost)) {
      forgetSpeed();
      return forget();
    }
    if (outcomes.every(({ status }) => status === "done")) learn(performance.now() - one.atMs);
    sendNewest();
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
  };
}
