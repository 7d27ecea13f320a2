/** The reports of a training session, which its history is made of. */
import type { NormLists } from "../nn/layerNorms.ts";
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";
import type { MetricValues } from "./metrics.ts";

/**
 * The fields below are in the reports of every version; others are metrics of the table. Steps with a `liveLoss`
 * have norms, and the last of each epoch.
 */
export interface StepReport extends MetricValues<"step">, NormLists {
  /** 1-based count of optimizer steps. */
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  stepMs: number;
  /** When the loss was known, Unix time. */
  wallTimeMs: number;
  /** Live validation loss by timestep, as in `EpochReport`; only with a `liveLoss`. */
  bucketLosses?: number[];
}

/** The fields below are in the reports of every version; others are metrics of the table. */
export interface EpochReport extends MetricValues<"epoch"> {
  /** 1-based. */
  epoch: number;
  step: number;
  trainLoss: number;
  /** NaN where there are no validation images. */
  validationLoss: number;
  /** Validation loss by timestep: the mean of each tenth of [0, T); NaN for one without images. */
  bucketLosses: number[];
  /** Validation loss by class, NaN for one without images; left out for a network without classes. */
  classLosses?: number[];
  /** When the validation ended, Unix time. */
  wallTimeMs: number;
  /** Quality of the samples drawn after the epoch; left out when none were measured. */
  quality?: QualityFigures;
}

export interface ValidationReport {
  type: "validationProgress";
  numImages: number;
  totalImages: number;
  /** Time that these images took, without what was done in between. */
  elapsedMs: number;
}

/** Progress of drawing and measuring samples. */
export interface QualityReport extends MeasureProgress {
  type: "qualityProgress";
  /** Time of this measurement so far, without what was done in between. */
  elapsedMs: number;
}

export type TrainingReport =
  | ProgressReport
  /** The session now holds the weights of a step that was asked for; they change with the next report. */
  | { type: "weightsReady"; step: number };

export type ProgressReport =
  | { type: "step"; step: StepReport }
  | ValidationReport
  | QualityReport
  /** The epoch has no quality figures. When several fail in a row, only the first is reported. */
  | { type: "qualityFailed"; epoch: number; message: string }
  | { type: "epoch"; epoch: EpochReport };

/** The loss is NaN or infinite, so the weights are useless from here on. */
export class NonFiniteLossError extends Error {
  override name = "NonFiniteLossError";
  readonly step: number;
  readonly learningRate: number;

  constructor({ step, loss, learningRate }: Pick<StepReport, "step" | "loss" | "learningRate">) {
    super(
      `The loss became ${loss} at step ${step} with learning rate ${learningRate}. ` +
        "Go on from an earlier checkpoint with a lower learning rate, or train again with more warm-up steps or a gradient clip of 1.",
    );
    this.step = step;
    this.learningRate = learningRate;
  }
}
