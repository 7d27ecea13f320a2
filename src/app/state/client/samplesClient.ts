import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  LookRequest,
  SampleRequest,
} from "../../../runtime/run/samplingProtocol.ts";
import type { AskedFor } from "../../../runtime/sampling/ask.ts";
import { withoutGpu } from "../applyEvent.ts";
import {
  afterMeasured,
  afterMeasurement,
  type EvaluationState,
  requestEvaluation,
} from "../slices/evaluation.ts";
import { noticed } from "../slices/notices.ts";
import { sampledConfig } from "../slices/sampledNetwork.ts";
import { afterOutcome, afterPart, requestSample, type SamplesState } from "../slices/samples.ts";
import type { Answer } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";

/** Draws digits, measures them, and looks inside of the network that draws them. */
export function samplesClient({ store, request }: ClientContext) {
  /** The digits that are drawn in Train. */
  let drawing: Answer<"sample"> | null = null;
  let measuring: Answer<"measurement"> | null = null;

  /** @param config the settings of sampling, and those that the network lacks */
  function draw(
    asked: Omit<SampleRequest, "sampleId">,
    config: RunConfig = store.getState().config,
  ): Answer<"sample"> {
    return request("sample", (sampleId) => ({
      type: "sample",
      request: { sampleId, ...asked },
      config,
    }));
  }

  return {
    draw,
    /** Looks inside of the network that is sampled; another look, or another network, takes its place. */
    look(asked: Omit<LookRequest, "requestId">): Answer<"look"> {
      const { config } = store.getState();
      return request("look", (requestId) => ({
        type: "look",
        request: { requestId, ...asked },
        config,
      }));
    },
    /** Images that no network has seen, by their place in the dataset's validation part. */
    images: (indices: readonly number[]): Answer<"images"> =>
      request("images", (requestId) => ({ type: "showImages", requestId, indices })),
    /**
     * Draws the digits that Train shows.
     *
     * @param isAgain whether the page redraws by itself what the person asked for
     */
    async drawInTrain(
      asked: Omit<SampleRequest, "sampleId">,
      askedFor: AskedFor | null = null,
      isAgain = false,
    ): Promise<void> {
      const answer = draw(asked);
      drawing = answer;
      const drawnBy = {
        sampler: asked.sampler,
        objective: sampledConfig(store.getState()).objective,
      };
      const change = (next: (samples: SamplesState) => SamplesState) =>
        store.setState(({ samples }) => ({ samples: next(samples) }));
      change((samples) => requestSample(samples, answer.id, isAgain));
      for await (const part of answer.parts) {
        change((samples) => afterPart(samples, part, { askedFor, drawnBy }));
      }
      const outcome = await answer.done;
      change((samples) => afterOutcome(samples, answer.id, outcome));
      if (outcome.status !== "failed" || outcome.isLost) return;
      store.setState((state) =>
        noticed(state, "Sampling failed", outcome.message, { remedies: withoutGpu(state) }),
      );
    },
    cancelSample: () => drawing?.cancel(),
    /** Measures samples, or compares samplers; a measurement that goes on is ended. */
    async evaluate(
      asked: Omit<EvaluationRequest, "requestId"> | Omit<ComparisonRequest, "requestId">,
    ): Promise<void> {
      const { config } = store.getState();
      const answer = request("measurement", (requestId) => ({
        type: "evaluate",
        request: { requestId, ...asked },
        config,
      }));
      measuring = answer;
      const change = (next: (evaluation: EvaluationState) => EvaluationState) =>
        store.setState(({ evaluation }) => ({ evaluation: next(evaluation) }));
      change((evaluation) => requestEvaluation(evaluation, { requestId: answer.id, ...asked }));
      for await (const part of answer.parts) {
        change((evaluation) => afterMeasured(evaluation, part));
      }
      const outcome = await answer.done;
      change((evaluation) => afterMeasurement(evaluation, answer.id, outcome));
    },
    cancelEvaluation: () => measuring?.cancel(),
  };
}
