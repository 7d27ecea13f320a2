import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import type { SamplerPoint } from "../../../engine/quality/samplerComparison.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  EvaluationResult,
  MeasuredNetwork,
} from "../../../runtime/run/samplingProtocol.ts";
import type { ChosenNetwork } from "../address.ts";
import type { Outcome, PartOf } from "../client/answers.ts";

/** The samples of a measurement, and the training images nearest to them. */
export type SampleImages = Pick<EvaluationResult, "pixels" | "nearestPixels">;

/** A finished measurement of quality, with its request. */
export interface Evaluation {
  request: EvaluationRequest<ChosenNetwork>;
  result: Omit<EvaluationResult, keyof SampleImages>;
  /** Null when they are no longer kept. */
  images: SampleImages | null;
}

export interface SamplerComparison {
  request: ComparisonRequest<ChosenNetwork>;
  /** Null before the first point. */
  measured: MeasuredNetwork | null;
  points: readonly SamplerPoint[];
}

export interface EvaluationState {
  /** The current measurement, of one sampler or of all. */
  request: EvaluationRequest<ChosenNetwork> | ComparisonRequest<ChosenNetwork> | null;
  /** Null before its first report. */
  progress: MeasureProgress | null;
  /** What was measured in this visit, the newest last. */
  done: readonly Evaluation[];
  /** The newest comparison of samplers, as far as it has come. */
  comparison: SamplerComparison | null;
  /** Why the last one failed; null when it did not. */
  failure: string | null;
  /** Whether the last one was cancelled. */
  isCancelled: boolean;
}

export const NO_EVALUATION: EvaluationState = {
  request: null,
  progress: null,
  done: [],
  comparison: null,
  failure: null,
  isCancelled: false,
};

/** This many of the latest measurements keep their images: 3 MB for each one of 2,000 samples. */
export const MAX_WITH_IMAGES = 8;

export function requestEvaluation(
  state: EvaluationState,
  request: EvaluationRequest<ChosenNetwork> | ComparisonRequest<ChosenNetwork>,
): EvaluationState {
  const comparison =
    "sampler" in request ? state.comparison : { request, measured: null, points: [] };
  return { ...state, request, comparison, progress: null, failure: null, isCancelled: false };
}

/** A part of the measurement came; of one before, it changes nothing. */
export function afterMeasured(
  state: EvaluationState,
  part: PartOf<"measurement">,
): EvaluationState {
  if (part.requestId !== state.request?.requestId) return state;
  if (part.type === "evaluationProgress") {
    return { ...state, progress: { doing: part.doing, fraction: part.fraction } };
  }
  const { type: _, requestId: __, measured, ...point } = part;
  const { comparison } = state;
  if (!comparison) return state;
  return {
    ...state,
    comparison: { ...comparison, measured, points: [...comparison.points, point] },
  };
}

/** The measurement came to its end. */
export function afterMeasurement(
  state: EvaluationState,
  requestId: string,
  outcome: Outcome<"measurement">,
): EvaluationState {
  const { request } = state;
  if (requestId !== request?.requestId) return state;
  const ended = { ...state, request: null, progress: null };
  if (outcome.status === "failed") return { ...ended, failure: outcome.message };
  if (outcome.status !== "done") return { ...ended, isCancelled: true };
  if (outcome.end.type === "samplersCompared" || !("sampler" in request)) return ended;
  const { type: _, requestId: __, pixels, nearestPixels, ...result } = outcome.end;
  const images = { pixels, nearestPixels };
  return { ...ended, done: withoutOldImages([...state.done, { request, result, images }]) };
}

function withoutOldImages(done: readonly Evaluation[]): Evaluation[] {
  const firstKept = done.length - MAX_WITH_IMAGES;
  return done.map((evaluation, i) =>
    i < firstKept && evaluation.images ? { ...evaluation, images: null } : evaluation,
  );
}
