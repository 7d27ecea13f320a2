import type { BackendChoice, BackendReport, WorkerEvent } from "../worker/protocol.ts";
import { rewriteAddress, withBackend } from "./address.ts";
import type { DatasetLoader } from "./datasetLoader.ts";
import { halved, recentLosses, responseTo } from "./faultPolicy.ts";
import type { Remedy } from "./notices.ts";
import { noticed } from "./notices.ts";
import { isActive, type Run } from "./run.ts";
import type { AppState } from "./state.ts";
import type { AppStore } from "./store.ts";
import type { ContinueRequest, StoredRunsState } from "./storedRuns.ts";
import type { WorkerLink } from "./workerLink.ts";

/** Starts the worker, and again when it or its device is lost; then the run goes on. */
export class Recovery {
  readonly #store: AppStore;
  readonly #link: WorkerLink;
  readonly #datasets: DatasetLoader;
  #backend: BackendChoice;
  #lossesMs: number[] = [];
  /** Asked of the worker, which has not begun with it yet. */
  #asked: ContinueRequest | null = null;
  /** What was lost with the worker; null while there is one. */
  #lost: Lost | null = null;
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
  }

  start(): void {
    this.#startWorker();
    this.#openAddressed();
  }

  #startWorker(): void {
    this.#link.restart();
    this.#link.post({ type: "init", backend: this.#backend });
  }

  /** What the address names, where the worker has not answered yet. */
  #openAddressed(): void {
    const { addressed } = this.#store.getState().stored;
    if (addressed?.problem === null) this.#open(addressed.runId);
  }

  #open(runId: string): void {
    this.#store.setState(({ stored }) => ({ stored: { ...stored, opening: runId } }));
    this.#link.post({ type: "openRun", runId });
  }

  /** Asks the worker to train a run on. */
  continueRun(request: ContinueRequest): void {
    this.#asked = request;
    this.#link.post({ type: "continueRun", ...request, maxMicroBatch: this.#maxMicroBatch });
  }

  /** @param before the state until then */
  afterEvent(event: WorkerEvent, before: AppState): void {
    switch (event.type) {
      case "runStarted":
      case "runFailed":
      case "runNotOpened":
        this.#asked = null;
        return;
      case "backendReady":
        this.#sayWhatIsLeft(event.report);
        return;
      case "fault":
        this.#afterFault(event, before);
    }
  }

  #afterFault(fault: Extract<WorkerEvent, { type: "fault" }>, before: AppState): void {
    const nowMs = Date.now();
    if (fault.cause === "deviceLost") {
      this.#lossesMs = [...recentLosses(this.#lossesMs, nowMs), nowMs];
    }
    const lost = lostWith(before, this.#asked, this.#lost);
    this.#lost = lost;
    this.#asked = null;
    const response = responseTo(fault, {
      run: lost.run,
      maxMicroBatch: this.#maxMicroBatch,
      lossesMs: this.#lossesMs,
    });
    this.#maxMicroBatch = response.maxMicroBatch;
    const { title, message, remedies, continues } = response;
    const { details } = fault;
    const tone = continues ? "info" : "error";
    this.#link.end();
    this.#store.setState((state) => noticed(state, { tone, title, message, remedies, details }));
    if (continues) this.#goOn();
  }

  remedy(remedy: Extract<Remedy, "restart" | "continueRun" | "halveMicroBatch" | "useWasm">): void {
    if (remedy === "useWasm") {
      this.#backend = "wasm";
      rewriteAddress((query) => withBackend(query, "wasm"));
      this.#maxMicroBatch = null;
    }
    if (remedy === "halveMicroBatch") {
      this.#maxMicroBatch = halved(this.#lost?.run ?? null, this.#maxMicroBatch);
    }
    const { run, stored } = this.#store.getState();
    // The worker may be there still, and only the run has failed.
    if (remedy === "continueRun" && run && !this.#lost) this.#goOn(goalOf(run, stored));
    else this.#goOn();
  }

  /** In a new worker, with the images of the old one. */
  #goOn(goal = this.#lost?.goal ?? null): void {
    this.#store.setState({ backend: { status: "starting" } });
    this.#startWorker();
    this.#datasets.reload();
    const { run, stored } = this.#store.getState();
    if (goal) this.#store.setState(goal);
    // So that digits are drawn from it, and not from the new worker's empty hands.
    else if (run && isStored(run, stored)) this.#open(run.runId);
    else this.#openAddressed();
  }

  /** A browser whose graphics process has ended may give no device any more. */
  #sayWhatIsLeft({ backend, reason }: BackendReport): void {
    const isLess = this.#lost?.backend === "webgpu" && backend === "wasm";
    this.#lost = null;
    if (!isLess || this.#backend === "wasm") return;
    const message = `The page goes on with WebAssembly. ${reason ?? ""}`.trim();
    this.#store.setState((state) => noticed(state, { title: "No graphics device", message }));
  }
}

interface Lost {
  /** What was trained, or was to be; null when nothing was. */
  run: Run | null;
  /** Sets the state so that it goes on. */
  goal: Partial<AppState> | null;
  /** What it was computed on; null when that is not known. */
  backend: BackendReport["backend"] | null;
}

/**
 * @param asked of the worker, and not begun
 * @param earlier what was lost before that, when the worker ends before it could go on with it
 */
function lostWith(before: AppState, asked: ContinueRequest | null, earlier: Lost | null): Lost {
  const { run, backend, stored, continueRequested, trainRequested, config } = before;
  const known = backend.status === "ready" ? backend.report.backend : (earlier?.backend ?? null);
  const request = continueRequested ?? asked;
  if (request) {
    const isOnScreen = request.runId === run?.runId;
    return { run: isOnScreen ? run : null, goal: { continueRequested: request }, backend: known };
  }
  if (trainRequested) return { run: null, goal: { trainRequested, config }, backend: known };
  // A run that is paused is not to train by itself.
  if (!isActive(run) || run.status === "paused") return { run: null, goal: null, backend: known };
  return { run, goal: goalOf(run, stored), backend: known };
}

/** From its newest checkpoint; without one it begins anew. */
function goalOf(run: Run, stored: StoredRunsState): Partial<AppState> {
  return isStored(run, stored)
    ? { continueRequested: { runId: run.runId, learningRateFactor: 1 } }
    : { trainRequested: true, config: run.config };
}

function isStored({ runId }: Run, { runs }: StoredRunsState): boolean {
  return runs?.some((stored) => stored.runId === runId) ?? false;
}
