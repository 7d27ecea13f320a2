/** Trains the runs of a sweep one after the other, by the client's `train` and `continueRun`. */
import { useStore } from "zustand";
import type { PresetName } from "../../../../engine/config/presets.ts";
import { configOfRun, isReached, type SweepPlan } from "../../../../engine/config/sweep.ts";
import { readSweep, SWEEP_FORMAT } from "../../../../runtime/run/readSweep.ts";
import {
  datasetReason,
  formatRun,
  newSweep,
  nextTask,
  resultOf,
  type Sweep,
  type SweepResult,
  type SweepTask,
  trainedMs,
  withResult,
  withRun,
} from "../../../../runtime/run/sweep.ts";
import { newRunId } from "../../../../runtime/runName.ts";
import { useApp } from "../../../shared/AppContext.ts";
import { type Page, TRAINING_ELSEWHERE } from "../../../state/actions.ts";
import type { RunEnd } from "../../../state/client/trainingClient.ts";
import { readLocal, writeLocal } from "../../../state/localStorage.ts";
import { formatActivity, isActive, numSteps, type Run } from "../../../state/slices/run.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import { type AppState, backendFailure } from "../../../state/state.ts";
import { viewSlice } from "../../../state/viewSlices.ts";
import { firstForm, type SweepForm } from "./plannedSweep.ts";

/** Where the browser keeps the list, beside the runs, which are stored as all others. */
export const SWEEP_KEY = "sweep";

/** Why a sweep cannot begin or go on now. */
const NOT_NOW = {
  imagesLoading: "The images are being loaded.",
  runStarting: "A run is about to start.",
  weightsLoaded: "The runs of a sweep start from scratch: remove the loaded weights first.",
  runsUnread: "The stored runs are being read.",
  noImages: "There are no images to train on.",
};

/** Why it stands still. */
const HALTED = { byAnother: "Another run was started.", noStart: "The run did not start." };

/** The list that the browser keeps of it. */
export const NOT_READ =
  "The list of the sweep that was kept here cannot be read: it is damaged, or of another version of this page. Its runs are still under Runs.";
export const NOT_KEPT =
  "This browser does not keep the list of the sweep: after a reload it would be gone. The runs themselves are stored.";

export interface SweepState {
  form: SweepForm;
  /** Null where none was started, or it was discarded. */
  sweep: Sweep | null;
  /** What is trained now, or paused; null while the sweep stands still. */
  task: SweepTask | null;
  /** Why it stands still, or what is not as it should be; null when all is well. */
  message: string | null;
}

declare module "../../../state/viewSlices.ts" {
  interface ViewSlices {
    sweep: SweepState;
  }
}

export function useSweepQueue(): SweepQueue {
  return useApp().once(startQueue);
}

export function useSweepState<T>(select: (state: SweepState) => T): T {
  return useStore(useSweepQueue().store, select);
}

/** Why a sweep cannot begin now, in a sentence for the person; null when it can. */
export function startReason(state: AppState): string | null {
  const isLoading = state.dataset.loading !== null;
  return trainReason(state) ?? (isLoading ? NOT_NOW.imagesLoading : null);
}

/** Why a sweep cannot go on now; images that are still being loaded it waits for. */
export function resumeReason(state: AppState, sweep: Sweep): string | null {
  const { current, loading } = state.dataset;
  return trainReason(state) ?? (current && !loading ? datasetReason(sweep, current) : null);
}

function trainReason(state: AppState): string | null {
  const { run, stored, weights, dataset } = state;
  if (stored.isTrainingElsewhere) return TRAINING_ELSEWHERE;
  const failure = backendFailure(state);
  if (failure) return failure;
  if (isActive(run)) return `${formatActivity(run)}. Stop it first.`;
  if (state.trainRequested || state.continueRequested) return NOT_NOW.runStarting;
  if (weights.loaded) return NOT_NOW.weightsLoaded;
  if (stored.runs === null) return stored.trouble ?? NOT_NOW.runsUnread;
  if (!dataset.current && !dataset.loading) return NOT_NOW.noImages;
  return null;
}

type SweepQueue = ReturnType<typeof startQueue>;

export function startQueue({ store: appStore, client }: Page) {
  const store = viewSlice(appStore, "sweep", {
    form: firstForm(appStore.getState().config),
    task: null,
    ...read(),
  });
  /** Counts the times that the sweep went on: a loop that was paused ends. */
  let numLoops = 0;
  /** The run of the task, once it was asked for. */
  let askedId: string | null = null;

  appStore.subscribe(({ stored }, { stored: before, config, preset }) => {
    // A run that is opened puts its settings in the form, which is not what a person asked for here.
    const isOpened = stored.opening === null && askedId !== null && before.opening === askedId;
    if (isOpened) appStore.setState({ config, preset });
  });
  globalThis.addEventListener?.("storage", ({ key }: StorageEvent) => {
    // Another tab has gone on with it.
    if (key === SWEEP_KEY && store.getState().task === null) store.setState(read());
  });

  /**
   * Trains the runs one after the other, until all are trained or something is in the way. Of a run that was lost with its
   * worker the page may ask what is to become of it: meanwhile the sweep waits, until the person answers or presses Pause sweep.
   */
  async function goOn(): Promise<void> {
    const loop = ++numLoops;
    for (;;) {
      askedId = null;
      const { sweep } = store.getState();
      const task = sweep && nextTask(sweep);
      if (!sweep || !task) return halt(null);
      const state = appStore.getState();
      const reason = resumeReason(state, sweep);
      if (reason) return halt(reason);
      store.setState({ task, message: null });
      if (state.dataset.loading) await imagesLoaded();
      else {
        const end = await train(sweep, task);
        if (loop !== numLoops) return;
        if (end.kind === "replaced") return halt(HALTED.byAnother);
        if (end.kind === "notStarted") return halt(HALTED.noStart);
        if (isInterrupted(end.run, task))
          return halt(`“${end.run.name}” was stopped. Resume sweep goes on with it.`);
        settle(task, end.run);
      }
      if (loop !== numLoops) return;
    }
  }

  function imagesLoaded(): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribe = appStore.subscribe(({ dataset }) => {
        if (dataset.loading) return;
        unsubscribe();
        resolve();
      });
    });
  }

  function train(sweep: Sweep, { index, budget }: SweepTask): Promise<RunEnd> {
    const { plan, runs } = sweep;
    const { runId: known = null } = runs[index] ?? {};
    const stored = appStore.getState().stored.runs ?? [];
    const isStored = stored.some((run) => run.runId === known && isReadable(run));
    const runId = known !== null && isStored ? known : newRunId();
    askedId = runId;
    // Kept before it begins: a page that is closed in the middle finds the run again.
    keepSweep(withRun(sweep, index, () => ({ runId })));
    if (runId === known) return client.continueRun({ runId, learningRateFactor: 1, budget });
    const changes = plan.runs[index] ?? {};
    const form = { config: configOfRun(plan, changes), preset: plan.preset as PresetName };
    return client.train({ runId, name: formatRun(changes), budget, ...form });
  }

  /** Whether a person stopped it before its budget was spent. */
  function isInterrupted(run: Run, { budget }: SweepTask): boolean {
    const spent = { step: numSteps(run), trainedMs: trainedMs(run.steps) };
    return run.status === "stopped" && !isReached(budget, spent);
  }

  function settle({ index, budget }: SweepTask, run: Run) {
    const { sweep } = store.getState();
    if (!sweep) return;
    const withFailure = withRun(sweep, index, () => ({ failure: run.failure }));
    const result = resultOf(run.status as SweepResult["end"], run, budget);
    keepSweep(withResult(withFailure, index, result));
  }

  function keepSweep(sweep: Sweep | null) {
    const isKept = writeLocal(SWEEP_KEY, sweep && JSON.stringify({ format: SWEEP_FORMAT, sweep }));
    store.setState(isKept ? { sweep } : { sweep, message: NOT_KEPT });
  }

  function halt(message: string | null) {
    numLoops += 1;
    askedId = null;
    store.setState({ task: null, message });
  }

  return {
    store,
    start(plan: SweepPlan) {
      const { current } = appStore.getState().dataset;
      if (!current) return;
      keepSweep(newSweep(plan, current));
      void goOn();
    },
    resume() {
      // Another tab may have gone on with it.
      const known = read();
      if (known.sweep) store.setState(known);
      void goOn();
    },
    /** Stops the run; it goes on from there with `resume`. */
    pause() {
      halt(null);
      client.cancelTrain();
      client.ask("stop");
    },
    /** Its runs stay. */
    discard() {
      if (store.getState().task !== null) return;
      keepSweep(null);
      store.setState({ message: null });
    },
    change(changes: Partial<SweepForm>) {
      store.setState(({ form }) => ({ form: { ...form, ...changes } }));
    },
  };
}

function read(): Pick<SweepState, "sweep" | "message"> {
  const text = readLocal(SWEEP_KEY);
  if (text == null) return { sweep: null, message: null };
  const sweep = readSweep(text);
  return { sweep, message: sweep ? null : NOT_READ };
}
