/** When the page looks inside of the network: as fast as the answers come, and while a run trains seldom. */
import type { LookRequest } from "../../../../runtime/run/samplingProtocol.ts";
import type { Answer, Outcome } from "../../../state/client/answers.ts";

/** While a run trains: from one look to the next, at least. */
export const MIN_INTERVAL_MS = 1000;

/**
 * While a run trains, from one look that nobody asked for to the next: showing it takes some 25 ms of a processor core,
 * which the run then lacks.
 */
export const REPEAT_INTERVAL_MS = 2000;

/** The most that looks take of a run's time, but for one that a person asks for after a rest. */
export const MOST_SHARE = 0.04;

export type Look = Omit<LookRequest, "requestId">;

interface Wanted {
  look: Look;
  /** Names the network, for instance by its steps; while a run trains it has one name: another name asks for another look. */
  network: string;
  /** The dataset: another has other images, even under the same name. */
  dataset: unknown;
}

interface LookLoopOptions {
  send: (look: Look) => Pick<Answer<"look">, "done">;
  /** Whether a run trains now, and so shares the device with the looks. */
  runGoesOn: () => boolean;
  isHidden: () => boolean;
  onAnswer: (outcome: Outcome<"look">, of: Look) => void;
}

/**
 * Sends what is wanted: at most one look is with the worker, and of all that was wanted meanwhile the newest
 * alone follows. While a run trains it is sent again and again, for what the network does then, every two
 * seconds, and later after a look that took long. Who wants something else waits for the look under way, and at most a second
 * from when that was sent, once; after
 * it whatever is wanted waits, so that also scrubbing takes no more than its share. Nothing is sent while nobody sees the page.
 */
export function lookLoop({ send, runGoesOn, isHidden, onAnswer }: LookLoopOptions) {
  let wanted: Wanted | null = null;
  let sent: { wanted: Wanted; atMs: number } | null = null;
  let isAnswered = true;
  let isOver = false;
  /** When all looks so far have taken no more than their share, while a run trains. */
  let paidMs = 0;
  /** Whether the newest look was sent before `paidMs`. */
  let isAhead = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function go(): void {
    clearTimeout(timer);
    if (!wanted || !isAnswered || isHidden()) return;
    const isAnother = !sent || !isSame(sent.wanted, wanted);
    if (!isAnother && !runGoesOn()) return;
    const atMs = performance.now();
    if (sent && runGoesOn()) {
      const dueMs = isAnother && !isAhead ? 0 : paidMs;
      const intervalMs = isAnother ? MIN_INTERVAL_MS : REPEAT_INTERVAL_MS;
      const waitMs = Math.max(sent.atMs + intervalMs, dueMs) - atMs;
      if (waitMs > 0) {
        timer = setTimeout(go, waitMs);
        return;
      }
    }
    isAhead = runGoesOn() && atMs < paidMs;
    sent = { wanted, atMs };
    isAnswered = false;
    void take(send(wanted.look), wanted.look);
  }

  async function take(answer: Pick<Answer<"look">, "done">, of: Look) {
    const asked = sent;
    const outcome = await answer.done;
    isAnswered = true;
    if (outcome.status === "failed" && outcome.isLost) {
      // It is to be sent again, to the next worker.
      sent = null;
      return;
    }
    if (outcome.status === "done" && asked && runGoesOn()) {
      paidMs = Math.max(paidMs, asked.atMs) + outcome.end.elapsedMs / MOST_SHARE;
    }
    if (isOver) return;
    onAnswer(outcome, of);
    go();
  }

  return {
    /** Null wants nothing. */
    want(next: Wanted | null): void {
      wanted = next;
      isOver = false;
      go();
    },
    /** To be called when the page is seen again. */
    go,
    /** Nothing is sent any more. */
    end(): void {
      wanted = null;
      isOver = true;
      clearTimeout(timer);
    },
  };
}

function isSame(a: Wanted, b: Wanted): boolean {
  const text = ({ look, network }: Wanted) => JSON.stringify([look, network]);
  return a.dataset === b.dataset && text(a) === text(b);
}
