import type { BatchTimingEvent } from "../worker/measuringProtocol.ts";
import {
  afterTimingEvent,
  busyReason,
  cancelTiming,
  isSameWork,
  startTiming,
} from "./epochTiming.ts";
import { startMeasuring } from "./measuringWorker.ts";
import type { AppStore } from "./store.ts";

/** Times the settings of the form in a worker of its own, which ends as soon as anything else computes. */
export class EpochTimer {
  readonly #store: AppStore;
  #end: (() => void) | null = null;

  constructor(store: AppStore) {
    this.#store = store;
  }

  /** @param maxMicroBatch see `BatchTimingRequest` */
  start(maxMicroBatch: number | null): void {
    const { backend, config } = this.#store.getState();
    if (backend.status !== "ready" || busyReason(this.#store.getState()) !== null) return;
    this.cancel();
    this.#store.setState(startTiming);
    const request = { type: "timeBatch", config, maxMicroBatch } as const;
    const endWorker = startMeasuring<BatchTimingEvent>(
      { ...request, backend: backend.report.backend },
      (event) => {
        this.#store.setState((state) => afterTimingEvent(state, event));
        if (event.type !== "timingProgress") this.cancel();
      },
    );
    const unsubscribe = this.#store.subscribe((state) => {
      const isOfForm = isSameWork(state.config, config);
      if (busyReason(state) !== null || !isOfForm) this.cancel();
    });
    this.#end = () => {
      unsubscribe();
      endWorker();
    };
  }

  /** Nothing where none is under way. */
  cancel(): void {
    const end = this.#end;
    if (!end) return;
    this.#end = null;
    end();
    this.#store.setState(cancelTiming);
  }
}
