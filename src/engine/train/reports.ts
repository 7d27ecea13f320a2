/** What a training session tells of itself: its metric history is made of these. */
import type { MeasureProgress, QualityFigures } from "../quality/figures.ts";
import type { Told } from "./metrics.ts";

/** With any metrics of a step besides those that every version has told. */
export interface StepReport extends Told<"step"> {
  /** 1-based count of optimizer steps. */
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  stepMs: number;
  /** When the loss was known, Unix time. */
  wallTimeMs: number;
}

/** With any metrics of an epoch besides those that every version has told. */
export interface EpochReport extends Told<"epoch"> {
  /** 1-based. */
  epoch: number;
  step: number;
  trainLoss: number;
  /** NaN where there are no validation images. */
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
