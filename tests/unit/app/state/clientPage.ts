import { expect, vi } from "vitest";
import { connect } from "../../../../src/app/state/client/client.ts";
import type { WorkerEnd } from "../../../../src/app/state/client/workerLink.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import type { Command } from "../../../../src/hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";

const report = {
  backend: "wasm",
  device: "",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;
export const ready: WorkerEvent = { type: "backendReady", report };
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
  /** Loads two files and lets the worker say that it has them. */
  const load = async () => {
    client.loadFiles(filePair);
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    tellLoaded();
  };
  const tellLoaded = (checksum = 1) => {
    const loadId = store.getState().dataset.loading?.loadId ?? "";
    tell({
      type: "datasetReady",
      loadId,
      numTrain: 2,
      numValidation: 0,
      numClasses: 10,
      checksum,
      unseenLabels: new Uint8Array(),
    });
  };
  return { store, client, worker, commands, transfers, tell, posted, load, tellLoaded };
}
