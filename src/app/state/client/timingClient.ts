import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { afterTiming, busyReason, withTiming } from "../slices/epochTimer.ts";
import { isSameWork } from "../slices/epochTiming.ts";
import type { Answer, Outcome } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";
import type { Recovery } from "./recovery.ts";

/** Has the worker time settings, until anything else is to compute. */
export function timingClient(
  { store, request }: ClientContext,
  recovery: Pick<Recovery, "maxMicroBatch">,
) {
  /** What is timed now; null while nothing is. */
  let current: { answer: Answer<"timing">; end: (outcome: Outcome<"timing">) => void } | null =
    null;

  /** The page does not wait for the worker, which first computes the step that it has begun. */
  function cancel() {
    current?.answer.cancel();
    current?.end({ status: "cancelled" });
  }

  return {
    cancelTiming: cancel,
    /**
     * Measures how long training takes a batch with these settings, and so an epoch, unless something else computes.
     *
     * @returns milliseconds of a batch; null where it was cancelled or has failed
     */
    timeEpoch(config: RunConfig): Promise<number | null> {
      const { config: form } = store.getState();
      if (busyReason(store.getState()) !== null) return Promise.resolve(null);
      cancel();
      const { maxMicroBatch } = recovery;
      store.setState((state) => withTiming(state, config));
      const answer = request("timing", (requestId) => ({
        type: "timeBatch",
        requestId,
        config,
        maxMicroBatch,
      }));
      const unsubscribe = store.subscribe((state) => {
        // Where the worker is gone, the answer says so.
        if (state.backend.status !== "ready") return;
        if (busyReason(state) !== null || !isSameWork(state.config, form)) cancel();
      });
      return new Promise((resolve) => {
        const end = (outcome: Outcome<"timing">) => {
          if (current?.answer !== answer) return;
          current = null;
          unsubscribe();
          store.setState((state) => afterTiming(state, config, outcome));
          resolve(outcome.status === "done" ? outcome.end.batchMs : null);
        };
        current = { answer, end };
        void followProgress(answer, config);
        void answer.done.then(end);
      });
    },
  };

  async function followProgress({ parts, id }: Answer<"timing">, config: RunConfig) {
    for await (const { fraction } of parts) {
      if (current?.answer.id !== id) return;
      store.setState((state) => withTiming(state, config, fraction));
    }
  }
}
