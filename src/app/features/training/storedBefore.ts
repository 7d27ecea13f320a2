/**
 * What this browser had stored when it was last here: room is kept for what is said of it, until the worker tells what
 * there is.
 */
import { keep, kept } from "../../state/kept.ts";
import { isActive } from "../../state/slices/run.ts";
import type { AppState } from "../../state/state.ts";
import { suggestedRun } from "./suggestedRun.ts";

const KEY = "has-runs";

/** `unfinished` where the run that was open can be resumed. */
type Before = "runs" | "unfinished";

/** Null where there was nothing, or where the browser stores nothing. */
export function storedBefore(): Before | null {
  return (kept(KEY) ?? null) as Before | null;
}

export function rememberRuns(state: AppState): void {
  const { stored, run } = state;
  // Until the worker has told, and while the run of the address is opened.
  if (stored.runs === null || isOpeningAddressed(state)) return;
  const isUnfinished = run !== null && (isActive(run) || suggestedRun(state) !== null);
  const now: Before | null = stored.runs.length === 0 ? null : isUnfinished ? "unfinished" : "runs";
  if (now !== storedBefore()) keep(KEY, now);
}

/** Whether the run that the address names is on its way. */
export function isOpeningAddressed({ run, stored }: AppState): boolean {
  return run === null && stored.addressed?.problem === null;
}
