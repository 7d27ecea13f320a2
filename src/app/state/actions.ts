/**
 * What a person can do on the page: an entry has the label, the help, why it is disabled now, and what it does. `useAction`
 * gives a button all of it. What an action asks of the worker is a function of the client, in `client/`.
 */

import {
  entryWith,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../engine/config/hyperparameters.ts";
import { nearestPreset } from "../../engine/config/presets.ts";
import { stepsMadeFor, teacherReason } from "../../engine/config/studentSteps.ts";
import {
  isValidConfig,
  isValidNewRun,
  type LabelsKnown,
  validateNewRun,
} from "../../engine/config/validate.ts";
import { DATASETS, type DatasetId } from "../../engine/data/datasets.ts";
import { isOneLevel } from "../../engine/diffusion/objectives.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import { firstFew } from "../../engine/shortenedText.ts";
import type { SaveRequest } from "../../hosts/worker/protocol.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  SampleRequest,
} from "../../runtime/run/samplingProtocol.ts";
import type { AskedFor } from "../../runtime/sampling/ask.ts";
import type { ChosenNetwork } from "./address.ts";
import type { Client } from "./client/client.ts";
import { fromList } from "./opening.ts";
import { classesOf, nounOfSet } from "./slices/dataset.ts";
import { busyReason } from "./slices/epochTimer.ts";
import { noticed, withoutSource } from "./slices/notices.ts";
import { formatActivity, isActive, type Run } from "./slices/run.ts";
import { isTrained, sampledConfig } from "./slices/sampledNetwork.ts";
import { isReadable, type ReadableRun } from "./slices/storedRuns.ts";
import { inForm, lacksTeacher, settingsFitWeights, type Teacher } from "./slices/weights.ts";
import { type AppState, backendFailure } from "./state.ts";
import type { AppStore } from "./store.ts";
import { isTrainedModel, type TrainedModelFile } from "./trainedModels.ts";

/** The page's state, and the way to its worker. */
export interface Page {
  store: AppStore;
  client: Client;
}

/** The page, as its parts get it. */
export interface AppHandle extends Page {
  /** Begins something once, when it is first asked for, and keeps it for as long as the page is open. */
  once<T>(begin: (app: AppHandle) => T): T;
}

/** @typeParam Target what it is done to, such as a run */
export interface Action<Target extends unknown[] = []> {
  label: string;
  /** What it does, where the label does not say it. */
  help?: string;
  /** Why it cannot be done now, in a sentence for the person; null when it can. */
  disabledReason(state: AppState, ...target: Target): string | null;
  perform(app: Page, ...target: Target): void;
}

/** An action on files that the person chooses. */
export type FileAction = Omit<Action, "perform"> & {
  perform(app: Page, files: readonly File[]): void;
};

export const TRAINING_ELSEWHERE = "Another tab is training; only one tab can train at a time.";

export const ACTIONS = {
  train: {
    label: "Train",
    disabledReason(state) {
      const { dataset, config, weights } = state;
      const reason = elsewhereReason(state) ?? backendFailure(state);
      if (reason) return reason;
      if (!dataset.current && !dataset.loading) return "There are no images to train on.";
      const wrong = settingsReason(config, dataset.current);
      if (wrong) return wrong;
      if (lacksTeacher(state)) {
        return "These settings learn from a network, and none of this size is loaded. Load one, or press Reset below to train one from scratch.";
      }
      return weights.loaded && teacherReason(config, weights.loaded);
    },
    perform: ({ client }) => client.train(),
  } satisfies Action,
  trainPoints: {
    label: "Train",
    help: "Trains a small network on these points, in about ten seconds",
    disabledReason: (state) =>
      elsewhereReason(state) ??
      backendFailure(state) ??
      (isActive(state.run) ? `${formatActivity(state.run)}. Stop it to train on points.` : null) ??
      settingsReason(state.pointConfig, null) ??
      (lacksTeacher({ ...state, config: state.pointConfig })
        ? `These settings learn from a network, and none of this size is loaded. Set ${HYPERPARAMETERS.reflowSteps.label} to 0 to train one from scratch.`
        : null),
    perform({ store, client }) {
      void client.train({ preset: "points", config: store.getState().pointConfig });
    },
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

  otherImages: {
    label: "Use other images…",
    help: DATASETS.files.help,
    disabledReason: filesReason,
    perform: ({ store }) => store.setState({ importing: [] }),
  } satisfies Action,
  /** Files of any kind, by their names. */
  loadFiles: {
    label: "Choose files…",
    disabledReason: filesReason,
    perform: ({ client }, files) => client.loadFiles(files),
  } satisfies FileAction,
  loadWeights: {
    label: "A weights file…",
    help: "A .safetensors file, saved here or in PyTorch. You can also drop it anywhere on the page. Its settings become those of the form, except the epochs.",
    disabledReason: filesReason,
    perform: loadFirst,
  } satisfies FileAction,
  loadTrainedModel: {
    label: "Train from a trained model",
    help: "Loads a network that comes with this page, and its settings. Train goes on from it: at the full learning rate its loss first rises a little. To draw with one, choose it in Draw.",
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
        config: {
          ...config,
          classes: dataset.current ? classesOf(dataset.current) : config.classes,
        },
      })),
  } satisfies Action,
  loadDataset: {
    label: "Load images",
    disabledReason: filesReason,
    perform: ({ client }, id) => client.loadDataset(id),
  } satisfies Action<[DatasetId]>,

  generate: {
    label: "Generate",
    disabledReason: (state) => samplingReason(state),
    perform: ({ client }, ...asked) => client.drawInTrain(...asked),
  } satisfies Action<
    [
      request: Omit<SampleRequest<ChosenNetwork>, "sampleId">,
      askedFor: AskedFor | null,
      isAgain?: boolean,
    ]
  >,
  timeEpoch: {
    label: "Estimate time",
    help: "Trains a few steps with these settings, without changing any run, to estimate how long an epoch takes here. Previews and checkpoints take extra time.",
    disabledReason(state, config) {
      // Also of one that is paused: its settings stand, and how long it takes is known.
      if (isActive(state.run)) return "A run is in progress. It tells how long it takes.";
      if (!isValidNewRun(config, state.dataset.current)) return "Correct the settings first.";
      if (state.dataset.current === null) return "The images are still loading.";
      return busyReason(state);
    },
    perform: ({ client }, config) => void client.timeEpoch(config),
  } satisfies Action<[RunConfig]>,

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
  /** Puts the settings of an experiment into the form, and shows Train. */
  setUp: {
    label: "Set up",
    disabledReason({ run, trainRequested }) {
      if (isActive(run)) return `${formatActivity(run)}. Stop it to change the settings.`;
      return trainRequested ? "A run is about to start." : null;
    },
    perform({ store, client }, { preset, config, words, isFromScratch }) {
      const { loaded } = store.getState().weights;
      // It can be loaded again with a click, which a person's own file cannot.
      const unloadsModel = isFromScratch && loaded !== null && isTrainedModel(loaded.fileName);
      if (unloadsModel) client.forgetWeights();
      store.setState((state) => {
        const begins =
          !unloadsModel && settingsFitWeights({ ...state, config })
            ? " It begins with the loaded weights. To begin from scratch, press × beside their name first."
            : "";
        // Beside Resume it has this name.
        const train = state.run ? "Train a new run" : "Train";
        const isOfPoints = takesPoints(config);
        const message = `${words} Press ${isOfPoints ? "Train" : train} to begin.${begins}`;
        const view = isOfPoints ? ("plane" as const) : ("train" as const);
        return toldInForm({ ...state, view }, { preset, config }, message);
      });
    },
  } satisfies Action<
    [Pick<AppState, "preset" | "config"> & { words: string; isFromScratch?: boolean }]
  >,
  summaryCard: {
    label: "Summary card…",
    help: "What it took and what it reached, with what it draws: as text to copy, and as a picture",
    disabledReason: ({ stored }, runId) =>
      stored.runs?.some((run) => run.runId === runId && isReadable(run))
        ? null
        : "The run is not stored yet: its first checkpoint comes within seconds.",
  } satisfies Omit<Action<[string]>, "perform">,
  deleteRun: {
    label: "Delete",
    disabledReason({ run, stored }, runId) {
      if (isActive(run) && run.runId === runId) return `${formatActivity(run)}. Stop it first.`;
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
      if (takesPoints(weights.config))
        return "Networks of digits are distilled, not those of points.";
      const isOneStep = isOneLevel(weights.config.objective) || stepsMadeFor(weights.config) === 1;
      return isOneStep ? "It draws a digit in one step already." : null;
    },
    perform: ({ store }, teacher) =>
      store.setState(({ weights }) => ({ weights: { ...weights, teacher } })),
  } satisfies Action<[Teacher]>,

  measure: {
    label: "Measure",
    disabledReason: measuringReason,
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<EvaluationRequest<ChosenNetwork>, "requestId">]>,
  trainReader: {
    label: "Train a classifier",
    help: "Trains a small classifier on the images in use, in a minute or two, and keeps it for later visits",
    disabledReason: measuringReason,
    perform: ({ client }) => void client.trainReader(),
  } satisfies Action,
  cancelReader: {
    label: "Cancel",
    disabledReason: () => null,
    perform: ({ client }) => client.cancelReader(),
  } satisfies Action,
  compareSamplers: {
    label: "Compare samplers",
    help: "Draws the samples again and again: with each sampler, each spacing of its steps, and 5 to 50 predictions of the network. The charts show how few steps are enough. It takes about a dozen times as long as a measurement of 50 steps.",
    disabledReason: (state) =>
      state.evaluation.request ? "Samples are being measured." : measuringReason(state),
    perform: ({ client }, request) => client.evaluate(request),
  } satisfies Action<[Omit<ComparisonRequest<ChosenNetwork>, "requestId">]>,
  benchmark: {
    label: "Start",
    disabledReason: (state) =>
      busyReason(state) ??
      (state.epochTiming.inProgress !== null
        ? "An epoch is being timed. Wait until that is done."
        : null),
  } satisfies Omit<Action, "perform">,
};

function elsewhereReason(state: AppState): string | null {
  return state.stored.isTrainingElsewhere
    ? `${TRAINING_ELSEWHERE} Meanwhile you can look at runs and generate ${nounOfSet(state)}s here.`
    : null;
}

function settingsReason(config: RunConfig, images: LabelsKnown | null): string | null {
  const names = Object.keys(validateNewRun(config, images)) as HyperparameterName[];
  if (names.length === 0) return null;
  const wrong = firstFew(names.map((name) => entryWith(name, config).label));
  return `To train, correct the settings first: ${wrong}.`;
}

/** Until the worker has answered, and until the first step is done. */
function pendingReason(run: Run | null): string | null {
  const isPending =
    run?.asked === "pause" ||
    run?.asked === "resume" ||
    run?.status === null ||
    run?.status === "preparing";
  return isPending ? "Wait until the run has started or paused." : null;
}

function filesReason(state: AppState): string | null {
  return backendFailure(state) ?? (isActive(state.run) ? "Stop the run to use other files." : null);
}

/** @param networks that are to be sampled; the page's own when left out */
export function samplingReason(
  state: AppState,
  networks: readonly ChosenNetwork[] = [{ kind: "current" }],
): string | null {
  // A model that comes with the page has its own settings, whatever the form says.
  const takesForm = networks.some(({ kind }) => kind !== "model");
  if (takesForm && takesPoints(sampledConfig(state))) {
    return `The open run has learned points, not ${nounOfSet(state)}s: 2D shows what it draws.`;
  }
  if (takesForm && !isValidConfig(sampledConfig(state))) {
    return "To generate, correct the settings first.";
  }
  return state.backend.status === "starting" ? "The backend is starting." : backendFailure(state);
}

function loadFirst({ client }: Page, [file]: readonly File[]): void {
  if (file) client.openFile(file);
}

function openReason(state: AppState): string | null {
  const { run, stored } = state;
  const failure = backendFailure(state);
  if (failure) return failure;
  if (isActive(run)) {
    // It may have been renamed since it began.
    const { name } = stored.runs?.find(({ runId }) => runId === run.runId) ?? run;
    return `${formatActivity({ ...run, name })}. Stop it to delete it, or to open another.`;
  }
  if (state.trainRequested || state.continueRequested) return "A run is about to start.";
  return null;
}

function withSettingsOf(state: AppState, { name, config }: ReadableRun): AppState {
  const message = `Train starts a new run with the settings of “${name}”.`;
  const after = { ...state, ...fromList(state, config) };
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
  const after = { ...state, ...inForm(form)(state), notices, isFormOpen: true };
  return noticed(after, IN_FORM, message, rest);
}

function measuringReason(state: AppState): string | null {
  const { current, loading } = state.dataset;
  const reason = samplingReason(state);
  if (reason !== null || current) return reason;
  return loading
    ? "The images to compare with are being loaded."
    : "There are no images to compare with: load them under Train.";
}
