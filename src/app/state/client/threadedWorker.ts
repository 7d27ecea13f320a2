import type {
  ReplicaName,
  ReplicaReply,
  ThreadRequest,
} from "../../../runtime/threads/replicaProtocol.ts";

/**
 * Starts for a worker, from now on, the threads that it asks for, and ends them with it. The page does, since
 * in Firefox 153 `new Worker` in a worker sometimes never returns (docs/decisions.md).
 */
export function withThreads(worker: Worker): Worker {
  const threads = new Map<number, Worker>();
  worker.addEventListener("message", (event: MessageEvent<ThreadRequest | { type: string }>) => {
    if ("type" in event.data) return;
    event.stopImmediatePropagation();
    const { threadId, port } = event.data;
    threads.get(threadId)?.terminate();
    threads.delete(threadId);
    if (port) threads.set(threadId, startThread(port));
  });
  worker.terminate = () => {
    for (const thread of threads.values()) thread.terminate();
    Worker.prototype.terminate.call(worker);
  };
  return worker;
}

function startThread(port: MessagePort): Worker {
  const thread = new Worker(new URL("../../../hosts/worker/main.ts", import.meta.url), {
    type: "module",
    name: "replica" satisfies ReplicaName,
  });
  // It says that its script has loaded; from then on it tells its errors itself, over the port.
  thread.onmessage = () => thread.postMessage(port, [port]);
  thread.onerror = (event) => {
    event.preventDefault();
    const message = `A thread of WebAssembly stopped: ${event.message || "its script did not load"}`;
    const failed: ReplicaReply = {
      type: "failed",
      message,
      details: message,
      isOutOfMemory: false,
    };
    port.postMessage(failed);
  };
  return thread;
}
