import type { Command } from "../../../hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";

/** What the page uses of a worker. */
export type WorkerEnd = Pick<Worker, "onmessage" | "onerror" | "onmessageerror" | "terminate"> & {
  postMessage(command: Command, transfer: Transferable[]): void;
};

export type WorkerLink = ReturnType<typeof workerLink>;

/** The page's end of the worker, which can be ended and started anew. */
export function workerLink(
  start: () => WorkerEnd,
  { onEvent, onEnd }: { onEvent: (event: WorkerEvent) => void; onEnd: () => void },
) {
  let worker: WorkerEnd | null = null;

  /** Ends the worker, if there is one. What it has already sent is dropped. */
  function end() {
    if (!worker) return;
    worker.onmessage = null;
    worker.onerror = null;
    worker.onmessageerror = null;
    worker.terminate();
    worker = null;
    onEnd();
  }

  return {
    end,
    restart() {
      end();
      worker = start();
      worker.onmessage = ({ data }: MessageEvent<WorkerEvent>) => onEvent(data);
      worker.onerror = (event) => onEvent(faultOf(event));
      worker.onmessageerror = () => {
        const message = "A message of the worker could not be read.";
        onEvent({ type: "fault", cause: "error", message, details: "" });
      };
    },
    /** Whether anyone would answer. */
    isThere: () => worker !== null,
    /** Does nothing where the worker has ended. */
    post(command: Command, transfer: Transferable[] = []) {
      worker?.postMessage(command, transfer);
    },
  };
}

function faultOf(event: ErrorEvent): WorkerEvent {
  const place = event.filename ? `${event.filename}:${event.lineno}:${event.colno}` : "";
  const stack = event.error instanceof Error ? (event.error.stack ?? "") : "";
  const message = event.message || "The worker's script did not load.";
  const details = [message, place, stack].filter(Boolean).join("\n");
  return { type: "fault", cause: "error", message, details };
}
