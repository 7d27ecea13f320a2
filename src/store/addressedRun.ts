/** The run in the page's address, `?run=<id>`: of this browser's storage, so that it comes back with a reload. */
import { isActive } from "./run.ts";
import type { AppState } from "./state.ts";

/** The run that the address named when the page was loaded, until another is opened or begun. */
export interface AddressedRun {
  runId: string;
  /** Why it is not open; null while it is being opened. */
  problem: string | null;
}

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
export function runOfAddress({ run, stored }: Pick<AppState, "run" | "stored">): string | null {
  const { addressed, runs } = stored;
  if (addressed?.problem === null) return addressed.runId;
  const isStored = runs?.some(({ runId }) => runId === run?.runId);
  return run && (isStored || isActive(run)) ? run.runId : null;
}

/** Why the run of the address is not open, in words that say what to do. */
export function whyNotFound(
  { runs }: AppState["stored"],
  { runId, message }: { runId: string; message: string },
): string {
  // Without a list nothing is known of any run.
  if (!runs || runs.some((stored) => stored.runId === runId)) return message;
  return "The run of this link is not in this browser: it was deleted, or was trained elsewhere. Import its file, or train one with the settings of the link.";
}
