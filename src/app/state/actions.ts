/** What a person can do on the page. */
import { nearestPreset } from "../../engine/config/presets.ts";
import { isValidConfig, isValidNewRun } from "../../engine/config/validate.ts";
import { DATASETS, type DatasetId } from "../../engine/data/datasets.ts";
import type { SaveRequest } from "../../hosts/worker/protocol.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  SampleRequest,
} from "../../runtime/run/samplingProtocol.ts";
import type { Client } from "./client/client.ts";
import { busyReason } from "./slices/epochTimer.ts";
import { noticed } from "./slices/notices.ts";
import { isActive, isTraining, type Run } from "./slices/run.ts";
import { isTrained, sampledConfig } from "./slices/sampledNetwork.ts";
import type { AskedFor } from "./slices/samples.ts";
import { hideList, type ReadableRun } from "./slices/storedRuns.ts";
import { settingsFitWeights } from "./slices/weights.ts";
import { type AppState, backendFailure } from "./state.ts";
import type { AppStore } from "./store.ts";

export interface AppHandle {
  store: AppStore;
  client: Client;
}

/** @typeParam Target what it is done to, such as a run */
export interface Action<Target extends unknown[] = []> {
  label: string;
  /** What it does, where the label does not say it. */
  help?: string;
  /** Why it cannot be done now, in a sentence for the person; null when it can. */
  disabledReason(state: AppState, ...target: Target): string | null;
  perform(app: AppHandle, ...target: Target): void;
}

/** Of files that the person chooses. */
export type FileAction = Omit<Action, "perform"> & {
  perform(app: AppHandle, files: readonly File[]): void;
};

const TRAINING_ELSEWHERE = "Another tab is training, and only one can at a time.";

export const ACTIONS = {
  train: {
    label: "Train",
    disabledReason(state) {
      const { dataset, config, stored } = state;
      if (stored.isTrainingElsewhere) {
        return `${TRAINING_ELSEWHERE} Meanwhile you can look at runs and generate digits here.`;
      }
      const failure = backendFailure(state);
      if (failure) return failure;
      if (!dataset.current && !dataset.loading) return "There are no images to train on.";
      if (config.distilFrom > 0 && !settingsFitWeights(state)) {
        return "A distillation begins with a trained network: load one, or set Distil from to 0.";
      }
      return isValidNewRun(config, dataset.current)
        ? null
        : "To train, correct the settings first.";
    },
    perform: ({ client }) => client.train(),
  } satisfies Action,
  cancelTrain: {
    label: "Cancel",
    disabledReason: () => null,
    perform: ({ client }) => client.cancelTrain(),
  } satisfies Action,
  pause: {
    label: "Pause",
    disabledReason: ({ run }) => pendingReason(run),
    perform: ({ client }) => client.ask("pause"),
  } satisfies Action,
  resume: {
    label: "Resume",
    disabledReason: ({ run }) => pendingReason(run),
    perform: ({ client }) => client.ask("resume"),
  } satisfies Action,
  stop: {
    label: "Stop",
    disabledReason: ({ run }) => (run?.asked === "stop" ? "The run is stopping." : null),
    perform: ({ client }) => client.ask("stop"),
  } satisfies Action,

  openRun: {
    label: "Open",
    help: "Show its losses and digits, and generate more",
    disabledReason: openReason,
    perform: ({ client }, { runId }) => client.openRun(runId),
  } satisfies Action<[ReadableRun]>,
  resumeRun: {
    label: "Resume",
    help: "Continue training from where it stands",
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
  deleteRun: {
    label: "Delete",
    disabledReason: (state, runId) =>
      isTraining(state, runId) ? "It is being trained: stop it first" : null,
    perform: ({ client }, runId) => client.deleteRun(runId),
  } satisfies Action<[string]>,
  importRun: {
    label: "Import…",
    help: "A run that was exported here or on another computer",
    disabledReason: backendFailure,
    perform: loadFirst,
  } satisfies FileAction,

  loadImages: {
    label: "Other files…",
    help: DATASETS.files.help,
    disabledReason: filesReason,
    perform: ({ client }, files) => client.loadFiles(files),
  } satisfies FileAction,
  loadWeights: {
    label: "Load…",
    help: "A .safetensors file, saved here or in PyTorch. You can also drop it anywhere on the page. Its settings replace those below, except the epochs.",
    disabledReason: filesReason,
    perform: loadFirst,
  } satisfies FileAction,
  loadPretrained: {
    label: "Use a trained model",
    help: "Loads a network that was trained with this app, and its settings, and draws digits with it. Train goes on from it: at the full learning rate its loss first rises a little.",
    disabledReason: filesReason,
    perform: ({ client }) => client.loadPretrained(),
  } satisfies Action,
  saveWeights: {
    label: "Download",
    help: "For PyTorch, TensorFlow.js, or this page",
    disabledReason: (state) =>
      isTrained(state) ? backendFailure(state) : "Nothing is trained yet.",
    perform: ({ client }, request) => client.saveWeights(request),
  } satisfies Action<[SaveRequest]>,
  /** A network has a class for each label of the images. */
  fitClasses: {
    label: "Fit Classes to the labels",
    disabledReason: ({ run }) => (isActive(run) ? "Stop the run to change its settings." : null),
    perform: ({ store }) =>
      store.setState(({ config, dataset }) => ({
        config: { ...config, classes: dataset.current?.numClasses ?? config.classes },
      })),
  } satisfies Action,
  loadDataset: {
    label: "Load images",
    disabledReason: filesReason,
    perform: ({ client }, id) => client.loadDataset(id),
  } satisfies Action<[DatasetId]>,

  generate: {
    label: "Generate",
    disabledReason: samplingReason,
    perform: ({ client }, request, askedFor) => client.sample(request, askedFor),
  } satisfies Action<[request: Omit<SampleRequest, "sampleId">, askedFor: AskedFor | null]>,
  measure: {
    label: "Measure",
    disabledReason: measuringReason,
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<EvaluationRequest, "evaluationId">]>,
  compareSamplers: {
    label: "Compare samplers",
    help: "Draws the samples again and again: with each sampler, each spacing of its steps, and 5 to 50 passes of the network. The chart shows how few passes are enough.",
    disabledReason: (state) =>
      state.evaluation.request ? "Samples are being measured." : measuringReason(state),
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<ComparisonRequest, "evaluationId">]>,
  timeEpoch: {
    label: "Time an epoch",
    help: "Trains a few steps with these settings, without changing any run, to estimate how long an epoch takes here. Previews and checkpoints take extra time.",
    disabledReason(state) {
      // Also of one that is paused: its settings stand, and how long it takes is known.
      if (isActive(state.run)) return "A run is in progress. It tells how long it takes.";
      if (!isValidNewRun(state.config, state.dataset.current)) return "Correct the settings first.";
      if (state.dataset.current === null) return "The images are still loading.";
      return busyReason(state);
    },
    perform: ({ client }) => client.timeEpoch(),
  } satisfies Action,
  benchmark: {
    label: "Start",
    disabledReason: (state) =>
      busyReason(state) ??
      (state.epochTiming.fraction !== null
        ? "An epoch is being timed. Wait until that is done."
        : null),
  } satisfies Omit<Action, "perform">,
};

/** Until the worker has answered, and until the first step is done. */
function pendingReason(run: Run | null): string | null {
  const isPending =
    run?.asked === "pause" ||
    run?.asked === "resume" ||
    run?.status === null ||
    run?.status === "preparing";
  return isPending ? "Wait until the run has started or paused." : null;
}

function openReason(state: AppState): string | null {
  const { run, stored } = state;
  const failure = backendFailure(state);
  if (failure) return failure;
  if (isActive(run)) {
    // It may have been renamed since it began.
    const { name } = stored.runs?.find(({ runId }) => runId === run.runId) ?? run;
    return `“${name}” is being trained. Stop it to delete it, or to open another.`;
  }
  if (state.trainRequested || state.continueRequested) return "A run is about to start.";
  return null;
}

export function filesReason(state: AppState): string | null {
  return backendFailure(state) ?? (isActive(state.run) ? "Stop the run to use other files." : null);
}

function measuringReason(state: AppState): string | null {
  return samplingReason(state) ?? imagesReason(state.dataset);
}

function samplingReason(state: AppState): string | null {
  if (!isValidConfig(sampledConfig(state))) return "To generate, correct the settings first.";
  return state.backend.status === "starting" ? "The backend is starting." : backendFailure(state);
}

function imagesReason({ current, loading }: AppState["dataset"]): string | null {
  if (current) return null;
  return loading
    ? "The images to compare with are being loaded."
    : "There are no images to compare with: load them under Train.";
}

function loadFirst({ client }: AppHandle, [file]: readonly File[]): void {
  if (file) client.loadWeights(file);
}

function withSettingsOf(state: AppState, { name, config }: ReadableRun): AppState {
  return noticed(
    { ...state, config, preset: nearestPreset(config), stored: hideList(state.stored) },
    "The settings are in the form",
    `Train starts a new run with the settings of “${name}”.`,
    { tone: "info", source: "run" },
  );
}
