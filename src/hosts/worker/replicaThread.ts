import { errorReport } from "../../engine/messageOf.ts";
import type {
  ReplicaReply,
  ReplicaRequest,
  ThreadRequest,
} from "../../runtime/threads/replicaProtocol.ts";
import { Replicas, type ReplicaThread } from "../../runtime/threads/replicas.ts";
import { ReplicaWorker } from "../../runtime/threads/replicaWorker.ts";
import { trainingThreads } from "../../runtime/threads/threads.ts";
import { startBackend } from "./backend.ts";

/** As many as make, with this worker, one thread a core. */
export function replicasInWorkers(): Replicas {
  return new Replicas(trainingThreads(navigator.hardwareConcurrency) - 1, startReplicaThread);
}

let numStarted = 0;

/** Has the page start a worker, and talks to it over a port. */
function startReplicaThread(): ReplicaThread {
  const threadId = ++numStarted;
  const ask = (port: MessagePort | null) => {
    const request: ThreadRequest = { threadId, port };
    self.postMessage(request, { transfer: port ? [port] : [] });
  };
  const { port1, port2 } = new MessageChannel();
  const thread: ReplicaThread = {
    post: (request, transfer) => port1.postMessage(request, transfer),
    onReply: () => {},
    end() {
      port1.close();
      ask(null);
    },
  };
  port1.onmessage = ({ data }: MessageEvent<ReplicaReply>) => thread.onReply(data);
  ask(port2);
  return thread;
}

/** Makes this worker the thread of a replica; the first message from the page is the port. */
export function serveReplica(): void {
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
  self.postMessage("loaded");
}
