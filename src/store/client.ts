/** The page's end of the worker: owns it, sends commands, and turns its events into state. */
import { validateConfig } from "../config/validate.ts";
import { messageOf } from "../messageOf.ts";
import type {
  BackendChoice,
  Command,
  SampleRequest,
  SaveRequest,
  WorkerEvent,
} from "../worker/protocol.ts";
import { applyEvent } from "./applyEvent.ts";
import { MNIST_NAME, startLoading } from "./dataset.ts";
import { type OpenedDataset, openFiles, openMnist } from "./datasetSource.ts";
import { isActive, newRun, type RunRequest } from "./run.ts";
import { forgetPreviews, requestSample } from "./samples.ts";
import { saveFile } from "./saveFile.ts";
import type { AppStore } from "./store.ts";

export interface Client {
  loadMnist(): void;
  /** Loads IDX files that the person chose or dropped; the last call wins. */
  loadFiles(files: readonly File[]): void;
  /** Weights or IDX files, by their names. */
  loadDropped(files: readonly File[]): void;
  /** Starts a run now, or as soon as the backend is there and all files that are being read. */
  train(): void;
  /** Takes back a `train` that still waits. */
  cancelTrain(): void;
  ask(request: RunRequest): void;
  sample(request: Omit<SampleRequest, "sampleId">): void;
  cancelSample(): void;
  /** Downloads the network that digits are drawn from. */
  saveWeights(request: SaveRequest): void;
  /** Takes a safetensors file for the network to sample, and to begin the next run with. */
  loadWeights(file: File): void;
  /** The next run begins anew. */
  forgetWeights(): void;
}

/** What the page uses of a worker. */
export type WorkerEnd = Pick<Worker, "onmessage" | "onerror" | "onmessageerror"> & {
  postMessage(command: Command, transfer: Transferable[]): void;
};

export function startWorker(): Worker {
  return new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
}

export function connect(worker: WorkerEnd, store: AppStore, backend: BackendChoice): Client {
  let numIds = 0;
  /** By datasetId: takes a dataset that turned out broken out of the cache. */
  const forgets = new Map<string, OpenedDataset["forget"]>();
  let forgotten: Promise<void> | undefined;
  const newId = (kind: string) => `${kind}-${++numIds}`;
  const post = (command: Command, transfer: Transferable[] = []) =>
    worker.postMessage(command, transfer);
  const dispatch = (event: WorkerEvent) => {
    store.setState((state) => applyEvent(state, event));
    if (event.type === "weightsSaved") for (const file of event.files) saveFile(file);
    if (event.type === "datasetFailed") forgotten = forgets.get(event.datasetId)?.() ?? forgotten;
    startWaitingRun();
  };

  worker.onmessage = ({ data }: MessageEvent<WorkerEvent>) => dispatch(data);
  worker.onerror = (event) => dispatch(faultOf(event));
  worker.onmessageerror = () =>
    dispatch({ type: "fault", message: "A message of the worker could not be read.", details: "" });
  post({ type: "init", backend });

  function startWaitingRun() {
    const { trainRequested, backend, dataset, weights, run, config } = store.getState();
    const { current } = dataset;
    const isLoading = dataset.loading !== null || weights.loading !== null;
    const isReady = backend.status === "ready" && !isLoading;
    if (!trainRequested || !isReady || current === null || isActive(run)) return;
    if (Object.keys(validateConfig(config)).length > 0) {
      store.setState({ trainRequested: false });
      return;
    }
    const runId = newId("run");
    store.setState(({ samples }) => ({
      trainRequested: false,
      run: newRun({ runId, datasetName: current.name, config }),
      samples: forgetPreviews(samples),
    }));
    post({ type: "train", runId, config });
  }

  async function loadDataset(name: string, open: () => Promise<OpenedDataset>) {
    // Without a backend the worker may be gone, and no one would ever answer.
    if (store.getState().backend.status === "failed") return;
    const datasetId = newId("dataset");
    const loading = startLoading(datasetId, name);
    store.setState(({ dataset }) => ({ dataset: { ...dataset, loading } }));
    try {
      await forgotten;
      const { files, forget } = await open();
      const streams = files.map((file) => file.stream);
      // Overtaken meanwhile: to the worker it would be the last one, and so the wanted one.
      if (store.getState().dataset.loading?.datasetId !== datasetId) {
        // What goes into the cache on the side is sound and may finish.
        for (const stream of streams) stream.cancel().catch(() => {});
        return;
      }
      forgets.set(datasetId, forget);
      post({ type: "loadDataset", datasetId, name, files }, streams);
    } catch (error) {
      dispatch({ type: "datasetFailed", datasetId, message: messageOf(error) });
    }
  }

  const client: Client = {
    loadMnist() {
      loadDataset(MNIST_NAME, () => openMnist());
    },
    loadFiles(files) {
      loadDataset("Your files", () => openFiles(files));
    },
    loadDropped(files) {
      const weights = files.filter(({ name }) => WEIGHTS_NAME.test(name));
      const images = files.filter((file) => !weights.includes(file));
      const [first] = weights;
      if (weights.length > 1) {
        const message = `Expected one file of weights, got ${weights.length}: ${weights.map(({ name }) => name).join(", ")}. Drop one of them.`;
        dispatch({ type: "weightsNotLoaded", fileName: "The weights", message });
      } else if (first) client.loadWeights(first);
      if (images.length > 0) client.loadFiles(images);
    },
    train() {
      store.setState({ trainRequested: true });
      startWaitingRun();
    },
    cancelTrain() {
      store.setState({ trainRequested: false });
    },
    ask(request) {
      const { run } = store.getState();
      if (!isActive(run)) return;
      store.setState({ run: { ...run, asked: request } });
      post({ type: request, runId: run.runId });
    },
    sample(request) {
      const sampleId = newId("sample");
      store.setState(({ samples }) => ({ samples: requestSample(samples, sampleId) }));
      post({
        type: "sample",
        request: { sampleId, ...request },
        config: store.getState().config,
      });
    },
    saveWeights(request) {
      post({ type: "saveWeights", request, config: store.getState().config });
    },
    loadWeights(file) {
      const { backend, config } = store.getState();
      // Without a backend the worker may be gone, and no one would ever answer.
      if (backend.status === "failed") return;
      store.setState(({ weights }) => ({ weights: { ...weights, loading: file.name } }));
      post({ type: "loadWeights", file, config });
    },
    forgetWeights() {
      post({ type: "forgetWeights" });
    },
    cancelSample() {
      const { requestedId } = store.getState().samples;
      if (requestedId !== null) post({ type: "cancelSample", sampleId: requestedId });
    },
  };
  return client;
}

/** Also names of PyTorch's own formats: the reader then says how to convert them. */
const WEIGHTS_NAME = /\.(safetensors|pt|pth|ckpt|pkl)$/i;

function faultOf(event: ErrorEvent): WorkerEvent {
  const place = event.filename ? `${event.filename}:${event.lineno}:${event.colno}` : "";
  const stack = event.error instanceof Error ? (event.error.stack ?? "") : "";
  const message = event.message || "The worker's script did not load.";
  return { type: "fault", message, details: [message, place, stack].filter(Boolean).join("\n") };
}
