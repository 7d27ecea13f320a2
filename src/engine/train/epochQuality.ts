import { messageOf } from "../messageOf.ts";
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";
import type { Denoiser } from "./gradient.ts";
import type { ProgressReport } from "./reports.ts";

/**
 * Draws samples of a network and measures them: the same ones every time, and without a trace in what
 * training draws. Whoever ends the generator early frees what it holds.
 */
export type Evaluate = (denoiser: Denoiser) => AsyncGenerator<MeasureProgress, QualityFigures>;

type Told = Extract<ProgressReport, { type: "qualityProgress" | "qualityFailed" }>;

/** Measures after epochs. One that fails leaves a run as it is. */
export class EpochQuality {
  readonly #evaluate: Evaluate;
  /** The one that goes on. */
  #work: ReturnType<Evaluate> | null = null;
  #isFailureTold = false;

  constructor(evaluate: Evaluate) {
    this.#evaluate = evaluate;
  }

  /**
   * @param denoiser of which the weights stay as they are until the end
   * @returns null where it failed
   */
  async *measure(epoch: number, denoiser: Denoiser): AsyncGenerator<Told, QualityFigures | null> {
    const work = this.#evaluate(denoiser);
    this.#work = work;
    let elapsedMs = 0;
    try {
      for (;;) {
        const startMs = performance.now();
        const { done, value } = await work.next();
        elapsedMs += performance.now() - startMs;
        if (done) {
          this.#isFailureTold = false;
          return value;
        }
        yield { type: "qualityProgress", ...value, elapsedMs };
      }
    } catch (error) {
      if (!this.#isFailureTold) yield { type: "qualityFailed", epoch, message: messageOf(error) };
      this.#isFailureTold = true;
      return null;
    } finally {
      this.#work = null;
      // Where the run is left in the middle of it.
      await work.return(undefined as never);
    }
  }

  /** Ends the one that goes on. */
  dispose(): void {
    // Nobody waits for its end, nor would know what to do with an error in it.
    this.#work?.return(undefined as never).catch(() => {});
  }
}
