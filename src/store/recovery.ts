import type { BackendChoice, WorkerEvent } from "../worker/protocol.ts";
import { writeBackend } from "./address.ts";
import { noticed } from "./applyEvent.ts";
import type { DatasetLoader } from "./datasetLoader.ts";
import { halved, recentLosses, recoveryFrom } from "./faultPolicy.ts";
import type { Remedy } from "./notices.ts";
import { isActive, type Run } from "./run.ts";
import type { AppState } from "./state.ts";
import type { AppStore } from "./store.ts";
import type { ContinueRequest } from "./storedRuns.ts";
import type { WorkerLink } from "./workerLink.ts";

/** Starts the worker, and again when it or its device is lost; then the run goes on. */
export class Recovery {
  readonly #store: AppStore;
  readonly #link: WorkerLink;
  readonly #datasets: DatasetLoader;
  #backend: BackendChoice;
  #lossesMs: number[] = [];
  /** The run that was lost with the worker. */
  #lost: Run | null = null;
  #maxMicroBatch: number | null = null;

  constructor(options: {
    store: AppStore;
    link: WorkerLink;
    datasets: DatasetLoader;
    backend: BackendChoice;
  }) {
    this.#store = options.store;
    this.#link = options.link;
    this.#datasets = options.datasets;
    this.#backend = options.backend;
  }

  /** Most images in one pass, where memory turned out to be short; else null. */
  get maxMicroBatch(): number | null {
    return this.#maxMicroBatch;
  }

  /** Another run begins: its memory is its own. */
  forget(): void {
    this.#maxMicroBatch = null;
    this.#lost = null;
  }

  start(): void {
    this.#link.restart();
    this.#link.post({ type: "init", backend: this.#backend });
  }

  /** @param before the state until then */
  afterFault(fault: Extract<WorkerEvent, { type: "fault" }>, before: AppState): void {
    const nowMs = Date.now();
    if (fault.cause === "deviceLost") {
      this.#lossesMs = [...recentLosses(this.#lossesMs, nowMs), nowMs];
    }
    const { run } = before;
    const recovery = recoveryFrom(fault, {
      run,
      maxMicroBatch: this.#maxMicroBatch,
      lossesMs: this.#lossesMs,
    });
    this.#maxMicroBatch = recovery.maxMicroBatch;
    this.#lost = isActive(run) ? run : null;
    const { title, message, remedies, continues } = recovery;
    const { details } = fault;
    const tone = continues ? "info" : "error";
    this.#link.end();
    this.#store.setState((state) => noticed(state, { tone, title, message, remedies, details }));
    if (continues) this.#goOn();
  }

  remedy(remedy: Extract<Remedy, "restart" | "continueRun" | "halveMicroBatch" | "useWasm">): void {
    if (remedy === "useWasm") {
      this.#backend = "wasm";
      writeBackend("wasm");
      this.#maxMicroBatch = null;
    }
    if (remedy === "halveMicroBatch") {
      this.#maxMicroBatch = halved(this.#lost, this.#maxMicroBatch);
    }
    this.#goOn();
  }

  /** In a new worker, with the images of the old one. */
  #goOn(): void {
    this.#store.setState({ backend: { status: "starting" } });
    this.start();
    this.#datasets.reload();
    if (this.#lost) this.#store.setState(continueRequest(this.#lost, this.#store.getState()));
    this.#lost = null;
  }
}

/** The run goes on from its newest checkpoint; without one it begins anew. */
function continueRequest(run: Run, { stored }: AppState): Partial<AppState> {
  const isStored = stored.runs?.some(({ runId }) => runId === run.runId) ?? false;
  if (!isStored) return { trainRequested: true, config: run.config };
  const request: ContinueRequest = { runId: run.runId, learningRateFactor: 1 };
  return { continueRequested: request };
}
