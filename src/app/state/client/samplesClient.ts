import type {
  ComparisonRequest,
  EvaluationRequest,
  SampleRequest,
} from "../../../runtime/run/samplingProtocol.ts";
import type { AskedFor } from "../../../runtime/sampling/ask.ts";
import { requestEvaluation } from "../slices/evaluation.ts";
import { sampledConfig } from "../slices/sampledNetwork.ts";
import { requestSample } from "../slices/samples.ts";
import type { ClientContext } from "./clientContext.ts";

export function samplesClient({ store, link, newId }: ClientContext) {
  return {
    /** @param isAgain whether the page redraws by itself what the person asked for */
    sample(
      request: Omit<SampleRequest, "sampleId">,
      requestedFor: AskedFor | null = null,
      isAgain = false,
    ) {
      const sampleId = newId("sample");
      const state = store.getState();
      const { config } = state;
      const requestedBy = { sampler: request.sampler, objective: sampledConfig(state).objective };
      const requested = { requestedFor, requestedBy, isAgain };
      store.setState({ samples: requestSample(state.samples, sampleId, requested) });
      link.post({ type: "sample", request: { sampleId, ...request }, config });
    },
    cancelSample() {
      const { requestedId } = store.getState().samples;
      if (requestedId !== null) link.post({ type: "cancelSample", sampleId: requestedId });
    },
    /** Measures samples, or compares samplers; a measurement that goes on is ended. */
    evaluate(
      asked: Omit<EvaluationRequest, "evaluationId"> | Omit<ComparisonRequest, "evaluationId">,
    ) {
      const request = { evaluationId: newId("evaluation"), ...asked };
      const { evaluation, config } = store.getState();
      store.setState({ evaluation: requestEvaluation(evaluation, request) });
      link.post({ type: "evaluate", request, config });
    },
    cancelEvaluation() {
      const { request } = store.getState().evaluation;
      if (request) link.post({ type: "cancelEvaluation", evaluationId: request.evaluationId });
    },
  };
}
