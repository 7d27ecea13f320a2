import type { Command } from "../../../hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { withThreads } from "./threadedWorker.ts";

/** What the page uses of a worker. */
export type WorkerEnd = Pick<Worker, "onmessage" | "onerror" | "onmessageerror" | "terminate"> & {
  postMessage(command: Command, transfer: Transferable[]): void;
};

export function startWorker(): Worker {
  return withThreads(
    new Worker(new URL("../../../hosts/worker/main.ts", import.meta.url), { type: "module" }),
  );
}

/** The page's end of the worker, which can be ended and started anew. */
export class WorkerLink {
  readonly #start: () => WorkerEnd;
  readonly #onEvent: (event: WorkerEvent) => void;
  #worker: WorkerEnd | null = null;

  constructor(start: () => WorkerEnd, onEvent: (event: WorkerEvent) => void) {
    this.#start = start;
    this.#onEvent = onEvent;
  }

  /** Ends the worker, if there is one, and starts another. */
  restart(): void {
    this.end();
    const worker = this.#start();
    worker.onmessage = ({ data }: MessageEvent<WorkerEvent>) => this.#onEvent(data);
    worker.onerror = (event) => this.#onEvent(faultOf(event));
    worker.onmessageerror = () =>
      this.#onEvent({
        type: "fault",
        cause: "error",
        details: "",
        message: "A message of the worker could not be read.",
      });
    this.#worker = worker;
  }

  /** Nothing more comes from it, also what it has already sent. */
  end(): void {
    if (!this.#worker) return;
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.onmessageerror = null;
    this.#worker.terminate();
    this.#worker = null;
  }

  /** Whether anyone would answer. */
  get isThere(): boolean {
    return this.#worker !== null;
  }

  /** To a worker that has ended nothing is said. */
  post(command: Command, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(command, transfer);
  }
}

function faultOf(event: ErrorEvent): WorkerEvent {
  const place = event.filename ? `${event.filename}:${event.lineno}:${event.colno}` : "";
  const stack = event.error instanceof Error ? (event.error.stack ?? "") : "";
  const message = event.message || "The worker's script did not load.";
  const details = [message, place, stack].filter(Boolean).join("\n");
  return { type: "fault", cause: "error", message, details };
}
