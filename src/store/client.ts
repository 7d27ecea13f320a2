/** What the page can ask for; turns the worker's events into state. */
import { isValidNewRun } from "../config/validate.ts";
import { messageOf } from "../messageOf.ts";
import { newRunId } from "../runId.ts";
import { uniqueName } from "../runName.ts";
import { firstFew } from "../text.ts";
import type { EvaluationRequest } from "../worker/evaluationProtocol.ts";
import type {
  BackendChoice,
  Command,
  RunFormat,
  SampleRequest,
  SaveRequest,
  WorkerEvent,
} from "../worker/protocol.ts";
import { applyEvent } from "./applyEvent.ts";
import { runsToRead, withAsked } from "./comparison.ts";
import { NO_CURSOR } from "./cursor.ts";
import { MNIST_NAME } from "./dataset.ts";
import { DatasetLoader } from "./datasetLoader.ts";
import { openFiles, openMnist } from "./datasetSource.ts";
import { EpochTimer } from "./epochTimer.ts";
import { requestEvaluation } from "./evaluation.ts";
import { evolutionOf } from "./evolution.ts";
import { type Remedy, withoutSource } from "./notices.ts";
import { fetchPretrained, firstDigits, PRETRAINED_FILE } from "./pretrained.ts";
import { Recovery } from "./recovery.ts";
import { hasUnsaved, isActive, newRun, type RunRequest } from "./run.ts";
import { runName } from "./runName.ts";
import { forgetPreviews, requestSample } from "./samples.ts";
import { saveFile } from "./saveFile.ts";
import type { AppState } from "./state.ts";
import type { AppStore } from "./store.ts";
import { type ContinueRequest, startExport } from "./storedRuns.ts";
import { type WorkerEnd, WorkerLink } from "./workerLink.ts";

type DrawingCommand = Extract<Command, { type: "sample" | "cancelSample" | "showImages" }>;

export interface Client {
  loadMnist(): void;
  /** Loads IDX files that the person chose or dropped; the last call wins. */
  loadFiles(files: readonly File[]): void;
  /** Weights or IDX files, by their names. */
  loadDropped(files: readonly File[]): void;
  /** Starts a run now, or as soon as the backend is there and all files that are being read. */
  train(): void;
  /** Trains a stored run on, as soon as that is possible. */
  continueRun(request: ContinueRequest): void;
  /** Takes back a `train` or `continueRun` that still waits. */
  cancelTrain(): void;
  ask(request: RunRequest): void;
  /** Shows a stored run. */
  openRun(runId: string): void;
  /** Reads what is compared and not yet read, or was saved anew since. */
  readCompared(): void;
  renameRun(runId: string, name: string): void;
  deleteRun(runId: string): void;
  /** Downloads a run, whole or its history. */
  exportRun(runId: string, format: RunFormat): void;
  /** Measures how long an epoch takes with the settings of the form, where nothing else computes. */
  timeEpoch(): void;
  cancelTiming(): void;
  /** The page may soon be gone. */
  saveCheckpoint(): void;
  /** What a click on a notice does. */
  remedy(remedy: Remedy): void;
  sample(request: Omit<SampleRequest, "sampleId">): void;
  cancelSample(): void;
  /** Measures samples; a measurement that goes on is ended. */
  evaluate(request: Omit<EvaluationRequest, "evaluationId">): void;
  cancelEvaluation(): void;
  /** For a view that draws digits of its own: it hears all that the worker says. */
  listen(listener: (event: WorkerEvent) => void): () => void;
  send(command: DrawingCommand): void;
  /** Downloads the network that digits are drawn from. */
  saveWeights(request: SaveRequest): void;
  /**
   * Takes a safetensors file for the network to sample, and to begin the next run with; one that is a
   * whole run is stored.
   */
  loadWeights(file: File): void;
  /** The same with the network that the app brings with it, from which digits are drawn at once. */
  loadPretrained(): void;
  /** The next run begins anew. */
  forgetWeights(): void;
}

export function connect(
  startWorker: () => WorkerEnd,
  store: AppStore,
  backend: BackendChoice,
): Client {
  let numIds = 0;
  /** Weights files asked for: a download that ends after the next one was chosen counts no more. */
  let numLoads = 0;
  const listeners = new Set<(event: WorkerEvent) => void>();
  const newId = (kind: string) => `${kind}-${++numIds}`;
  const link = new WorkerLink(startWorker, dispatch);
  const datasets = new DatasetLoader({ store, link, newId, dispatch });
  const recovery = new Recovery({ store, link, datasets, backend });
  const timer = new EpochTimer(store);

  function dispatch(event: WorkerEvent) {
    const before = store.getState();
    store.setState((state) => applyEvent(state, event));
    if (event.type === "weightsSaved" || event.type === "runExported") {
      for (const file of event.files) saveFile(file);
    }
    if (event.type === "datasetFailed") datasets.forget(event.datasetId);
    if (event.type === "weightsLoaded" && event.weights.fileName === PRETRAINED_FILE) {
      client.sample(firstDigits(event.weights));
    }
    recovery.afterEvent(event, before);
    for (const listener of listeners) listener(event);
    startWaitingRun();
  }
  recovery.start();

  function startWaitingRun() {
    const state = store.getState();
    const { trainRequested, continueRequested, run, config, preset, dataset } = state;
    const { current } = dataset;
    if (!(trainRequested || continueRequested) || !isReadyToTrain(state) || !current) return;
    if (continueRequested) {
      store.setState(({ stored }) => ({
        continueRequested: null,
        stored: { ...stored, opening: continueRequested.runId },
      }));
      recovery.continueRun(continueRequested);
      return;
    }
    if (isActive(run)) return;
    if (!isValidNewRun(config)) {
      store.setState({ trainRequested: false });
      return;
    }
    const runId = newRunId();
    const name = uniqueName(runName(preset, new Date()), takenNames(state));
    store.setState(({ samples }) => ({
      trainRequested: false,
      run: newRun({ runId, name, datasetName: current.name, config }),
      samples: forgetPreviews(samples),
      evolution: evolutionOf(runId),
      cursor: NO_CURSOR,
    }));
    const { maxMicroBatch } = recovery;
    link.post({ type: "train", runId, name, preset, config, maxMicroBatch });
  }

  const client: Client = {
    loadMnist: () => datasets.load(MNIST_NAME, () => openMnist()),
    loadFiles: (files) => datasets.load("Your files", () => openFiles(files)),
    loadDropped(files) {
      const weights = files.filter(({ name }) => WEIGHTS_NAME.test(name));
      const images = files.filter((file) => !weights.includes(file));
      const [first] = weights;
      if (weights.length > 1) {
        const message = `Expected one file of weights, got ${weights.length}: ${firstFew(weights.map(({ name }) => name))}. Drop one of them.`;
        dispatch({ type: "weightsNotLoaded", fileName: "The weights", message });
      } else if (first) client.loadWeights(first);
      if (images.length > 0) client.loadFiles(images);
    },
    train() {
      keepStorage();
      recovery.forget();
      store.setState({ trainRequested: true, continueRequested: null });
      startWaitingRun();
    },
    continueRun(request) {
      // Another run has its own memory.
      if (request.runId !== store.getState().run?.runId) recovery.forget();
      keepStorage();
      store.setState({ continueRequested: request, trainRequested: false });
      startWaitingRun();
    },
    cancelTrain() {
      store.setState({ trainRequested: false, continueRequested: null });
    },
    ask(request) {
      const { run } = store.getState();
      if (!isActive(run)) return;
      store.setState({ run: { ...run, asked: request } });
      link.post({ type: request, runId: run.runId });
    },
    openRun(runId) {
      // Without a backend the worker may be gone, and no one would ever answer.
      if (store.getState().backend.status === "failed") return;
      store.setState(({ stored }) => ({ stored: { ...stored, opening: runId } }));
      link.post({ type: "openRun", runId });
    },
    readCompared() {
      if (!link.isThere) return;
      for (const run of runsToRead(store.getState())) {
        store.setState(({ comparison }) => ({ comparison: withAsked(comparison, run) }));
        link.post({ type: "readRun", runId: run.runId });
      }
    },
    renameRun(runId, name) {
      const unique = uniqueName(name, takenNames(store.getState(), runId));
      link.post({ type: "renameRun", runId, name: unique });
    },
    deleteRun: (runId) => link.post({ type: "deleteRun", runId }),
    exportRun(runId, format) {
      if (!link.isThere) return;
      store.setState(({ stored }) => ({ stored: startExport(stored, runId) }));
      link.post({ type: "exportRun", runId, format });
    },
    timeEpoch: () => timer.start(recovery.maxMicroBatch),
    cancelTiming: () => timer.cancel(),
    saveCheckpoint() {
      const { run } = store.getState();
      if (isActive(run) || hasUnsaved(run)) link.post({ type: "saveCheckpoint" });
    },
    remedy(remedy) {
      switch (remedy) {
        case "retryMnist":
          return client.loadMnist();
        case "reloadPage":
          return window.location.reload();
        case "restart":
        case "continueRun":
        case "halveMicroBatch":
        case "useWasm":
          return recovery.remedy(remedy);
        case "halveLearningRate": {
          const { run } = store.getState();
          if (run) client.continueRun({ runId: run.runId, learningRateFactor: 0.5 });
          return;
        }
        default:
          remedy satisfies never;
      }
    },
    sample(request) {
      const sampleId = newId("sample");
      store.setState(({ samples }) => ({ samples: requestSample(samples, sampleId) }));
      const { config } = store.getState();
      link.post({ type: "sample", request: { sampleId, ...request }, config });
    },
    evaluate(asked) {
      const request = { evaluationId: newId("evaluation"), ...asked };
      const { evaluation, config } = store.getState();
      store.setState({ evaluation: requestEvaluation(evaluation, request) });
      link.post({ type: "evaluate", request, config });
    },
    cancelEvaluation() {
      const { request } = store.getState().evaluation;
      if (request) {
        link.post({ type: "cancelEvaluation", evaluationId: request.evaluationId });
      }
    },
    saveWeights(request) {
      link.post({ type: "saveWeights", request, config: store.getState().config });
    },
    loadWeights(file) {
      const { backend, config, weights } = store.getState();
      // Without a backend the worker may be gone, and no one would ever answer.
      if (backend.status === "failed") {
        store.setState({ weights: { ...weights, loading: null } });
        return;
      }
      numLoads += 1;
      store.setState(({ weights, notices }) => ({
        weights: { ...weights, loading: file.name, loadedFraction: null, importedFraction: null },
        notices: withoutSource(notices, "weights"),
      }));
      link.post({ type: "loadWeights", file, config });
    },
    async loadPretrained() {
      const { weights } = store.getState();
      store.setState({ weights: { ...weights, loading: PRETRAINED_FILE, loadedFraction: null } });
      numLoads += 1;
      const load = numLoads;
      try {
        const file = await fetchPretrained();
        if (load === numLoads) client.loadWeights(file);
      } catch (error) {
        if (load !== numLoads) return;
        const message = messageOf(error);
        dispatch({ type: "weightsNotLoaded", fileName: PRETRAINED_FILE, message });
      }
    },
    forgetWeights() {
      link.post({ type: "forgetWeights" });
    },
    cancelSample() {
      const { requestedId } = store.getState().samples;
      if (requestedId !== null) link.post({ type: "cancelSample", sampleId: requestedId });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: (command) => link.post(command),
  };
  return client;
}

/** The backend is there, and no file is being read, nor a run, which would take the new one's place. */
function isReadyToTrain({ backend, dataset, weights, stored }: AppState): boolean {
  const isLoading = [dataset.loading, weights.loading, stored.opening].some((it) => it !== null);
  return backend.status === "ready" && !isLoading;
}

/** Names of the runs there are, but for one. */
function takenNames({ stored, run }: AppState, exceptId?: string): string[] {
  const runs = [...(stored.runs ?? []), ...(run ? [run] : [])];
  return runs.filter(({ runId }) => runId !== exceptId).map(({ name }) => name);
}

/**
 * Asks the browser not to clear the runs when the disk is short, where it decides by itself. Firefox
 * would ask the person, over the loss and without a reason that the page could give.
 */
async function keepStorage(): Promise<void> {
  try {
    if (!/Firefox\//.test(navigator.userAgent)) await navigator.storage.persist();
  } catch {
    // Old browsers, plain http and blocked site data have no such storage.
  }
}

/** Also names of PyTorch's own formats: the reader then says how to convert them. */
const WEIGHTS_NAME = /\.(safetensors|pt|pth|ckpt|pkl)$/i;
