/** What the page can ask of the worker; turns the worker's events into state. */
import { type DatasetId, DEFAULT_DATASET } from "../../../engine/data/datasets.ts";
import { firstFew } from "../../../engine/shortenedText.ts";
import type { BackendChoice, Command } from "../../../hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { applyEvent } from "../applyEvent.ts";
import { saveFile } from "../saveFile.ts";
import type { Remedy } from "../slices/notices.ts";
import type { AppStore } from "../store.ts";
import { Answers } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";
import { datasetLoader } from "./datasetLoader.ts";
import { createRecovery } from "./recovery.ts";
import { samplesClient } from "./samplesClient.ts";
import { storedRunsClient } from "./storedRunsClient.ts";
import { timingClient } from "./timingClient.ts";
import { trainingClient } from "./trainingClient.ts";
import { weightsClient } from "./weightsClient.ts";
import { type WorkerEnd, workerLink } from "./workerLink.ts";

/** What views ask of the worker by themselves. */
type ViewCommand = Extract<Command, { type: "showImages" | "readRun" }>;

export type Client = ReturnType<typeof connect>;

export function connect(startWorker: () => WorkerEnd, store: AppStore, backend: BackendChoice) {
  let numIds = 0;
  const newId = (kind: string) => `${kind}-${++numIds}`;
  const listeners = new Set<(event: WorkerEvent) => void>();
  const link = workerLink(startWorker, dispatch);
  const answers = new Answers();
  const context: ClientContext = { store, link, answers, newId, dispatch };
  const datasets = datasetLoader(context);
  const storedRuns = storedRunsClient(context);
  const { openRun } = storedRuns;
  const recovery = createRecovery({ store, link, datasets, openRun, backend, dispatch });
  const { afterEvent: afterTiming, ...timing } = timingClient(context, recovery);
  const { startRequested, ...training } = trainingClient(context, recovery);
  const samples = samplesClient(context);
  const weights = weightsClient(context);

  function dispatch(event: WorkerEvent) {
    if (answers.take(event)) return;
    if (event.type === "fault") answers.loseAll(event.message);
    const before = store.getState();
    store.setState((state) => applyEvent(state, event));
    if (event.type === "weightsSaved" || event.type === "runExported") {
      for (const file of event.files) saveFile(file);
    }
    if (event.type === "datasetFailed") datasets.forget(event.loadId);
    recovery.afterEvent(event, before);
    afterTiming(event);
    for (const listener of listeners) listener(event);
    startRequested();
  }

  /** Loads images that come with the app; the last call wins. */
  const loadDataset = (id: DatasetId) => void datasets.load(id);
  /** Loads IDX files that the person chose or dropped. */
  const loadFiles = (files: readonly File[]) => void datasets.load("files", files);

  recovery.start();
  return {
    ...training,
    ...samples,
    ...weights,
    ...storedRuns,
    ...timing,
    loadDataset,
    loadFiles,
    /** Weights or IDX files, by their names. */
    loadDropped(files: readonly File[]) {
      const weightsFiles = files.filter(({ name }) => WEIGHTS_NAME.test(name));
      const images = files.filter((file) => !weightsFiles.includes(file));
      const [first] = weightsFiles;
      if (images.length > 0) loadFiles(images);
      if (weightsFiles.length > 1) {
        const names = firstFew(weightsFiles.map(({ name }) => name));
        const message = `Expected one file of weights, got ${weightsFiles.length}: ${names}. Drop one of them.`;
        dispatch({ type: "weightsNotLoaded", fileName: "The weights", message });
      } else if (first) weights.openFile(first);
    },
    /** What a click on a notice does. */
    remedy(remedy: Remedy) {
      if (remedy === "retryDataset") loadDataset(DEFAULT_DATASET);
      else if (remedy === "reloadPage") window.location.reload();
      else if (remedy === "halveLearningRate") {
        const { run } = store.getState();
        if (run) training.continueRun({ runId: run.runId, learningRateFactor: 0.5 });
      } else recovery.remedy(remedy);
    },
    /** For a view with a state of its own: called with the events of the worker that answer no request. */
    listen(listener: (event: WorkerEvent) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: (command: ViewCommand) => link.post(command),
  };
}

/** With PyTorch's own formats: the reader says how to convert them. */
const WEIGHTS_NAME = /\.(safetensors|pt|pth|ckpt|pkl)$/i;
