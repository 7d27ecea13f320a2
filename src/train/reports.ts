/** What a training session tells of itself: its metric history is made of these. */
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";

export interface StepReport {
  /** 1-based count of optimizer steps. */
  step: number;
  /** Mean over the batch, before the update. */
  loss: number;
  /** Global norm of the gradient before clipping. */
  gradNorm: number;
  learningRate: number;
  stepMs: number;
  /**
   * Bytes of graphics memory that are taken, in use or kept for the next step; without a graphics
   * device those of all tensors of the thread that leads. Runs from before it was told have none.
   */
  memoryBytes?: number;
  /** When the loss was known, Unix time. */
  wallTimeMs: number;
}

export interface EpochReport {
  /** 1-based. */
  epoch: number;
  step: number;
  /** Mean over the images of the epoch. */
  trainLoss: number;
  /** Mean over the validation images; NaN where there are none. */
  validationLoss: number;
  /** The same by timestep: the mean of each tenth of [0, T); NaN where no image fell. */
  bucketLosses: number[];
  /** When the validation ended, Unix time. */
  wallTimeMs: number;
  /** Of samples drawn after it; left out where none were measured. */
  quality?: QualityFigures;
}

export interface ValidationReport {
  type: "validationProgress";
  numImages: number;
  totalImages: number;
  /** That these images took, without what was done in between. */
  elapsedMs: number;
}

/** Samples are drawn and measured. */
export interface QualityReport extends MeasureProgress {
  type: "qualityProgress";
  /** That this measurement has taken so far, without what was done in between. */
  elapsedMs: number;
}

export type TrainingReport =
  | ProgressReport
  /** The weights after a step that was asked for are there, until the next report is asked for. */
  | { type: "weights"; step: number };

export type ProgressReport =
  | { type: "step"; step: StepReport }
  | ValidationReport
  | QualityReport
  /** The epoch goes without figures. Told once, where one after the other fails. */
  | { type: "qualityFailed"; epoch: number; message: string }
  | { type: "epoch"; epoch: EpochReport };

/** The loss left the range of numbers: the weights are lost. */
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
