import type { RunConfig } from "../config/hyperparameters.ts";
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";
import type { Denoiser } from "./gradient.ts";
import type { QualityReport } from "./reports.ts";

/**
 * Draws samples of a network, whose weights must not change until the end, and measures them. The samples are
 * the same every time, and the random numbers of the training are not touched. Ending the generator early
 * frees what it holds.
 */
export type Evaluate = (
  denoiser: Denoiser,
  config: RunConfig,
) => AsyncGenerator<MeasureProgress, QualityFigures>;

/** Measures the samples of a network, and reports how long it took without what the caller did in between. */
export async function* measureEpoch(
  evaluate: Evaluate,
  denoiser: Denoiser,
  config: RunConfig,
): AsyncGenerator<QualityReport, QualityFigures> {
  const work = evaluate(denoiser, config);
  let elapsedMs = 0;
  try {
    for (;;) {
      const startMs = performance.now();
      const { done, value } = await work.next();
      elapsedMs += performance.now() - startMs;
      if (done) return value;
      yield { type: "qualityProgress", ...value, elapsedMs };
    }
  } finally {
    // The caller may have ended the run in the middle of a measurement.
    await work.return(undefined as never);
  }
}
