import type { BackendChoice } from "../../../hosts/worker/protocol.ts";
import type { BackendReport, Broadcast, EventOf } from "../../../runtime/run/events.ts";
import { writeParams } from "../address.ts";
import { noticed, type Remedy, withoutSource } from "../slices/notices.ts";
import { paceOf } from "../slices/pace.ts";
import { goesOn, type Run } from "../slices/run.ts";
import type { ContinueRequest, StoredRunsState } from "../slices/storedRuns.ts";
import type { AppState } from "../state.ts";
import type { AppStore } from "../store.ts";
import type { ClientContext } from "./clientContext.ts";
import type { DatasetLoader } from "./datasetLoader.ts";
import { BROWSER, keepFacts, keptFacts } from "./deviceFacts.ts";
import { type Descent, halved, recentLosses, responseTo } from "./faultPolicy.ts";
import type { StoredRunsClient } from "./storedRunsClient.ts";
import type { WorkerLink } from "./workerLink.ts";

/** Passes that are remembered to be right on this device. */
const MAX_PROVEN = 20;

/** A loss before a run has done this many steps counts as a failed start. */
const NUM_START_STEPS = 2;

/** A submit then takes 6 ms, and what it costs besides, about 0.1 ms, 2 % of that. */
const MIN_SUBMIT_SHARE = 1 / 8;

/** A worker of a browser that leaks is renewed so often. */
const RENEWAL_MS = 15 * 60_000;

/**
 * Safari before 26.3, and what else is WebKit on an iPhone, leaks with buffers that live long, as a run's do (WebKit pull
 * request 54722): hours of training end in a crash.
 */
function leaks(userAgent: string): boolean {
  if (/Chrome\//.test(userAgent)) return false;
  const [, version] =
    /Version\/([\d.]+)/.exec(userAgent) ?? /iPhone OS ([\d_]+)/.exec(userAgent) ?? [];
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split(/[._]/).map(Number);
  return major < 26 || (major === 26 && minor < 3);
}

/**
 * Starts the worker, and another when it or its device is lost, by itself or when the person asks for it; then the run
 * continues.
 *
 * After a fault, `lostWith` notes what was trained, `responseTo` (`faultPolicy.ts`) says what becomes of it: the device
 * goes down a rung of the ladder (`goDown`) or not, and another worker starts (`restart`) at once, or once the person asks
 * for it. After `restart` the patch of the state has the run continue from its newest checkpoint.
 */
export function createRecovery(options: {
  store: AppStore;
  link: WorkerLink;
  datasets: DatasetLoader;
  openRun: StoredRunsClient["openRun"];
  backend: BackendChoice;
  dispatch: ClientContext["dispatch"];
}) {
  const { store, link, datasets, openRun, dispatch } = options;
  let { backend } = options;
  let lossesMs: number[] = [];
  let facts = keptFacts();
  /** What the last worker computed on; null before the first is ready. */
  let device: Pick<BackendReport, "rung" | "device"> | null = null;
  /** Since training began or went on. */
  let numSteps = 0;
  let numStartLosses = 0;
  /** What the worker was asked to resume and has not begun yet. */
  let asked: ContinueRequest | null = null;
  /** What was lost with the worker; null while there is one. */
  let lost: Lost | null = null;
  let maxMicroBatch: number | null = null;
  /** A submit has this share of its usual work, half as much after each loss of the device, which a long submit can cause. */
  let submitShare = 1;
  /** When the worker began to train; infinite before. */
  let startedMs = Number.POSITIVE_INFINITY;

  function startWorker() {
    link.restart();
    [numSteps, startedMs] = [0, Number.POSITIVE_INFINITY];
    link.post({ type: "init", backend, ...facts, submitShare });
  }

  /** Opens the run of the address, unless the worker has answered already. */
  function openAddressed() {
    const { addressed } = store.getState().stored;
    if (addressed?.problem === null) openRun(addressed.runId);
  }

  function afterFault(fault: EventOf<"fault">, before: AppState) {
    const nowMs = Date.now();
    lost = lostWith(before, asked, lost);
    asked = null;
    const { cause, message: failure } = fault;
    if (cause === "renewal") {
      link.end();
      return restart(lost.patch);
    }
    if (cause === "deviceLost") {
      lossesMs = [...recentLosses(lossesMs, nowMs), nowMs];
      submitShare = Math.max(MIN_SUBMIT_SHARE, submitShare / 2);
      if (lost.run && numSteps < NUM_START_STEPS) numStartLosses++;
    }
    const response = responseTo(
      { cause, message: failure },
      {
        run: lost.run,
        maxMicroBatch,
        lossesMs,
        numStartLosses,
        rung: device?.rung ?? null,
      },
    );
    if ("rung" in response) {
      goDown(response, fault.details);
      link.end();
      return restart(lost.patch);
    }
    maxMicroBatch = response.maxMicroBatch;
    const { title, message, remedies } = response;
    const continues = remedies.length === 0;
    const tone = continues ? "info" : "error";
    link.end();
    // A fault that keeps coming back is shown once, in its latest form, with what can be done about it.
    store.setState((state) =>
      noticed({ ...state, notices: withoutSource(state.notices, "device") }, title, message, {
        tone,
        remedies,
        details: fault.details,
        source: "device",
      }),
    );
    if (continues) restart(lost.patch);
  }

  function goDown({ rung, reason }: Descent, error: string) {
    const { device: adapter = "", rung: before = null } = device ?? {};
    const descent = `${reason}\nAdapter: ${adapter}, from ${before} to ${rung}\nBrowser: ${BROWSER}\n${error}`;
    // It may be the second one.
    const earlier = facts.fallback?.adapter === adapter ? `${facts.fallback.details}\n\n` : "";
    const details = `${earlier}${descent}`;
    facts = { fallback: { rung, adapter, reason, details }, proof: null };
    keepFacts(facts);
    [lossesMs, numStartLosses] = [[], 0];
  }

  function addProof(pass: string) {
    if (!device) return;
    const { rung, device: adapter } = device;
    const { proof } = facts;
    const isOfDevice = proof?.adapter === adapter && proof.rung === rung;
    const passes = [...(isOfDevice ? proof.passes : []), pass].slice(-MAX_PROVEN);
    facts = { ...facts, proof: { adapter, rung, passes } };
    keepFacts(facts);
  }

  /** Right after a checkpoint no step is lost with the worker, unless the run is just about to end or to be paused. */
  function renewIfDue({ runId, step }: EventOf<"checkpointSaved">, { run }: AppState) {
    if (Date.now() - startedMs < RENEWAL_MS || device?.rung === "wasm") return;
    if (!goesOn(run) || run.runId !== runId || run.asked !== null) return;
    if (step === paceOf(run)?.totalSteps || !leaks(navigator.userAgent)) return;
    dispatch({ type: "fault", cause: "renewal", message: "The worker was renewed.", details: "" });
  }

  /** Continues in a new worker, with the images of the old one. */
  function restart(patch: Partial<AppState> | null) {
    store.setState({ backend: { status: "starting" } });
    startWorker();
    datasets.reload();
    const { run, stored } = store.getState();
    if (patch) store.setState(patch);
    // So that digits are drawn from it: the new worker has no network yet.
    else if (run && isStored(run, stored)) openRun(run.runId);
    else openAddressed();
  }

  /** After its graphics process ended, a browser may give no device any more. */
  function noticeLess(report: BackendReport) {
    const isLess = lost?.backend === "webgpu" && report.backend === "wasm";
    lost = null;
    // The line below the top bar tells of the ladder.
    if (!isLess || backend === "wasm" || facts.fallback?.rung === "wasm") return;
    const message = `The page continues with WebAssembly. ${report.reason ?? ""}`.trim();
    store.setState((state) => noticed(state, "No graphics card", message));
  }

  return {
    /** Most images in one pass, where memory turned out to be short; else null. */
    get maxMicroBatch() {
      return maxMicroBatch;
    },
    /** Another run begins: its memory is its own. */
    forget() {
      maxMicroBatch = null;
    },
    start() {
      startWorker();
      openAddressed();
    },
    /** Asks the worker to train a run on. */
    continueRun(request: ContinueRequest) {
      asked = request;
      link.post({ type: "continueRun", ...request, maxMicroBatch });
    },
    /** @param before the state until then */
    afterEvent(event: Broadcast, before: AppState) {
      switch (event.type) {
        case "runStarted":
          [asked, numSteps, startedMs] = [null, 0, Date.now()];
          return;
        case "runFailed":
        case "runNotOpened":
          asked = null;
          return;
        case "deviceProven":
          return addProof(event.pass);
        case "steps":
          numSteps += event.steps.length;
          if (numSteps >= NUM_START_STEPS) numStartLosses = 0;
          return;
        case "backendReady":
          device = event.report;
          return noticeLess(event.report);
        case "checkpointSaved":
          return renewIfDue(event, before);
        case "fault":
          return afterFault(event, before);
      }
    },
    remedy(remedy: Extract<Remedy, "restart" | "continueRun" | "halveMicroBatch" | "useWasm">) {
      if (remedy === "useWasm") {
        backend = "wasm";
        writeParams("page", { backend: "wasm" });
        maxMicroBatch = null;
      }
      if (remedy === "halveMicroBatch") maxMicroBatch = halved(lost?.run ?? null, maxMicroBatch);
      const { run, stored } = store.getState();
      // The worker may be there still, and only the run has failed.
      const hasFailed = run?.status === "failed" || run?.status === "diverged";
      const isFailed = remedy === "continueRun" || (remedy === "useWasm" && hasFailed);
      const isWorkerAlive = isFailed && run && !lost;
      restart(isWorkerAlive ? resumePatch(run, stored) : (lost?.patch ?? null));
    },
  };
}

export type Recovery = ReturnType<typeof createRecovery>;

interface Lost {
  /** What was trained, or was to be; null when nothing was. */
  run: Run | null;
  /** Sets the state so that it goes on. */
  patch: Partial<AppState> | null;
  /** What it was computed on; null when that is not known. */
  backend: BackendReport["backend"] | null;
}

/**
 * @param asked see `asked` in `createRecovery`
 * @param earlier what was lost before, if the new worker ends before it is ready
 */
function lostWith(before: AppState, asked: ContinueRequest | null, earlier: Lost | null): Lost {
  const { run, backend, stored, continueRequested, trainRequested, config } = before;
  const known = backend.status === "ready" ? backend.report.backend : (earlier?.backend ?? null);
  const request = continueRequested ?? asked;
  if (request) {
    const isOnScreen = request.runId === run?.runId;
    return { run: isOnScreen ? run : null, patch: { continueRequested: request }, backend: known };
  }
  if (trainRequested) return { run: null, patch: { trainRequested, config }, backend: known };
  // A run that is paused is not to train by itself.
  if (!goesOn(run)) return { run: null, patch: null, backend: known };
  return { run, patch: resumePatch(run, stored), backend: known };
}

/** From its newest checkpoint; without one it begins anew. */
function resumePatch(run: Run, stored: StoredRunsState): Partial<AppState> {
  const { runId, size } = run;
  const budget = size?.budget;
  return isStored(run, stored)
    ? { continueRequested: { runId, learningRateFactor: 1, ...(budget && { budget }) } }
    : { trainRequested: true, config: run.config };
}

function isStored({ runId }: Run, { runs }: StoredRunsState): boolean {
  return runs?.some((stored) => stored.runId === runId) ?? false;
}
