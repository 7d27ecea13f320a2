/** The workers that the page starts. */
import { whenEnded } from "../../../runtime/threads/liveness.ts";
import type {
  ReplicaName,
  ReplicaReply,
  ThreadLoaded,
  ThreadRequest,
} from "../../../runtime/threads/replicaProtocol.ts";

/** The worker that trains and samples. */
export function startWorker(): Worker {
  const name = newName();
  return watched(
    withThreads(
      new Worker(new URL("../../../hosts/worker/main.ts", import.meta.url), {
        type: "module",
        name,
      }),
    ),
    name,
  );
}

/** The worker that reads pictures and makes sets of them. */
export function startImagesWorker(): Worker {
  return new Worker(new URL("../../../hosts/images/main.ts", import.meta.url), { type: "module" });
}

/** Another for each worker of any tab, since its lock and those of its threads are called after it. */
function newName(): string {
  return `worker ${Date.now()} ${Math.random()}`;
}

/** Has a worker that ends without a word tell an error, as one that breaks down. */
function watched(worker: Worker, name: string): Worker {
  let stopWatching = () => {};
  worker.addEventListener(
    "message",
    () => {
      stopWatching = whenEnded(name, () => {
        const message =
          "The worker that computes ended without a word. The browser may have needed its memory.";
        worker.dispatchEvent(new ErrorEvent("error", { message }));
      });
    },
    { once: true },
  );
  const { terminate } = worker;
  worker.terminate = () => {
    stopWatching();
    terminate.call(worker);
  };
  return worker;
}

/**
 * Starts the threads that a worker asks for, and ends them with it. The page does, since in Firefox 153
 * `new Worker` in a worker sometimes never returns (docs/decisions/threads.md).
 */
export function withThreads(worker: Worker): Worker {
  const threads = new Map<ReplicaName, Worker>();
  worker.addEventListener("message", (event: MessageEvent<ThreadRequest | { type: string }>) => {
    if ("type" in event.data) return;
    event.stopImmediatePropagation();
    const { name, port } = event.data;
    threads.get(name)?.terminate();
    threads.delete(name);
    if (port) threads.set(name, startThread(name, port));
  });
  worker.terminate = () => {
    for (const thread of threads.values()) thread.terminate();
    Worker.prototype.terminate.call(worker);
  };
  return worker;
}

function startThread(name: ReplicaName, port: MessagePort): Worker {
  const thread = new Worker(new URL("../../../hosts/worker/main.ts", import.meta.url), {
    type: "module",
    name,
  });
  // Its first message says that its script has loaded; from then on it reports errors over the port.
  thread.onmessage = () => {
    port.postMessage({ type: "loaded" } satisfies ThreadLoaded);
    thread.postMessage(port, [port]);
  };
  thread.onerror = (event) => {
    event.preventDefault();
    const message = `A thread of WebAssembly stopped: ${event.message || "its script did not load"}`;
    const details = message;
    const failed: ReplicaReply = { type: "failed", message, details, isOutOfMemory: false };
    port.postMessage(failed);
  };
  return thread;
}
