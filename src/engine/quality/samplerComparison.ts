/** Samplers compared by how good their samples are after as many predictions of the network. */
import type { Condition } from "../config/condition.ts";
import type { ObjectiveId } from "../diffusion/objectives.ts";
import { type Sampler, type SamplerEntry, samplersOf } from "../diffusion/samplers.ts";
import { DEFAULT_SPACING, SPACINGS, type SpacingId } from "../diffusion/spacings.ts";
import type { Denoiser } from "../train/gradient.ts";
import { drawSamples } from "./drawSamples.ts";
import type { ClassFigures, MeasureProgress } from "./figures.ts";
import type { QualityMeter } from "./qualityMeter.ts";

/** The most predictions for a sample, by which samplers are compared. */
const PASSES = [5, 8, 10, 15, 20, 50];

/** A sampler with a number of steps, and what its samples are like. */
export interface SamplerPoint {
  sampler: Sampler & { timesteps: number; spacing: SpacingId };
  numPasses: number;
  /** How sure the classifier is is left out where it was trained on other images. */
  figures: Partial<Pick<ClassFigures, "meanConfidence" | "shareConfident">> & {
    frechetDistance: number;
  };
}

/**
 * Each sampler of an objective with each spacing of its steps, and as many steps as it can take within 5, 8, 10, 15, 20 and 50
 * predictions, the fewest first; without fresh noise, but for that of corrections. None takes more than T steps.
 */
export function comparedSamplers(
  numTimesteps: number,
  objective: ObjectiveId,
): Pick<SamplerPoint, "sampler" | "numPasses">[] {
  const samplers = Object.entries<SamplerEntry>(samplersOf(objective)).filter(([, { settings }]) =>
    settings.includes("timesteps"),
  );
  return PASSES.flatMap((most) =>
    samplers.flatMap(([id, { numPasses, settings }]) => {
      let timesteps = most;
      while (numPasses(timesteps, true) > most) timesteps--;
      if (timesteps < 1 || timesteps > numTimesteps) return [];
      const spacings = settings.includes("spacing") ? Object.keys(SPACINGS) : [DEFAULT_SPACING];
      return spacings.map((spacing) => ({
        sampler: { kind: id, timesteps, spacing, eta: 0 } as SamplerPoint["sampler"],
        numPasses: numPasses(timesteps, true),
      }));
    }),
  );
}

/**
 * Measures samples of all `comparedSamplers`, each drawn from the same noise. Ending the generator early frees
 * what it holds.
 *
 * @yields what is done, of all samplers together, and each point once it is measured
 */
export async function* compareSamplers(options: {
  /** Its weights must stay until the end. The caller disposes them. */
  denoiser: Denoiser;
  meter: QualityMeter;
  seed: number;
  /** Samples of each, 2 or more. */
  count: number;
  /** Most images in one forward pass. */
  chunkSize: number;
  /** See `drawSamples`. */
  condition: Condition | null;
}): AsyncGenerator<MeasureProgress | SamplerPoint, void> {
  const { meter, ...drawing } = options;
  const { numTimesteps, objective } = options.denoiser.schedule;
  const all = comparedSamplers(numTimesteps, objective);
  const total = all.reduce((sum, { numPasses }) => sum + numPasses, 0);
  let numBefore = 0;
  for (const { sampler, numPasses } of all) {
    const work = drawSamples({ ...drawing, sampler });
    try {
      for (;;) {
        const { done, value } = await work.next();
        if (done) {
          const { meanConfidence, shareConfident, frechetDistance } = await meter.figures(value);
          const figures = {
            frechetDistance,
            ...(meanConfidence !== undefined && { meanConfidence }),
            ...(shareConfident !== undefined && { shareConfident }),
          };
          yield { sampler, numPasses, figures };
          break;
        }
        yield { doing: "drawing", fraction: (numBefore + value.fraction * numPasses) / total };
      }
    } finally {
      await work.return(undefined as never);
    }
    numBefore += numPasses;
  }
}
