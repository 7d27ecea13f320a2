import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import {
  applyEvaluationEvent,
  NO_EVALUATION,
  requestEvaluation,
} from "../../../../../src/app/state/slices/evaluation.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { WorkerEvent } from "../../../../../src/runtime/run/events.ts";
import { madeEvaluation } from "../../features/quality/madeEvaluation.ts";

const { request, result, images } = madeEvaluation("first");
const done = { type: "evaluationDone", evaluationId: "first", ...result, ...images } as const;

describe("the measurements of a visit", () => {
  const asked = requestEvaluation(NO_EVALUATION, request);

  it("go on as the worker says", () => {
    const after = applyEvaluationEvent(asked, {
      type: "evaluationProgress",
      evaluationId: "first",
      doing: "comparing",
      fraction: 0.5,
    });
    expect(after.progress).toEqual({ doing: "comparing", fraction: 0.5 });
    expect(after.request).toBe(request);
  });

  it("are kept with what was asked for, and nothing goes on any more", () => {
    const after = applyEvaluationEvent(asked, done);
    expect(after).toMatchObject({ request: null, progress: null, failure: null });
    expect(after.done).toHaveLength(1);
    expect(after.done[0]).toMatchObject({ request, result, images });
  });

  it("keep all figures, and the images of the latest eight", () => {
    let state = NO_EVALUATION;
    for (let i = 0; i < 10; i++) {
      const evaluationId = `number-${i}`;
      state = requestEvaluation(state, { ...request, evaluationId });
      state = applyEvaluationEvent(state, { ...done, evaluationId });
    }
    const told = state.done.map(({ request, result, images }) => ({
      id: request.evaluationId,
      figures: result.figures,
      hasImages: images !== null,
    }));
    const expected = Array.from({ length: 10 }, (_, i) => ({
      id: `number-${i}`,
      figures: result.figures,
      hasImages: i >= 2,
    }));
    expect(told).toEqual(expected);
    // Nothing else holds them.
    expect(state.done[0]?.result).not.toHaveProperty("pixels");
  });

  it("have what was measured of each sampler, also of a comparison that ended early", () => {
    const { sampler: _, ...compared } = { ...request, evaluationId: "all" };
    const figures = { frechetDistance: 2, meanConfidence: 0.9, shareConfident: 0.8 };
    const sampler = { kind: "heun", timesteps: 3, spacing: "even", eta: 0 } as const;
    const { source, objective, trainedSteps } = result;
    const measured = { source, objective, trainedSteps };
    const point = { sampler, numPasses: 5, figures };
    let state = requestEvaluation(applyEvaluationEvent(asked, done), compared);
    expect(state.comparison).toEqual({ request: compared, measured: null, points: [] });
    state = applyEvaluationEvent(state, {
      type: "samplerMeasured",
      evaluationId: "all",
      measured,
      ...point,
    });
    state = applyEvaluationEvent(state, { type: "samplersCompared", evaluationId: "all" });
    expect(state).toMatchObject({ request: null, progress: null, isCancelled: false });
    expect(state.comparison).toEqual({ request: compared, measured, points: [point] });
    // Kept while something else is measured, of which it is no part.
    expect(requestEvaluation(state, request).comparison?.points).toHaveLength(1);
    expect(state.done).toHaveLength(1);
  });

  it("keep why one failed until the next is asked for", () => {
    const failed = applyEvaluationEvent(asked, {
      type: "evaluationFailed",
      evaluationId: "first",
      message: "No classifier.",
    });
    expect(failed).toMatchObject({ request: null, failure: "No classifier." });
    expect(requestEvaluation(failed, request).failure).toBeNull();
  });

  it("keep that one was cancelled until the next is asked for", () => {
    const cancelled = applyEvaluationEvent(asked, {
      type: "evaluationCancelled",
      evaluationId: "first",
    });
    expect(cancelled).toMatchObject({ request: null, failure: null, isCancelled: true });
    expect(requestEvaluation(cancelled, request).isCancelled).toBe(false);
  });

  it("end with the worker, and say why where it was at one", () => {
    const fault: WorkerEvent = {
      type: "fault",
      cause: "error",
      message: "The worker stopped.",
      details: "",
    };
    const state = initialState("tiny", presetConfig("tiny"));
    const measuring = applyEvent({ ...state, evaluation: asked }, fault);
    expect(measuring.evaluation).toMatchObject({ request: null, failure: "The worker stopped." });
    expect(applyEvent(state, fault).evaluation.failure).toBeNull();
  });

  it("hear nothing of one that another took the place of", () => {
    const second = requestEvaluation(asked, { ...request, evaluationId: "second" });
    expect(applyEvaluationEvent(second, done)).toBe(second);
  });
});
