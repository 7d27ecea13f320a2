/** The run in the page's address, `?run=<id>`: of this browser's storage, so that it comes back with a reload. */
import { isActive, type Run } from "./run.ts";
import type { AddressedRun, StoredRunsState } from "./storedRuns.ts";

export function addressedFromQuery(query: URLSearchParams): AddressedRun | null {
  const runId = query.get("run");
  return runId ? { runId, problem: null } : null;
}

/** `query` with the run replaced, or without any. */
export function withRun(query: URLSearchParams, runId: string | null): URLSearchParams {
  const after = new URLSearchParams(query);
  if (runId === null) after.delete("run");
  else after.set("run", runId);
  return after;
}

/** What the address is to name: the run that is open, where a reload would find it again. */
export function runOfAddress(state: { run: Run | null; stored: StoredRunsState }): string | null {
  const { run, stored } = state;
  const { addressed, runs } = stored;
  if (addressed?.problem === null) return addressed.runId;
  const isStored = runs?.some(({ runId }) => runId === run?.runId);
  return run && (isStored || isActive(run)) ? run.runId : null;
}
