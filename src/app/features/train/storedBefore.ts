/**
 * What this browser had stored when it was last here: room is kept for what is said of it, until the worker tells what
 * there is. And how far a run was trained that could not be saved before the page was gone.
 */
import { readLocal, writeLocal } from "../../state/localStorage.ts";
import { isActive, numSteps } from "../../state/slices/run.ts";
import {
  isOpeningAddressed,
  isReadable,
  isUnfinished,
  type ReadableRun,
} from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";
import { suggestedRun } from "./suggestedRun.ts";

export const HAS_RUNS_KEY = "has-runs";

/**
 * A run that has steps after its newest checkpoint, and its newest step. A page that crashes ends without a word, but the
 * browser still has what it noted. When the browser itself ends so, the last seconds of that are missing: Chromium
 * writes localStorage to the disk late.
 */
const UNSAVED_KEY = "unsaved-step";

/** `unfinished` where the run that was open can be resumed. */
type Before = "runs" | "unfinished";

/** Null where there was nothing, or where the browser stores nothing. */
export function storedBefore(): Before | null {
  return (readLocal(HAS_RUNS_KEY) ?? null) as Before | null;
}

export function rememberRuns(state: AppState): void {
  const { stored, run } = state;
  // Until the worker has told, and while the run of the address is opened.
  if (stored.runs === null || isOpeningAddressed(state)) return;
  const isUnfinished = run !== null && (isActive(run) || suggestedRun(state) !== null);
  const now: Before | null = stored.runs.length === 0 ? null : isUnfinished ? "unfinished" : "runs";
  if (now !== storedBefore()) writeLocal(HAS_RUNS_KEY, now);
  if (run === null && hadUnsaved() && isAllSaved(state)) writeLocal(UNSAVED_KEY, null);
}

/** A run of which steps were lost may have been deleted since, or finished elsewhere. */
function isAllSaved({ stored }: AppState): boolean {
  if (stored.isTrainingElsewhere || stored.trouble !== null) return false;
  return !stored.runs?.some((run) => isReadable(run) && isUnfinished(run) && numLostSteps(run) > 0);
}

/** To be called whenever the worker has told of the run. */
export function rememberUnsaved({ run }: AppState): void {
  if (!run) return;
  const step = numSteps(run);
  // One that was only opened says nothing of how far it was trained before.
  const isTrainedHere = run.steps.length > run.numStoredSteps;
  if (!isTrainedHere && !isActive(run)) return;
  if (step > run.checkpointStep) writeLocal(UNSAVED_KEY, `${run.runId} ${step}`);
  else if (readLocal(UNSAVED_KEY) != null) writeLocal(UNSAVED_KEY, null);
}

/** Whether steps of some run were not saved when they were told last. */
export function hadUnsaved(): boolean {
  return readLocal(UNSAVED_KEY) != null;
}

/** How many steps of a stored run were trained after its newest checkpoint, and are lost. */
export function numLostSteps({ runId, step }: Pick<ReadableRun, "runId" | "step">): number {
  const [unsavedId, unsavedStep] = (readLocal(UNSAVED_KEY) ?? "").split(" ");
  return unsavedId === runId ? Math.max(0, Number(unsavedStep) - step || 0) : 0;
}
