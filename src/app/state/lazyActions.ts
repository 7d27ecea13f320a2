/** What a person can do in views and dialogs. Beside `ACTIONS`, so that the page's first load is no longer for it. */
import { nearestPreset } from "../../engine/config/presets.ts";
import { stepsMadeFor } from "../../engine/config/studentSteps.ts";
import type { ComparisonRequest, EvaluationRequest } from "../../runtime/run/samplingProtocol.ts";
import {
  type Action,
  type FileAction,
  filesReason,
  loadFirst,
  samplingReason,
  TRAINING_ELSEWHERE,
} from "./actions.ts";
import { goToView } from "./address.ts";
import { busyReason } from "./slices/epochTimer.ts";
import { noticed, withoutSource } from "./slices/notices.ts";
import { activityWords, isActive } from "./slices/run.ts";
import { hideList, isReadable, type ReadableRun } from "./slices/storedRuns.ts";
import { inForm, settingsFitWeights, type Teacher } from "./slices/weights.ts";
import { type AppState, backendFailure } from "./state.ts";
import { isTrainedModel } from "./trainedModels.ts";

export const LAZY_ACTIONS = {
  openRun: {
    label: "Open",
    help: "Show its losses and digits, and generate more",
    disabledReason: openReason,
    perform: ({ client }, { runId }) => client.openRun(runId),
  } satisfies Action<[ReadableRun]>,
  resumeRun: {
    label: "Resume",
    help: "Continue training from the latest checkpoint: with as many threads as before, so that the weights are the same to the last bit as without the break",
    disabledReason: (state) =>
      openReason(state) ??
      (state.stored.isTrainingElsewhere
        ? `${TRAINING_ELSEWHERE} Here you can open runs, but not resume them.`
        : null),
    perform: ({ client }, { runId }) => client.continueRun({ runId, learningRateFactor: 1 }),
  } satisfies Action<[ReadableRun]>,
  duplicateSettings: {
    label: "Duplicate settings",
    help: "Copy its settings into the form, for another run",
    disabledReason: openReason,
    perform: ({ store }, run) => store.setState((state) => withSettingsOf(state, run)),
  } satisfies Action<[ReadableRun]>,
  /** Of an experiment: its settings into the form, and on to Train. */
  setUp: {
    label: "Set up",
    disabledReason({ run, trainRequested }) {
      if (isActive(run)) return `${activityWords(run)}. Stop it to change the settings.`;
      return trainRequested ? "A run is about to start." : null;
    },
    perform({ store, client }, { preset, config, words, isFromScratch }) {
      const { loaded } = store.getState().weights;
      // It can be loaded again with a click, which a person's own file cannot.
      const isPutAway = isFromScratch && loaded !== null && isTrainedModel(loaded.fileName);
      if (isPutAway) client.forgetWeights();
      goToView("train");
      store.setState((state) => {
        const begins =
          !isPutAway && settingsFitWeights({ ...state, config })
            ? " It begins with the loaded weights. To begin from scratch, press × beside their name first."
            : "";
        // Beside Resume it has this name.
        const train = state.run ? "Train a new run" : "Train";
        const message = `${words} Press ${train} to begin.${begins}`;
        return toldInForm({ ...state, view: "train" as const }, { preset, config }, message);
      });
    },
  } satisfies Action<
    [Pick<AppState, "preset" | "config"> & { words: string; isFromScratch?: boolean }]
  >,
  recordCard: {
    label: "Record card…",
    help: "What it took and what it reached, with some digits: as text to copy, and as a picture",
    disabledReason: ({ stored }, runId) =>
      stored.runs?.some((run) => run.runId === runId && isReadable(run))
        ? null
        : "The run is not stored yet: its first checkpoint comes within seconds.",
  } satisfies Omit<Action<[string]>, "perform">,
  deleteRun: {
    label: "Delete",
    disabledReason({ run, stored }, runId) {
      if (isActive(run) && run.runId === runId) return `${activityWords(run)}. Stop it first.`;
      return stored.elsewhereId === runId
        ? "Another tab is training this run. Stop it there first."
        : null;
    },
    perform: ({ client }, runId) => client.deleteRun(runId),
  } satisfies Action<[string]>,
  importRun: {
    label: "Import…",
    help: "A run that was exported here or on another computer",
    disabledReason: backendFailure,
    perform: loadFirst,
  } satisfies FileAction,
  /** Opens the form of a distillation, also of loaded weights. */
  distil: {
    label: "Distil…",
    help: "Train students of this network: each needs half as many steps for a digit as the one before, the last only one (Salimans and Ho 2022)",
    disabledReason(state, { weights }) {
      const reason = filesReason(state);
      if (reason) return reason;
      if (weights.trainedSteps === 0) return "Nothing is trained yet.";
      return stepsMadeFor(weights.config) === 1 ? "It draws a digit in one step already." : null;
    },
    perform: ({ store }, teacher) =>
      store.setState(({ weights }) => ({ weights: { ...weights, teacher } })),
  } satisfies Action<[Teacher]>,

  measure: {
    label: "Measure",
    disabledReason: measuringReason,
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<EvaluationRequest, "evaluationId">]>,
  compareSamplers: {
    label: "Compare samplers",
    help: "Draws the samples again and again: with each sampler, each spacing of its steps, and 5 to 50 predictions of the network. The charts show how few are enough.",
    disabledReason: (state) =>
      state.evaluation.request ? "Samples are being measured." : measuringReason(state),
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<ComparisonRequest, "evaluationId">]>,
  benchmark: {
    label: "Start",
    disabledReason: (state) =>
      busyReason(state) ??
      (state.epochTiming.fraction !== null
        ? "An epoch is being timed. Wait until that is done."
        : null),
  } satisfies Omit<Action, "perform">,
};

function openReason(state: AppState): string | null {
  const { run, stored } = state;
  const failure = backendFailure(state);
  if (failure) return failure;
  if (isActive(run)) {
    // It may have been renamed since it began.
    const { name } = stored.runs?.find(({ runId }) => runId === run.runId) ?? run;
    return `${activityWords({ ...run, name })}. Stop it to delete it, or to open another.`;
  }
  if (state.trainRequested || state.continueRequested) return "A run is about to start.";
  return null;
}

function withSettingsOf(state: AppState, { name, config }: ReadableRun): AppState {
  const message = `Train starts a new run with the settings of “${name}”.`;
  const after = { ...state, stored: hideList(state.stored) };
  return toldInForm(after, { preset: nearestPreset(config), config }, message);
}

const IN_FORM = "The settings are in the form";

/** With other settings in the form, and one notice that says whose. */
function toldInForm(
  state: AppState,
  form: Pick<AppState, "preset" | "config">,
  message: string,
): AppState {
  const notices = withoutSource(state.notices, "form");
  const rest = { tone: "info", source: "form" } as const;
  return noticed({ ...state, ...inForm(form)(state), notices }, IN_FORM, message, rest);
}

function measuringReason(state: AppState): string | null {
  const { current, loading } = state.dataset;
  const reason = samplingReason(state);
  if (reason !== null || current) return reason;
  return loading
    ? "The images to compare with are being loaded."
    : "There are no images to compare with: load them under Train.";
}
