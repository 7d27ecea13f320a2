/** The workers that the page starts. */
import type {
  MeasuringEvent,
  MeasuringFailed,
  MeasuringRequest,
} from "../../../hosts/measuring/measuringProtocol.ts";
import type {
  ReplicaName,
  ReplicaReply,
  ThreadRequest,
} from "../../../runtime/threads/replicaProtocol.ts";

/** The worker that trains and samples. */
export function startWorker(): Worker {
  return withThreads(
    new Worker(new URL("../../../hosts/worker/main.ts", import.meta.url), { type: "module" }),
  );
}

/**
 * Starts a worker that measures, which ends with its result.
 *
 * @returns ends it at once
 */
export function startMeasuring<Event extends MeasuringEvent>(
  request: MeasuringRequest,
  onEvent: (event: Event | MeasuringFailed) => void,
): () => void {
  const worker = withThreads(
    new Worker(new URL("../../../hosts/measuring/benchmark.ts", import.meta.url), {
      type: "module",
    }),
  );
  const tell = (event: Event | MeasuringFailed) => {
    const goesOn = event.type === "benchmarkProgress" || event.type === "timingProgress";
    if (!goesOn) worker.terminate();
    onEvent(event);
  };
  worker.onmessage = ({ data }: MessageEvent<Event>) => tell(data);
  worker.onerror = ({ message }) =>
    tell({ type: "measuringFailed", message: message || "The worker's script did not load." });
  worker.postMessage(request);
  return () => worker.terminate();
}

/**
 * Starts the threads that a worker asks for, and ends them with it. The page does, since in Firefox 153
 * `new Worker` in a worker sometimes never returns (docs/decisions.md).
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
  // Its first message says that its script has loaded; from then on it reports errors over the port.
  thread.onmessage = () => thread.postMessage(port, [port]);
  thread.onerror = (event) => {
    event.preventDefault();
    const message = `A thread of WebAssembly stopped: ${event.message || "its script did not load"}`;
    const details = message;
    const failed: ReplicaReply = { type: "failed", message, details, isOutOfMemory: false };
    port.postMessage(failed);
  };
  return thread;
}
