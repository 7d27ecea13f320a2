import type { Post, StepMetrics } from "./events.ts";

/** Steps are told to the page in batches, so that a fast card does not flood it. */
const INTERVAL_MS = 100;

/** The steps of a run on their way to the page. */
export class StepBatches {
  readonly #runId: string;
  readonly #post: Post;
  #untold: StepMetrics[] = [];
  #lastToldMs = 0;

  constructor(runId: string, post: Post) {
    this.#runId = runId;
    this.#post = post;
  }

  add(step: StepMetrics): void {
    this.#untold.push(step);
    if (performance.now() - this.#lastToldMs >= INTERVAL_MS) this.tell();
  }

  /** Tells all that are not told yet. */
  tell(): void {
    if (this.#untold.length === 0) return;
    this.#post({ type: "steps", runId: this.#runId, steps: this.#untold });
    this.#untold = [];
    this.#lastToldMs = performance.now();
  }
}
