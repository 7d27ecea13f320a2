/**
 * The page's side of the worker. What asks for an answer goes through `request`, which gives the parts as they come and a
 * promise of the end (`answers.ts`). What the worker says unasked, such as the progress of a run, becomes state
 * (`applyEvent.ts`), which the components read; `recovery.ts` sees it, too, and starts another
 * worker where one has ended, by itself or when the person asks for it.
 */
import { type DatasetId, DEFAULT_DATASET, identityOf } from "../../../engine/data/datasets.ts";
import { isImageSource } from "../../../engine/data/imageSet.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { firstFew } from "../../../engine/shortenedText.ts";
import type { ImageSource } from "../../../hosts/images/protocol.ts";
import type { BackendChoice, Command } from "../../../hosts/worker/protocol.ts";
import type { Broadcast, WorkerEvent } from "../../../runtime/run/events.ts";
import { applyEvent } from "../applyEvent.ts";
import type { Remedy } from "../slices/notices.ts";
import type { AppStore } from "../store.ts";
import type { TrainedModelFile } from "../trainedModels.ts";
import { Answers, type RequestKind } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";
import { datasetLoader } from "./datasetLoader.ts";
import { modelDownloads } from "./modelDownloads.ts";
import { readerClient } from "./readerClient.ts";
import { createRecovery } from "./recovery.ts";
import { samplesClient } from "./samplesClient.ts";
import { storedRunsClient } from "./storedRunsClient.ts";
import { timingClient } from "./timingClient.ts";
import { trainingClient } from "./trainingClient.ts";
import { weightsClient } from "./weightsClient.ts";
import { type WorkerEnd, workerLink } from "./workerLink.ts";

export type Client = ReturnType<typeof connect>;

export function connect(startWorker: () => WorkerEnd, store: AppStore, backend: BackendChoice) {
  let numIds = 0;
  const newId = (kind: string) => `${kind}-${++numIds}`;
  const answers = new Answers();
  const link = workerLink(startWorker, {
    onEvent: take,
    onEnd: () => answers.loseAll("The worker was ended."),
  });
  const context: ClientContext = { store, link, newId, request, dispatch };
  const datasets = datasetLoader(context);
  const storedRuns = storedRunsClient(context);
  const { openRun } = storedRuns;
  const recovery = createRecovery({ store, link, datasets, openRun, backend, dispatch });
  const timing = timingClient(context, recovery);
  const { startRequested, ...training } = trainingClient(context, recovery, datasets);
  const downloads = modelDownloads();
  const samples = samplesClient(context, downloads);
  const weights = weightsClient(context, { startRequested, downloads });

  function request<Kind extends RequestKind>(
    kind: Kind,
    command: (id: string) => Command | Promise<Command>,
  ) {
    const id = newId(kind);
    const answer = answers.request<Kind>(id, () => link.post({ type: "cancel", requestId: id }));
    const post = (made: Command) => {
      // It may have been cancelled while the command was made.
      if (!answers.isAwaited(id)) return;
      link.post(made);
      // Nobody would answer.
      if (!link.isThere()) answers.loseAll("The worker has ended.");
    };
    const made = command(id);
    if (made instanceof Promise) {
      made.then(post, (error) => {
        answers.take({ type: "requestFailed", requestId: id, message: messageOf(error) });
      });
    } else post(made);
    return answer;
  }

  function take(event: WorkerEvent) {
    // An answer to a request that has ended is for nobody.
    if (!answers.take(event) && !("requestId" in event)) dispatch(event);
  }

  function dispatch(event: Broadcast) {
    if (event.type === "fault") answers.loseAll(event.message);
    const before = store.getState();
    store.setState((state) => applyEvent(state, event));
    if (event.type === "datasetFailed") datasets.forget(event.loadId);
    if (event.type === "datasetReady") void datasets.loaded(event.loadId);
    recovery.afterEvent(event, before);
    startRequested();
  }

  /** Loads images that come with the app; the last call wins. */
  const loadDataset = (id: DatasetId) => void datasets.load(identityOf(id));

  /**
   * Loads files with the names of their folders. Names tell weights and runs from IDX files, and from pictures, which the
   * dialog of other images shows before they become a set.
   */
  function loadSources(sources: readonly ImageSource[]) {
    if (sources.some(({ path }) => isImageSource(path))) {
      store.setState({ importing: sources });
      return;
    }
    const files = sources.map(({ file }) => file);
    const weightsFiles = files.filter(({ name }) => WEIGHTS_NAME.test(name));
    const images = files.filter((file) => !weightsFiles.includes(file));
    const [first] = weightsFiles;
    // An empty folder is told to be one, too.
    if (images.length > 0 || sources.length === 0) void datasets.loadFiles(images);
    if (weightsFiles.length > 1) {
      const names = firstFew(weightsFiles.map(({ name }) => name));
      weights.refuseFiles(
        `Expected one file of weights, got ${weightsFiles.length}: ${names}. Drop one of them.`,
      );
    } else if (first) weights.openFile(first);
  }

  recovery.start();
  return {
    ...training,
    ...samples,
    ...weights,
    ...storedRuns,
    ...timing,
    ...readerClient(context),
    /** Downloads a trained model before it is asked for. */
    prepareModel: (fileName: TrainedModelFile) => void downloads.file(fileName).catch(() => {}),
    loadDataset,
    loadFirstImages: datasets.loadFirst,
    /** Loads a set that was made of pictures. */
    loadMade: datasets.loadMade,
    keepImages: datasets.keep,
    imageFiles: datasets.files,
    openImages: datasets.open,
    /** Loads what the person chose. */
    loadFiles(files: readonly File[]) {
      loadSources(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
    },
    loadSources,
    /** Closes the dialog of other images. A run that waited for them goes on if some are being loaded by now. */
    closeImages() {
      const { missingImages, dataset } = store.getState();
      store.setState({ importing: null, missingImages: null });
      if (missingImages && !dataset.loading) training.cancelTrain();
      startRequested();
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
  };
}

/** With PyTorch's own formats: the reader says how to convert them. */
const WEIGHTS_NAME = /\.(safetensors|pt|pth|ckpt|pkl)$/i;
