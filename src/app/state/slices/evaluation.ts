import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import type { SamplerPoint } from "../../../engine/quality/samplerComparison.ts";
import type {
  ComparisonRequest,
  EvaluationEvent,
  EvaluationRequest,
  EvaluationResult,
  MeasuredNetwork,
} from "../../../runtime/run/samplingProtocol.ts";

/** The samples of a measurement, and the training images nearest to them. */
export type SampleImages = Pick<EvaluationResult, "pixels" | "nearestPixels">;

/** A finished measurement of quality, with its request. */
export interface Evaluation {
  request: EvaluationRequest;
  result: Omit<EvaluationResult, keyof SampleImages>;
  /** Null when they are no longer kept. */
  images: SampleImages | null;
}

export interface SamplerComparison {
  request: ComparisonRequest;
  /** Null before the first point. */
  measured: MeasuredNetwork | null;
  points: readonly SamplerPoint[];
}

export interface EvaluationState {
  /** The current measurement, of one sampler or of all. */
  request: EvaluationRequest | ComparisonRequest | null;
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

/** So many of the latest measurements keep their images, 3 MB each of 2,000 samples. */
export const MAX_WITH_IMAGES = 8;

export function requestEvaluation(
  state: EvaluationState,
  request: EvaluationRequest | ComparisonRequest,
): EvaluationState {
  const comparison =
    "sampler" in request ? state.comparison : { request, measured: null, points: [] };
  return { ...state, request, comparison, progress: null, failure: null, isCancelled: false };
}

/** The worker is gone. */
export function endEvaluation(state: EvaluationState, reason: string): EvaluationState {
  if (!state.request) return state;
  return { ...state, request: null, progress: null, failure: reason };
}

export function applyEvaluationEvent(
  state: EvaluationState,
  event: EvaluationEvent,
): EvaluationState {
  const { request } = state;
  if (event.evaluationId !== request?.evaluationId) return state;
  const ended = { ...state, request: null, progress: null };
  switch (event.type) {
    case "evaluationProgress":
      return { ...state, progress: { doing: event.doing, fraction: event.fraction } };
    case "samplerMeasured": {
      const { type: _, evaluationId: __, measured, ...point } = event;
      const { comparison } = state;
      if (!comparison) return state;
      return {
        ...state,
        comparison: { ...comparison, measured, points: [...comparison.points, point] },
      };
    }
    case "samplersCompared":
      return ended;
    case "evaluationDone": {
      if (!("sampler" in request)) return ended;
      const { type: _, evaluationId: __, pixels, nearestPixels, ...result } = event;
      const images = { pixels, nearestPixels };
      const done = [...state.done, { request, result, images }];
      return { ...ended, done: withoutOldImages(done) };
    }
    case "evaluationCancelled":
      return { ...ended, isCancelled: true };
    case "evaluationFailed":
      return { ...ended, failure: event.message };
    default:
      event satisfies never;
      return state;
  }
}

function withoutOldImages(done: readonly Evaluation[]): Evaluation[] {
  const firstKept = done.length - MAX_WITH_IMAGES;
  return done.map((evaluation, i) =>
    i < firstKept && evaluation.images ? { ...evaluation, images: null } : evaluation,
  );
}
