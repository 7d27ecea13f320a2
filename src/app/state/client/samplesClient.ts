import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { Command } from "../../../hosts/worker/protocol.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  LookRequest,
  PlaneRequest,
  RequestedNetwork,
  SampleRequest,
} from "../../../runtime/run/samplingProtocol.ts";
import type { AskedFor } from "../../../runtime/sampling/ask.ts";
import type { ChosenNetwork } from "../address.ts";
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
import type { ModelDownloads } from "./modelDownloads.ts";

/** Draws digits, measures them, and looks inside of the network that draws them. */
export function samplesClient({ store, request }: ClientContext, downloads: ModelDownloads) {
  /** The digits that are drawn in Train. */
  let drawing: Answer<"sample"> | null = null;
  let measuring: Answer<"measurement"> | null = null;

  /** @param config the settings of sampling, and those that the network lacks */
  function draw(
    asked: Omit<SampleRequest<ChosenNetwork>, "sampleId">,
    config: RunConfig = store.getState().config,
  ): Answer<"sample"> {
    const { network } = asked;
    const answer = request("sample", (sampleId) =>
      withNetwork(network, (network) => ({
        type: "sample",
        request: { sampleId, ...asked, network },
        config,
      })),
    );
    if (network.kind === "model") {
      void answer.done.then(({ status }) => {
        if (status === "failed") downloads.forget(network.fileName);
      });
    }
    return answer;
  }

  /** The command with the network as the worker knows it: of a trained model, the file, which is downloaded first. */
  function withNetwork(
    network: ChosenNetwork,
    command: (network: RequestedNetwork) => Command,
  ): Command | Promise<Command> {
    switch (network.kind) {
      case "model":
        return downloads.file(network.fileName).then((file) => command({ kind: "file", file }));
      case "untrained":
        return command({ kind: "current" });
      default:
        return command(network);
    }
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
    /** Measures what the page's network, one of one noise level, does at several. */
    measureLevels(): Answer<"levels"> {
      const { config } = store.getState();
      return request("levels", (requestId) => ({ type: "measureLevels", requestId, config }));
    },
    /** Draws points from the network that is sampled; `config` is that of a run of points. */
    drawPlane(asked: Omit<PlaneRequest, "requestId">, config: RunConfig): Answer<"plane"> {
      return request("plane", (requestId) => ({
        type: "drawPlane",
        request: { requestId, ...asked },
        config,
      }));
    },
    /** Measures the field and the samplers of that network. */
    measurePlane: (config: RunConfig): Answer<"planeMeasures"> =>
      request("planeMeasures", (requestId) => ({ type: "measurePlane", requestId, config })),
    /** Images that no network has seen, by their place in the dataset's validation part; of its training part where there is none. */
    images: (indices: readonly number[]): Answer<"images"> =>
      request("images", (requestId) => ({ type: "showImages", requestId, indices })),
    /**
     * Draws the digits that Train shows.
     *
     * @param isAgain whether the page redraws by itself what the person asked for
     */
    async drawInTrain(
      asked: Omit<SampleRequest<ChosenNetwork>, "sampleId">,
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
      asked:
        | Omit<EvaluationRequest<ChosenNetwork>, "requestId">
        | Omit<ComparisonRequest<ChosenNetwork>, "requestId">,
    ): Promise<void> {
      const { config } = store.getState();
      const answer = request("measurement", (requestId) =>
        withNetwork(asked.network, (network) => ({
          type: "evaluate",
          request: { requestId, ...asked, network },
          config,
        })),
      );
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
