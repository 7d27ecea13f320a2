import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { busyReason, cancelTiming, startTiming } from "../slices/epochTimer.ts";
import { isSameWork } from "../slices/epochTiming.ts";
import type { ClientContext } from "./clientContext.ts";
import type { Recovery } from "./recovery.ts";

/** Has the worker time settings, until anything else is to compute. */
export function timingClient(
  { store, link, newId }: ClientContext,
  recovery: Pick<Recovery, "maxMicroBatch">,
) {
  /** What is timed now; null while nothing is. */
  let current: { timingId: string; end(batchMs: number | null): void } | null = null;

  function cancel() {
    if (!current) return;
    const { timingId, end } = current;
    end(null);
    link.post({ type: "cancelTiming", timingId });
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
      const timingId = newId("timing");
      const { maxMicroBatch } = recovery;
      store.setState((state) => startTiming(state, timingId, config));
      link.post({ type: "timeBatch", timingId, config, maxMicroBatch });
      const unsubscribe = store.subscribe((state) => {
        if (busyReason(state) !== null || !isSameWork(state.config, form)) cancel();
      });
      return new Promise((resolve) => {
        current = {
          timingId,
          end(batchMs) {
            unsubscribe();
            current = null;
            resolve(batchMs);
          },
        };
      });
    },
    afterEvent(event: WorkerEvent) {
      if (event.type === "fault") current?.end(null);
      if (!("timingId" in event) || event.timingId !== current?.timingId) return;
      if (event.type !== "timingProgress") {
        current.end(event.type === "batchTimed" ? event.batchMs : null);
      }
    },
  };
}
