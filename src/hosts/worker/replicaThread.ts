import { errorReport } from "../../engine/messageOf.ts";
import { holdUntilEnd, whenEnded } from "../../runtime/threads/liveness.ts";
import type {
  ReplicaName,
  ReplicaReply,
  ReplicaRequest,
  ThreadLoaded,
  ThreadRequest,
} from "../../runtime/threads/replicaProtocol.ts";
import { Replicas, type ReplicaThread } from "../../runtime/threads/replicas.ts";
import { ReplicaWorker } from "../../runtime/threads/replicaWorker.ts";
import { startBackend } from "./backend.ts";

/** As many of them as make, with this worker, one thread a core. */
export function replicasInWorkers(): Replicas {
  let numStarted = 0;
  return new Replicas(navigator.hardwareConcurrency, () =>
    startReplicaThread(`replica ${++numStarted} of ${self.name}`),
  );
}

/** Has the page start a worker, and talks to it over a port. */
function startReplicaThread(name: ReplicaName): ReplicaThread {
  const ask = (port: MessagePort | null) => {
    const request: ThreadRequest = { name, port };
    self.postMessage(request, { transfer: port ? [port] : [] });
  };
  const { port1, port2 } = new MessageChannel();
  let stopWatching = () => {};
  const thread: ReplicaThread = {
    post: (request, transfer) => port1.postMessage(request, transfer),
    onReply: () => {},
    end() {
      stopWatching();
      port1.close();
      ask(null);
    },
  };
  const failed = () => {
    const report = errorReport(new Error("A thread of WebAssembly ended without a word."));
    thread.onReply({ type: "failed", ...report, isOutOfMemory: false });
  };
  port1.onmessage = ({ data }: MessageEvent<ThreadLoaded | ReplicaReply>) => {
    if (data.type === "loaded") stopWatching = whenEnded(name, failed);
    else thread.onReply(data);
  };
  ask(port2);
  return thread;
}

/** Makes this worker the thread of a replica; the first message from the page is the port. */
export async function serveReplica(): Promise<void> {
  self.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
    const post = (reply: ReplicaReply, transfer: ArrayBuffer[] = []) =>
      port.postMessage(reply, transfer);
    const fail = (error: unknown) =>
      post({ type: "failed", ...errorReport(error), isOutOfMemory: false });
    const replica = new ReplicaWorker(() => startBackend("wasm", fail), post);
    port.onmessage = ({ data: request }: MessageEvent<ReplicaRequest>) => replica.handle(request);
    self.onunhandledrejection = ({ reason }) => fail(reason);
    self.onerror = (event, _file, _line, _column, error) => {
      fail(error ?? event);
      return true;
    };
  };
  await holdUntilEnd(self.name);
  self.postMessage("loaded");
}
