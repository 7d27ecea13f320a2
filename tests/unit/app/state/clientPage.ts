import { expect, vi } from "vitest";
import { connect } from "../../../../src/app/state/client/client.ts";
import type { WorkerEnd } from "../../../../src/app/state/client/workerLink.ts";
import type { DatasetLoading } from "../../../../src/app/state/slices/dataset.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import type { Command } from "../../../../src/hosts/worker/protocol.ts";
import type { EventOf, RequestEvent, WorkerEvent } from "../../../../src/runtime/run/events.ts";

const report = {
  backend: "wasm",
  device: "",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;
export const ready: WorkerEvent = { type: "backendReady", report };

/** What the worker answers, whatever the request is called. */
export type Answered<Event = RequestEvent> = Event extends unknown
  ? Omit<Event, "requestId">
  : never;

export const filePair = [
  new File([new Uint8Array(4)], "train-images-idx3-ubyte"),
  new File([new Uint8Array(4)], "train-labels-idx1-ubyte"),
];

/** A page whose worker only writes down what it is told. */
export function page(query = "preset=tiny") {
  const commands: Command[] = [];
  const transfers: Transferable[][] = [];
  const worker: WorkerEnd = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    terminate: vi.fn(),
    postMessage(command, transfer) {
      commands.push(command);
      transfers.push(transfer);
    },
  };
  const store = createAppStore(new URLSearchParams(query));
  const client = connect(() => worker, store, "auto");
  const tell = (event: WorkerEvent) =>
    worker.onmessage?.call(worker as Worker, new MessageEvent("message", { data: event }));
  const posted = (type: Command["type"]) => commands.filter((command) => command.type === type);
  /** Answers the newest command of a type, and waits until the page has taken that. */
  const answer = async (type: Command["type"], event: Answered) => {
    const command = posted(type).at(-1);
    if (!command || !("requestId" in command)) throw new Error(`Nothing was asked with ${type}.`);
    tell({ ...event, requestId: command.requestId } as WorkerEvent);
    await new Promise(setImmediate);
  };
  const loadWeights = async (loaded: Answered<EventOf<"weightsLoaded">>) => {
    client.openFile(new File([], loaded.weights.fileName));
    await answer("openFile", loaded);
  };
  /** Loads two files and lets the worker say that it has them. */
  const load = async () => {
    client.loadFiles(filePair);
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    tellLoaded();
  };
  const tellLoaded = (checksum = 1) => {
    const { loadId, id, name } = store.getState().dataset.loading as DatasetLoading;
    tell({
      type: "datasetReady",
      dataset: { id, name },
      loadId,
      numTrain: 2,
      numValidation: 0,
      pixelChecksum: 1,
      numClasses: 10,
      checksum,
      unseenLabels: new Uint8Array(),
    });
  };
  return {
    store,
    client,
    worker,
    commands,
    transfers,
    tell,
    posted,
    answer,
    load,
    loadWeights,
    tellLoaded,
  };
}
