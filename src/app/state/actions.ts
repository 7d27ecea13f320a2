/** What a person can do on the page; in its later parts see `lazyActions.ts`. */
import {
  entryWith,
  type HyperparameterName,
  type RunConfig,
} from "../../engine/config/hyperparameters.ts";
import { teacherReason } from "../../engine/config/studentSteps.ts";
import { isValidConfig, isValidNewRun, validateNewRun } from "../../engine/config/validate.ts";
import { DATASETS, type DatasetId } from "../../engine/data/datasets.ts";
import { firstFew } from "../../engine/shortenedText.ts";
import type { SaveRequest } from "../../hosts/worker/protocol.ts";
import type { SampleRequest } from "../../runtime/run/samplingProtocol.ts";
import type { Client } from "./client/client.ts";
import { busyReason } from "./slices/epochTimer.ts";
import { isActive, type Run } from "./slices/run.ts";
import { isTrained, sampledConfig } from "./slices/sampledNetwork.ts";
import type { AskedFor } from "./slices/samples.ts";
import { settingsFitWeights } from "./slices/weights.ts";
import { type AppState, backendFailure } from "./state.ts";
import type { AppStore } from "./store.ts";
import type { TrainedModelFile } from "./trainedModels.ts";

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

export const TRAINING_ELSEWHERE = "Another tab is training, and only one can at a time.";

export const ACTIONS = {
  train: {
    label: "Train",
    disabledReason(state) {
      const { dataset, config, stored, weights } = state;
      if (stored.isTrainingElsewhere) {
        return `${TRAINING_ELSEWHERE} Meanwhile you can look at runs and generate digits here.`;
      }
      const failure = backendFailure(state);
      if (failure) return failure;
      if (!dataset.current && !dataset.loading) return "There are no images to train on.";
      const errors = validateNewRun(config, dataset.current);
      const names = Object.keys(errors) as HyperparameterName[];
      if (names.length > 0) {
        const wrong = firstFew(names.map((name) => entryWith(name, config).label));
        return `To train, correct the settings first: ${wrong}.`;
      }
      if (config.distilFrom > 0 && !settingsFitWeights(state)) {
        return "These settings distil a network, and none of this size is loaded. Load one, or press Reset below to train one from scratch.";
      }
      return weights.loaded && teacherReason(config, weights.loaded);
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
  loadTrainedModel: {
    label: "Use a trained model",
    help: "Loads a network that was trained with this app, and its settings, and draws digits with it. Train goes on from it: at the full learning rate its loss first rises a little.",
    disabledReason: filesReason,
    perform: ({ client }, fileName) => void client.loadTrainedModel(fileName),
  } satisfies Action<[TrainedModelFile]>,
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
    perform: ({ client }, ...asked) => client.sample(...asked),
  } satisfies Action<
    [request: Omit<SampleRequest, "sampleId">, askedFor: AskedFor | null, isAgain?: boolean]
  >,
  timeEpoch: {
    label: "Time an epoch",
    help: "Trains a few steps with these settings, without changing any run, to estimate how long an epoch takes here. Previews and checkpoints take extra time.",
    disabledReason(state, config) {
      // Also of one that is paused: its settings stand, and how long it takes is known.
      if (isActive(state.run)) return "A run is in progress. It tells how long it takes.";
      if (!isValidNewRun(config, state.dataset.current)) return "Correct the settings first.";
      if (state.dataset.current === null) return "The images are still loading.";
      return busyReason(state);
    },
    perform: ({ client }, config) => client.timeEpoch(config),
  } satisfies Action<[RunConfig]>,
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

export function filesReason(state: AppState): string | null {
  return backendFailure(state) ?? (isActive(state.run) ? "Stop the run to use other files." : null);
}

export function samplingReason(state: AppState): string | null {
  if (!isValidConfig(sampledConfig(state))) return "To generate, correct the settings first.";
  return state.backend.status === "starting" ? "The backend is starting." : backendFailure(state);
}

export function loadFirst({ client }: AppHandle, [file]: readonly File[]): void {
  if (file) client.loadWeights(file);
}
