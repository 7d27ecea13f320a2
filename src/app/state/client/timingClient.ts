import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { afterTiming, busyReason, cancelTiming, startTiming } from "../slices/epochTimer.ts";
import { isSameWork } from "../slices/epochTiming.ts";
import type { Answer } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";
import type { Recovery } from "./recovery.ts";

/** Has the worker time settings, until anything else is to compute. */
export function timingClient(
  { store, request }: ClientContext,
  recovery: Pick<Recovery, "maxMicroBatch">,
) {
  /** What is timed now; null while nothing is. */
  let current: Answer<"timing"> | null = null;

  function cancel() {
    if (!current) return;
    current.cancel();
    current = null;
    store.setState(cancelTiming);
  }

  return {
    cancelTiming: cancel,
    /**
     * Measures how long training takes a batch with these settings, and so an epoch, unless something else computes.
     *
     * @returns milliseconds of a batch; null where it was cancelled or has failed
     */
    async timeEpoch(config: RunConfig): Promise<number | null> {
      const { config: form } = store.getState();
      if (busyReason(store.getState()) !== null) return null;
      cancel();
      const { maxMicroBatch } = recovery;
      store.setState((state) => startTiming(state, config));
      const answer = request("timing", (requestId) => ({
        type: "timeBatch",
        requestId,
        config,
        maxMicroBatch,
      }));
      current = answer;
      const unsubscribe = store.subscribe((state) => {
        // Of a worker that is gone the answer tells.
        if (current !== answer || state.backend.status === "failed") return;
        if (busyReason(state) !== null || !isSameWork(state.config, form)) cancel();
      });
      for await (const { fraction } of answer.parts) {
        if (current === answer) store.setState((state) => startTiming(state, config, fraction));
      }
      const outcome = await answer.done;
      unsubscribe();
      // The page has shown at once that it was cancelled.
      if (current !== answer) return null;
      current = null;
      store.setState((state) => afterTiming(state, config, outcome));
      return outcome.status === "done" ? outcome.end.batchMs : null;
    },
  };
}
