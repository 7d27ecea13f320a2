import type { StepReport } from "../../engine/train/reports.ts";
import type { Post } from "./events.ts";

const INTERVAL_MS = 100;

/** Posts the steps of a run several at a time, so that a fast card does not flood the page. */
export class StepEvents {
  readonly #runId: string;
  readonly #post: Post;
  #waiting: StepReport[] = [];
  #lastPostMs = 0;

  constructor(runId: string, post: Post) {
    this.#runId = runId;
    this.#post = post;
  }

  add(step: StepReport): void {
    this.#waiting.push(step);
    if (performance.now() - this.#lastPostMs >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#post({ type: "steps", runId: this.#runId, steps: this.#waiting });
    this.#waiting = [];
    this.#lastPostMs = performance.now();
  }
}
