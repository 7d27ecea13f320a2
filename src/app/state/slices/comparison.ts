/** The runs that are compared. */
import type { Outcome } from "../client/answers.ts";
import type { EvolutionState } from "./evolution.ts";
import type { Run } from "./run.ts";
import { isReadable, type ReadableRun, type StoredRunsState } from "./storedRuns.ts";

export interface ComparisonState {
  /** The chart, by its name in the address; of metrics that only the runs know, too. */
  figure: string;
  /** In the order in which they were chosen; null until the person chooses: the newest two. */
  chosenIds: readonly string[] | null;
  readings: Readonly<Record<string, Reading>>;
}

export type RunHistory = Pick<Run, "steps" | "epochs"> & Pick<EvolutionState, "snapshots">;

interface Reading {
  /** `savedMs` of the run when it was requested; NaN when no answer will come. */
  requestedMs: number;
  /** Null until it is read; kept while it is read again. */
  history: RunHistory | null;
  /** Why it could not be read. */
  problem: string | null;
}

/** The worker has answered about a run; if that is no longer compared, nothing changes. */
export function afterReading(
  comparison: ComparisonState,
  runId: string,
  outcome: Outcome<"reading">,
): ComparisonState {
  const reading = comparison.readings[runId];
  if (!reading) return comparison;
  if (outcome.status === "done") {
    return withReading(comparison, runId, { ...reading, history: outcome.end, problem: null });
  }
  if (outcome.status !== "failed") return comparison;
  if (outcome.isLost) return withReading(comparison, runId, lost(reading, outcome.message));
  return withReading(comparison, runId, { ...reading, history: null, problem: outcome.message });
}

/** The worker is asked for a run, as it was saved at that time. */
export function withRequested(
  comparison: ComparisonState,
  { runId, savedMs }: Pick<ReadableRun, "runId" | "savedMs">,
): ComparisonState {
  const history = comparison.readings[runId]?.history ?? null;
  return withReading(comparison, runId, { requestedMs: savedMs, history, problem: null });
}

/** The worker is gone: all is to be requested again, from the next one. */
export function withoutWorker(comparison: ComparisonState, message: string): ComparisonState {
  const readings = Object.entries(comparison.readings).map(
    ([runId, reading]) => [runId, lost(reading, message)] as const,
  );
  return { ...comparison, readings: Object.fromEntries(readings) };
}

/** What was read stays on the page until it is read again. */
function lost({ history }: Reading, message: string): Reading {
  return { requestedMs: Number.NaN, history, problem: history ? null : message };
}

function withReading(
  comparison: ComparisonState,
  runId: string,
  reading: Reading,
): ComparisonState {
  return { ...comparison, readings: { ...comparison.readings, [runId]: reading } };
}

export interface Runs {
  comparison: ComparisonState;
  stored: StoredRunsState;
  run: Run | null;
  evolution: EvolutionState;
}

export type Choice = Pick<Runs, "comparison" | "stored">;

/** The chosen runs that are stored; without a choice the two newest. */
export function chosenRuns({ comparison, stored }: Choice): ReadableRun[] {
  const runs = stored.runs?.filter(isReadable) ?? [];
  return (
    comparison.chosenIds?.flatMap((id) => runs.find(({ runId }) => runId === id) ?? []) ??
    runs.slice(0, 2)
  );
}

/** The runs that are to be requested: they were not requested yet, or were saved again since. */
export function runsToRead(state: Runs): ReadableRun[] {
  return chosenRuns(state).filter(
    ({ runId, savedMs }) =>
      runId !== state.run?.runId && state.comparison.readings[runId]?.requestedMs !== savedMs,
  );
}
