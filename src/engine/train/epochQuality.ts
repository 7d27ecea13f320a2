import { messageOf } from "../messageOf.ts";
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";
import type { Denoiser } from "./gradient.ts";
import type { ProgressReport } from "./reports.ts";

/**
 * Draws samples of a network and measures them. The samples are the same every time, and the random
 * numbers of the training are not touched. Ending the generator early frees what it holds.
 */
export type Evaluate = (denoiser: Denoiser) => AsyncGenerator<MeasureProgress, QualityFigures>;

type Report = Extract<ProgressReport, { type: "qualityProgress" | "qualityFailed" }>;

/** Measures the quality of samples after epochs. A measurement that fails does not stop the run. */
export class EpochQuality {
  readonly #evaluate: Evaluate;
  /** The measurement in progress. */
  #work: ReturnType<Evaluate> | null = null;
  #hasReportedFailure = false;

  constructor(evaluate: Evaluate) {
    this.#evaluate = evaluate;
  }

  /**
   * @param denoiser its weights must not change until the end
   * @returns null when the measurement failed
   */
  async *measure(epoch: number, denoiser: Denoiser): AsyncGenerator<Report, QualityFigures | null> {
    const work = this.#evaluate(denoiser);
    this.#work = work;
    let elapsedMs = 0;
    try {
      for (;;) {
        const startMs = performance.now();
        const { done, value } = await work.next();
        elapsedMs += performance.now() - startMs;
        if (done) {
          this.#hasReportedFailure = false;
          return value;
        }
        yield { type: "qualityProgress", ...value, elapsedMs };
      }
    } catch (error) {
      if (!this.#hasReportedFailure)
        yield { type: "qualityFailed", epoch, message: messageOf(error) };
      this.#hasReportedFailure = true;
      return null;
    } finally {
      this.#work = null;
      // The caller may have ended the run in the middle of a measurement.
      await work.return(undefined as never);
    }
  }

  /** Ends the measurement in progress. */
  dispose(): void {
    // Nobody waits for it to end, so an error would be unhandled.
    this.#work?.return(undefined as never).catch(() => {});
  }
}
