/** The messages between the page and the worker about a measurement of quality; types only. */
import type { DatasetIdentity } from "../data/datasets.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import type {
  ClassFigures,
  FrechetFloor,
  MeasureProgress,
  QualityFigures,
} from "../quality/figures.ts";
import type { NetworkSource, SampledNetwork, WeightsChoice } from "./protocol.ts";

export interface EvaluationRequest {
  evaluationId: string;
  /** Samples, 2 or more. */
  count: number;
  sampler: Sampler;
  /** Of the first hundred samples; those of the next hundreds follow from it, see `groupSeed`. */
  seed: number;
  network: SampledNetwork;
  weights: WeightsChoice;
}

/** What was measured, and each sample with the training image nearest to it. */
export interface EvaluationResult {
  figures: QualityFigures;
  /** The same of the real test images, for scale. */
  real: ClassFigures;
  frechetFloor: FrechetFloor;
  source: NetworkSource;
  /** Of the images that the samples were compared with. */
  dataset: DatasetIdentity;
  /** Training steps the network has seen; null when nobody knows. */
  trainedSteps: number | null;
  /** `[N, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
  /** The same of the training images. */
  nearestPixels: Uint8Array<ArrayBuffer>;
  /** Root mean square differences of the two, 0 to 1, `[N]`. */
  distances: Float64Array<ArrayBuffer>;
  /** The most probable digit of each sample, `[N]`. */
  digits: Uint8Array<ArrayBuffer>;
  /** How probable it is, 0 to 1, `[N]`. */
  confidences: Float32Array<ArrayBuffer>;
}

export type EvaluationEvent =
  | ({ type: "evaluationProgress"; evaluationId: string } & MeasureProgress)
  | ({ type: "evaluationDone"; evaluationId: string } & EvaluationResult)
  | { type: "evaluationCancelled"; evaluationId: string }
  | { type: "evaluationFailed"; evaluationId: string; message: string };
