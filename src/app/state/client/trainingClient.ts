import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { Budget } from "../../../engine/config/sweep.ts";
import { isValidNewRun } from "../../../engine/config/validate.ts";
import { type DatasetIdentity, identityIn } from "../../../engine/data/datasets.ts";
import { pointsIdentity } from "../../../engine/data/points.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { defaultRunName, newRunId, uniqueName } from "../../../runtime/runName.ts";
import { NO_CURSOR } from "../slices/cursor.ts";
import { evolutionOf } from "../slices/evolution.ts";
import { hasUnsaved, isActive, newRun, type Run, type RunRequest } from "../slices/run.ts";
import { forgetPreviews } from "../slices/samples.ts";
import { type ContinueRequest, isReadable, takenNames } from "../slices/storedRuns.ts";
import type { AppState } from "../state.ts";
import type { ClientContext } from "./clientContext.ts";
import type { DatasetLoader } from "./datasetLoader.ts";
import type { Recovery } from "./recovery.ts";

/** A run with settings of its own, as of a sweep or a distillation; the form is the person's, and stays as it is. */
interface OwnRun extends Partial<Pick<AppState, "config" | "preset">> {
  runId: string;
  name?: string;
  budget?: Budget;
}

/** How a run that was asked for ended: the worker has reported its end, another run took its place, or it did not begin. */
export type RunEnd = { kind: "ended"; run: Run } | { kind: "replaced" } | { kind: "notStarted" };

export function trainingClient(
  { store, link }: ClientContext,
  recovery: Recovery,
  datasets: DatasetLoader,
) {
  /** The run that was asked for last; its settings are those of the form where it has none of its own. */
  let own: OwnRun | null = null;

  /** Starts what `train` or `continueRun` asked for, once everything is there. */
  function startRequested() {
    const state = store.getState();
    const { trainRequested, continueRequested, run, dataset, stored } = state;
    const { config = state.config, preset = state.preset } = own ?? {};
    const continued = stored.runs?.find(({ runId }) => runId === continueRequested?.runId);
    const images = dataset.loading ? null : dataset.current;
    const data = dataOf(continued && "config" in continued ? continued.config : config, images);
    if (!(trainRequested || continueRequested) || !isReadyToTrain(state) || !data) return;
    if (state.missingImages) return;
    if (continueRequested) {
      store.setState(({ stored }) => ({
        continueRequested: null,
        stored: { ...stored, opening: continueRequested.runId },
      }));
      recovery.continueRun(continueRequested);
      return;
    }
    if (isActive(run)) return;
    if (!isValidNewRun(config, images)) {
      store.setState({ trainRequested: false });
      return;
    }
    const { runId = newRunId(), name: asked, budget } = own ?? {};
    const wanted = asked ?? defaultRunName(preset, new Date(), config);
    const name = uniqueName(wanted, takenNames(state));
    store.setState(({ samples }) => ({
      trainRequested: false,
      run: newRun({ runId, name, dataset: data, config }),
      samples: forgetPreviews(samples),
      evolution: evolutionOf(runId),
      cursor: NO_CURSOR,
    }));
    const { maxMicroBatch } = recovery;
    const limits = { maxMicroBatch, ...(budget && { budget }) };
    link.post({ type: "train", runId, name, preset, config, ...limits });
  }

  /** Waits for the end of a run that is asked for. Where its worker is lost, recovery decides what becomes of it. */
  function endOf(runId: string): Promise<RunEnd> {
    let hasBegun = false;
    const endNow = (state: AppState): RunEnd | null => {
      const { run, trainRequested, continueRequested, stored, samples } = state;
      const isAwaited = trainRequested || continueRequested !== null || stored.opening === runId;
      if (run?.runId === runId && isActive(run)) hasBegun = true;
      if (run?.runId !== runId) {
        if (isAwaited) return null;
        return { kind: isActive(run) ? "replaced" : "notStarted" };
      }
      if (!hasBegun) return isAwaited ? null : { kind: "notStarted" };
      const isLost = (run.status === "failed" || run.status === "diverged") && run.failure === null;
      // The preview of the last step is still being drawn.
      const isDrawing = samples.generations.some(
        ({ origin, status }) => origin === "preview" && status === "sampling",
      );
      return isActive(run) || isLost || isDrawing ? null : { kind: "ended", run };
    };
    return new Promise((resolve) => {
      let isCheckDue = false;
      // Once a whole event is dealt with: faults have their own policy.
      const checkSoon = () => {
        if (isCheckDue) return;
        isCheckDue = true;
        queueMicrotask(() => {
          isCheckDue = false;
          const end = endNow(store.getState());
          if (!end) return;
          unsubscribe();
          resolve(end);
        });
      };
      const unsubscribe = store.subscribe(checkSoon);
      checkSoon();
    });
  }

  return {
    startRequested,
    /** Starts a run as soon as the backend is there and no file is being read. */
    train(run: Partial<OwnRun> | null = null): Promise<RunEnd> {
      const runId = run?.runId ?? newRunId();
      own = { ...run, runId };
      persistStorage();
      recovery.forget();
      store.setState({ trainRequested: true, continueRequested: null });
      startRequested();
      return endOf(runId);
    },
    /** Resumes a stored run as soon as that is possible. */
    continueRun(request: ContinueRequest): Promise<RunEnd> {
      own = null;
      // The limit was of another run.
      if (request.runId !== store.getState().run?.runId) recovery.forget();
      persistStorage();
      store.setState({ continueRequested: request, trainRequested: false });
      const { stored } = store.getState();
      const record = stored.runs?.filter(isReadable).find(({ runId }) => runId === request.runId);
      // While they are on their way nothing starts.
      if (record) void datasets.bringBack(record.dataset).then(startRequested);
      startRequested();
      return endOf(request.runId);
    },
    /** Takes back a `train` or `continueRun` that still waits. */
    cancelTrain() {
      store.setState({ trainRequested: false, continueRequested: null });
    },
    ask(request: RunRequest) {
      const { run } = store.getState();
      if (!isActive(run)) return;
      store.setState({ run: { ...run, asked: request } });
      link.post({ type: request, runId: run.runId });
    },
    /** The page may soon be gone. */
    saveCheckpoint() {
      const { run } = store.getState();
      if (isActive(run) || hasUnsaved(run)) link.post({ type: "saveCheckpoint" });
    },
  };
}

/** What a run learns: points, which need no file, or the images, null while they are being read. */
function dataOf(config: RunConfig, images: DatasetIdentity | null): DatasetIdentity | null {
  if (takesPoints(config)) return pointsIdentity(config);
  return images && identityIn(images);
}

/** A run that is being opened would replace the new one. */
function isReadyToTrain({ backend, weights, stored }: AppState): boolean {
  const isLoading = [weights.loading, stored.opening].some((it) => it !== null);
  return backend.status === "ready" && !isLoading;
}

/** Asks the browser to keep the runs when the disk is full. Not Firefox, which would ask the person. */
async function persistStorage(): Promise<void> {
  try {
    if (!/Firefox\//.test(navigator.userAgent)) await navigator.storage.persist();
  } catch {
    // Old browsers, plain http and blocked site data have no such storage.
  }
}
