import { describe, expect, it } from "vitest";
import {
  afterMeasured,
  afterMeasurement,
  NO_EVALUATION,
  requestEvaluation,
} from "../../../../../src/app/state/slices/evaluation.ts";
import { madeEvaluation } from "../../features/results/quality/madeEvaluation.ts";

const { request, result, images } = madeEvaluation("first");
const DONE = {
  status: "done",
  end: { type: "evaluationDone", requestId: "first", ...result, ...images },
} as const;

describe("the measurements of a visit", () => {
  const asked = requestEvaluation(NO_EVALUATION, request);

  it("go on as the worker says", () => {
    const after = afterMeasured(asked, {
      type: "evaluationProgress",
      requestId: "first",
      doing: "comparing",
      fraction: 0.5,
    });
    expect(after.progress).toEqual({ doing: "comparing", fraction: 0.5 });
    expect(after.request).toBe(request);
  });

  it("are kept with what was asked for, and nothing goes on any more", () => {
    const after = afterMeasurement(asked, "first", DONE);
    expect(after).toMatchObject({ request: null, progress: null, failure: null });
    expect(after.done).toHaveLength(1);
    expect(after.done[0]).toMatchObject({ request, result, images });
  });

  it("keep all figures, and the images of the latest eight", () => {
    let state = NO_EVALUATION;
    for (let i = 0; i < 10; i++) {
      const requestId = `number-${i}`;
      state = requestEvaluation(state, { ...request, requestId });
      state = afterMeasurement(state, requestId, DONE);
    }
    const shown = state.done.map(({ request, result, images }) => ({
      id: request.requestId,
      figures: result.figures,
      hasImages: images !== null,
    }));
    const expected = Array.from({ length: 10 }, (_, i) => ({
      id: `number-${i}`,
      figures: result.figures,
      hasImages: i >= 2,
    }));
    expect(shown).toEqual(expected);
    // Nothing else holds them.
    expect(state.done[0]?.result).not.toHaveProperty("pixels");
  });

  it("have what was measured of each sampler, also of a comparison that ended early", () => {
    const { sampler: _, ...compared } = { ...request, requestId: "all" };
    const figures = { frechetDistance: 2, meanConfidence: 0.9, shareConfident: 0.8 };
    const sampler = { kind: "heun", timesteps: 3, spacing: "even", eta: 0 } as const;
    const { source, objective, trainedSteps } = result;
    const measured = { source, objective, trainedSteps };
    const point = { sampler, numPasses: 5, figures };
    let state = requestEvaluation(afterMeasurement(asked, "first", DONE), compared);
    expect(state.comparison).toEqual({ request: compared, measured: null, points: [] });
    state = afterMeasured(state, {
      type: "samplerMeasured",
      requestId: "all",
      measured,
      ...point,
    });
    state = afterMeasurement(state, "all", {
      status: "done",
      end: { type: "samplersCompared", requestId: "all" },
    });
    expect(state).toMatchObject({ request: null, progress: null, isCancelled: false });
    expect(state.comparison).toEqual({ request: compared, measured, points: [point] });
    // Kept while something else is measured, of which it is no part.
    expect(requestEvaluation(state, request).comparison?.points).toHaveLength(1);
    expect(state.done).toHaveLength(1);
  });

  it("keep why one failed until the next is asked for", () => {
    const outcome = { status: "failed", message: "No classifier.", isLost: false } as const;
    const failed = afterMeasurement(asked, "first", outcome);
    expect(failed).toMatchObject({ request: null, failure: "No classifier." });
    expect(requestEvaluation(failed, request).failure).toBeNull();
  });

  it("keep that one was cancelled until the next is asked for", () => {
    const cancelled = afterMeasurement(asked, "first", { status: "cancelled" });
    expect(cancelled).toMatchObject({ request: null, failure: null, isCancelled: true });
    expect(requestEvaluation(cancelled, request).isCancelled).toBe(false);
  });

  it("hear nothing of one that another took the place of", () => {
    const second = requestEvaluation(asked, { ...request, requestId: "second" });
    expect(afterMeasurement(second, "first", DONE)).toBe(second);
  });
});
