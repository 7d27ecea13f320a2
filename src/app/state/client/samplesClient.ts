import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  LookRequest,
  SampleRequest,
} from "../../../runtime/run/samplingProtocol.ts";
import type { AskedFor } from "../../../runtime/sampling/ask.ts";
import { withoutGpu } from "../applyEvent.ts";
import { applyEvaluationEvent, requestEvaluation } from "../slices/evaluation.ts";
import { noticed } from "../slices/notices.ts";
import { sampledConfig } from "../slices/sampledNetwork.ts";
import { afterOutcome, afterPart, requestSample, type SamplesState } from "../slices/samples.ts";
import type { Answer } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";

/** Draws digits, measures them, and looks inside of the network that draws them. */
export function samplesClient({ store, link, newId, answers }: ClientContext) {
  /** The digits that are drawn in Train. */
  let drawing: Answer<"sample"> | null = null;
  let measuring: Answer<"measurement"> | null = null;

  /** Where the worker has ended, nobody would answer. */
  const loseWithoutWorker = () => {
    if (!link.isThere()) answers.loseAll("The worker has ended.");
  };

  /** @param config the settings of sampling, and those that the network lacks */
  function draw(
    asked: Omit<SampleRequest, "sampleId">,
    config: RunConfig = store.getState().config,
  ): Answer<"sample"> {
    const sampleId = newId("sample");
    const withdraw = () => link.post({ type: "cancelSample", sampleId });
    const answer = answers.request<"sample">(sampleId, withdraw);
    link.post({ type: "sample", request: { sampleId, ...asked }, config });
    loseWithoutWorker();
    return answer;
  }

  function measure(request: EvaluationRequest | ComparisonRequest): Answer<"measurement"> {
    const { evaluationId } = request;
    const withdraw = () => link.post({ type: "cancelEvaluation", evaluationId });
    const answer = answers.request<"measurement">(evaluationId, withdraw);
    link.post({ type: "evaluate", request, config: store.getState().config });
    loseWithoutWorker();
    return answer;
  }

  return {
    draw,
    /** Looks inside of the network that is sampled; another look, or another network, takes its place. */
    look(asked: Omit<LookRequest, "lookId">): Answer<"look"> {
      const lookId = newId("look");
      const answer = answers.request<"look">(lookId, () => {});
      link.post({ type: "look", request: { lookId, ...asked }, config: store.getState().config });
      loseWithoutWorker();
      return answer;
    },
    /**
     * Draws the digits that Train shows.
     *
     * @param isAgain whether the page redraws by itself what the person asked for
     */
    async drawInTrain(
      request: Omit<SampleRequest, "sampleId">,
      askedFor: AskedFor | null = null,
      isAgain = false,
    ): Promise<void> {
      const answer = draw(request);
      drawing = answer;
      const drawnBy = {
        sampler: request.sampler,
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
      asked: Omit<EvaluationRequest, "evaluationId"> | Omit<ComparisonRequest, "evaluationId">,
    ): Promise<void> {
      const evaluationId = newId("evaluation");
      const request = { evaluationId, ...asked };
      store.setState(({ evaluation }) => ({ evaluation: requestEvaluation(evaluation, request) }));
      const answer = measure(request);
      measuring = answer;
      const apply = (event: Parameters<typeof applyEvaluationEvent>[1]) =>
        store.setState(({ evaluation }) => ({
          evaluation: applyEvaluationEvent(evaluation, event),
        }));
      for await (const part of answer.parts) apply(part);
      const outcome = await answer.done;
      if (outcome.status === "done") apply(outcome.end);
      else if (outcome.status === "failed") {
        apply({ type: "evaluationFailed", evaluationId, message: outcome.message });
      } else apply({ type: "evaluationCancelled", evaluationId });
    },
    cancelEvaluation: () => measuring?.cancel(),
  };
}
