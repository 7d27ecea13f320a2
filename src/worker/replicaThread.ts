import { errorReport } from "../messageOf.ts";
import { startBackend } from "./backend.ts";
import type { ReplicaReply, ReplicaRequest } from "./replicaProtocol.ts";
import { Replicas, type ReplicaThread } from "./replicas.ts";
import { ReplicaWorker } from "./replicaWorker.ts";
import { trainingThreads } from "./threads.ts";

/** The name of a worker that is a replica's thread. */
const NAME = "replica";

/** As many as make, with this worker, one thread a core. */
export function replicasInWorkers(): Replicas {
  return new Replicas(trainingThreads(navigator.hardwareConcurrency) - 1, startReplicaThread);
}

/** Starts a worker of the same script as this one, which the browser has compiled already. */
function startReplicaThread(): ReplicaThread {
  const worker = new Worker(self.location.href, { type: "module", name: NAME });
  const thread: ReplicaThread = {
    post: (request, transfer) => worker.postMessage(request, transfer),
    onReply: () => {},
    end: () => worker.terminate(),
  };
  worker.onmessage = ({ data }: MessageEvent<ReplicaReply>) => thread.onReply(data);
  worker.onerror = (event) => {
    event.preventDefault();
    const message = `A thread of WebAssembly stopped: ${event.message || "its script did not load"}`;
    const place = event.filename ? `${event.filename}:${event.lineno}:${event.colno}` : "";
    const details = [message, place, event.error?.stack].filter(Boolean).join("\n");
    thread.onReply({ type: "failed", message, details, isOutOfMemory: false });
  };
  return thread;
}

/** Whether this worker is a replica's thread; then it answers as one from now on. */
export function isReplicaThread(): boolean {
  if (self.name !== NAME) return false;
  const post = (reply: ReplicaReply, transfer: ArrayBuffer[] = []) =>
    self.postMessage(reply, { transfer });
  const fail = (error: unknown) =>
    post({ type: "failed", ...errorReport(error), isOutOfMemory: false });
  const replica = new ReplicaWorker(() => startBackend("wasm", fail), post);
  self.onmessage = ({ data }: MessageEvent<ReplicaRequest>) => replica.handle(data);
  self.onunhandledrejection = ({ reason }) => fail(reason);
  return true;
}
