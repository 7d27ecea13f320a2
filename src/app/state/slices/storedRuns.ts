import type { StoredRun } from "../../../runtime/run/events.ts";
import { withParams } from "../query.ts";
import { isActive, type Run } from "./run.ts";

export interface StoredRunsState {
  /** The newest first; null until the worker has opened the storage, or when there is none. */
  runs: readonly StoredRun[] | null;
  /** Why what training does now would be lost with the page; null when all is well. */
  trouble: string | null;
  /** Another tab trains, so that this one cannot. */
  isTrainingElsewhere: boolean;
  /** The run that is being opened. */
  opening: string | null;
  /** Null where the address named none, or that is past. */
  addressed: AddressedRun | null;
  /** Runs that are being exported, once for each file that was asked for. */
  exporting: readonly string[];
  /** How far the worker is with the one that it opens or exports now; null before its first word. */
  progress: { runId: string; fraction: number } | null;
  isListShown: boolean;
  /** The run that a file has just brought, for the list to point at. */
  importedId: string | null;
}

/** The run that the address named when the page was loaded, until another is opened or begun. */
export interface AddressedRun {
  runId: string;
  /** Why it is not open; null while it is being opened. */
  problem: string | null;
}

/** A run that is to be trained on. */
export interface ContinueRequest {
  runId: string;
  /** 1, or less where the loss left the range of numbers. */
  learningRateFactor: number;
}

export const NO_STORED_RUNS: StoredRunsState = {
  runs: null,
  trouble: null,
  isTrainingElsewhere: false,
  opening: null,
  addressed: null,
  exporting: [],
  progress: null,
  isListShown: false,
  importedId: null,
};

/** One file of the run fewer is being exported. */
export function withoutExport(stored: StoredRunsState, runId: string): StoredRunsState {
  const index = stored.exporting.indexOf(runId);
  return { ...stored, exporting: stored.exporting.filter((_, i) => i !== index), progress: null };
}

/** Names of the runs there are, but for one. */
export function takenNames(
  { stored, run }: { stored: StoredRunsState; run: Run | null },
  exceptId?: string,
): string[] {
  const runs = [...(stored.runs ?? []), ...(run ? [run] : [])];
  return runs.filter(({ runId }) => runId !== exceptId).map(({ name }) => name);
}

/** @param importedId the run to point at; null when there is none */
export function showList(
  stored: StoredRunsState,
  importedId: string | null = null,
): StoredRunsState {
  return { ...stored, isListShown: true, importedId };
}

export function hideList(stored: StoredRunsState): StoredRunsState {
  return { ...stored, isListShown: false, importedId: null };
}

export type ReadableRun = Exclude<StoredRun, { problem: string }>;

export function isReadable(run: StoredRun): run is ReadableRun {
  return !("problem" in run);
}

/** Whether there is more to be trained, so that a click could train it on. */
export function isUnfinished(run: ReadableRun | null): run is ReadableRun {
  return run !== null && !run.isFinished;
}

/** The stored run that is on the screen or, with none there, the newest; null when there is none. */
export function shownOrNewestRun(
  { runs }: StoredRunsState,
  current: Run | null,
): ReadableRun | null {
  const readable = runs?.filter(isReadable) ?? [];
  return readable.find(({ runId }) => !current || runId === current.runId) ?? null;
}

export function addressedFromQuery(query: URLSearchParams): AddressedRun | null {
  const runId = query.get("run");
  return runId ? { runId, problem: null } : null;
}

/** `query` with the run replaced, or without any. */
export function withRun(query: URLSearchParams, runId: string | null): URLSearchParams {
  return withParams(query, { run: runId });
}

/** What the address is to name: the run that is open, where a reload would find it again. */
export function runOfAddress(state: { run: Run | null; stored: StoredRunsState }): string | null {
  const { run, stored } = state;
  const { addressed, runs } = stored;
  if (addressed?.problem === null) return addressed.runId;
  const isStored = runs?.some(({ runId }) => runId === run?.runId);
  return run && (isStored || isActive(run)) ? run.runId : null;
}
