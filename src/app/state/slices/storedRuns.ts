import type { Budget } from "../../../engine/config/sweep.ts";
import type { StoredRun } from "../../../runtime/run/events.ts";
import { isTrainedModel } from "../trainedModels.ts";
import { isActive, type Run } from "./run.ts";
import type { WeightsState } from "./weights.ts";

export interface StoredRunsState {
  /** The newest first; null until the worker has opened the storage, or when there is none. */
  runs: readonly StoredRun[] | null;
  /** Why training cannot be saved; null when it can. */
  trouble: string | null;
  /** Another tab trains, so that this one cannot. */
  isTrainingElsewhere: boolean;
  /** The run that it trains; null where that is not known. */
  elsewhereId: string | null;
  /** The run that is being opened. */
  opening: string | null;
  /** Null when the address named none, or another run was opened or begun since. */
  addressed: AddressedRun | null;
  /** Runs that are being exported, once for each file that was asked for. */
  exporting: readonly string[];
  /** How far the run is that is opened or exported; null before that is known. */
  progress: { runId: string; fraction: number } | null;
  /** The run that was just imported, to be marked in the list. */
  importedId: string | null;
}

/** The run that the address named when the page was loaded. */
interface AddressedRun {
  runId: string;
  /** Why it is not open; null while it is being opened. */
  problem: string | null;
}

export interface ContinueRequest {
  runId: string;
  /** 1, or less where the loss left the range of numbers. */
  learningRateFactor: number;
  budget?: Budget;
}

export const NO_STORED_RUNS: StoredRunsState = {
  runs: null,
  trouble: null,
  isTrainingElsewhere: false,
  elsewhereId: null,
  opening: null,
  addressed: null,
  exporting: [],
  progress: null,
  importedId: null,
};

/** One file of the run fewer is being exported. */
export function withoutExport(stored: StoredRunsState, runId: string): StoredRunsState {
  const index = stored.exporting.indexOf(runId);
  return { ...stored, exporting: stored.exporting.filter((_, i) => i !== index), progress: null };
}

/** Names of all runs but one. */
export function takenNames(
  { stored, run }: { stored: StoredRunsState; run: Run | null },
  exceptId?: string,
): string[] {
  const runs = [...(stored.runs ?? []), ...(run ? [run] : [])];
  return runs.filter(({ runId }) => runId !== exceptId).map(({ name }) => name);
}

export type ReadableRun = Exclude<StoredRun, { problem: string }>;

export function isReadable(run: StoredRun): run is ReadableRun {
  return !("problem" in run);
}

/** Whether there is more to train that somebody is still waiting for: it was stopped, failed or was interrupted. */
export function isUnfinished(run: ReadableRun | null): run is ReadableRun {
  return run !== null && !run.isFinished && !run.hasSpentBudget;
}

/** The stored run that is on the screen or, with none there, the newest; null when there is none. */
export function shownOrNewestRun(
  { runs }: StoredRunsState,
  current: Run | null,
): ReadableRun | null {
  const readable = runs?.filter(isReadable) ?? [];
  return readable.find(({ runId }) => !current || runId === current.runId) ?? null;
}

/** The run for the address to name: the open one, if a reload would find it again, and no model that it names. */
export function runOfAddress({
  run,
  stored: { addressed, runs },
  weights: { loaded },
}: {
  run: Run | null;
  stored: StoredRunsState;
  weights: WeightsState;
}): string | null {
  if (addressed?.problem === null) return addressed.runId;
  if (loaded && isTrainedModel(loaded.fileName)) return null;
  const isStored = runs?.some(({ runId }) => runId === run?.runId);
  return run && (isStored || isActive(run)) ? run.runId : null;
}

/** Whether the run that the address names is on its way. */
export function isOpeningAddressed({
  run,
  stored,
}: {
  run: object | null;
  stored: Pick<StoredRunsState, "addressed">;
}): boolean {
  return run === null && stored.addressed?.problem === null;
}
