/** The runs that are looked at side by side. */

import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { DatasetIdentity } from "../../../engine/data/datasets.ts";
import type {
  EpochMetrics,
  Snapshot,
  StepMetrics,
  WorkerEvent,
} from "../../../runtime/run/events.ts";
import { withParams } from "../query.ts";
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

/** The run as saved at `askedMs`; while it is read again, what was read before. */
type Reading = { askedMs: number } & (
  | { status: "reading" }
  | {
      status: "read";
      run: ReadableRun;
      steps: readonly StepMetrics[];
      epochs: readonly EpochMetrics[];
      snapshots: readonly Snapshot[];
    }
  | { status: "failed"; message: string }
);

/** `?runs=<id>,<id>&figure=stepMs`; runs of this browser's storage, so that they come back with a reload. */
export function comparisonFromQuery(query: URLSearchParams): ComparisonState {
  return {
    figure: query.get("figure") ?? "loss",
    chosenIds: query.get("runs")?.split(",").filter(Boolean) ?? null,
    readings: {},
  };
}

/** `query` with the runs that are compared. */
export function withComparison(query: URLSearchParams, runIds: readonly string[]): URLSearchParams {
  return withParams(query, { runs: runIds.join(",") });
}

/** `query` with what is compared of them; the loss is not named. */
export function withFigure(query: URLSearchParams, figure: string): URLSearchParams {
  return withParams(query, { figure: figure === "loss" ? null : figure });
}

export const NO_COMPARISON: ComparisonState = { figure: "loss", chosenIds: null, readings: {} };

export type ComparisonEvent = Extract<WorkerEvent, { type: "runRead" | "runNotRead" }>;

/** Events of runs that are no longer compared change nothing. */
export function applyComparisonEvent(
  comparison: ComparisonState,
  event: ComparisonEvent,
): ComparisonState {
  const runId = event.type === "runRead" ? event.run.runId : event.runId;
  const asked = comparison.readings[runId];
  if (!asked) return comparison;
  const { askedMs } = asked;
  if (event.type === "runNotRead") {
    return withReading(comparison, runId, { askedMs, status: "failed", message: event.message });
  }
  const { run, steps, epochs, snapshots } = event;
  return withReading(comparison, runId, { askedMs, status: "read", run, steps, epochs, snapshots });
}

/** The worker is asked for a run, as it was saved at that time. */
export function withAsked(
  comparison: ComparisonState,
  { runId, savedMs }: Pick<ReadableRun, "runId" | "savedMs">,
): ComparisonState {
  const before = comparison.readings[runId];
  const content = before?.status === "read" ? before : ({ status: "reading" } as const);
  return withReading(comparison, runId, { ...content, askedMs: savedMs });
}

/** The worker is gone, so everything is to be read again, by the next one. */
export function withoutWorker(comparison: ComparisonState, message: string): ComparisonState {
  const askedMs = Number.NaN;
  const readings: Record<string, Reading> = {};
  for (const [runId, reading] of Object.entries(comparison.readings)) {
    readings[runId] =
      reading.status === "read" ? { ...reading, askedMs } : { status: "failed", message, askedMs };
  }
  return { ...comparison, readings };
}

function withReading(
  comparison: ComparisonState,
  runId: string,
  reading: Reading,
): ComparisonState {
  return { ...comparison, readings: { ...comparison.readings, [runId]: reading } };
}

/** Chooses runs, and drops what was read of others: it may be large. */
export function withChosen(
  comparison: ComparisonState,
  chosenIds: readonly string[],
): ComparisonState {
  const kept = Object.entries(comparison.readings).filter(([id]) => chosenIds.includes(id));
  return { ...comparison, chosenIds, readings: Object.fromEntries(kept) };
}

/** Adds a run, or takes it out. */
export function toggled(chosenIds: readonly string[], runId: string): string[] {
  return chosenIds.includes(runId) ? chosenIds.filter((id) => id !== runId) : [...chosenIds, runId];
}

/** What the compared runs follow from. */
interface Runs {
  comparison: ComparisonState;
  stored: StoredRunsState;
  run: Run | null;
  evolution: EvolutionState;
}

/** The chosen runs that are still stored; without a choice the two newest. */
export function comparedIds({ comparison, stored }: Pick<Runs, "comparison" | "stored">): string[] {
  const ids = stored.runs?.filter(isReadable).map(({ runId }) => runId) ?? [];
  return comparison.chosenIds?.filter((id) => ids.includes(id)) ?? ids.slice(0, 2);
}

/** A run beside others: as it was read, or live where it is the one on the page. */
export interface ComparedRun {
  runId: string;
  /** Among those that are compared, from 0: gives its color and its letter. */
  place: number;
  name: string;
  config: RunConfig;
  dataset: DatasetIdentity;
  /** The weights file it began with; null for those of the seed. */
  startedFrom: string | null;
  numParameters: number | null;
  stepsPerEpoch: number | null;
  steps: readonly StepMetrics[];
  epochs: readonly EpochMetrics[];
  snapshots: readonly Snapshot[];
}

/** A run that is compared, or why it is not there. */
export type Compared = { runId: string } & (
  | { status: "reading" }
  | { status: "failed"; message: string }
  | { status: "read"; run: ComparedRun }
);

export function comparedRuns(state: Runs): Compared[] {
  return comparedIds(state).map((runId, place): Compared => {
    if (state.run?.runId === runId) {
      return { runId, status: "read", run: { place, ...liveRun(state, state.run) } };
    }
    const reading = state.comparison.readings[runId];
    if (!reading || reading.status === "reading") return { runId, status: "reading" };
    if (reading.status === "failed") return { runId, status: "failed", message: reading.message };
    const { run, steps, epochs, snapshots } = reading;
    const name = nameOf(state, run);
    const startedFrom = run.startedFrom?.fileName ?? null;
    const read = { ...run, name, place, startedFrom, steps, epochs, snapshots };
    return { runId, status: "read", run: read };
  });
}

/** It may have been renamed in the list. */
function nameOf({ stored }: Runs, run: Pick<Run, "runId" | "name">): string {
  return stored.runs?.find(({ runId }) => runId === run.runId)?.name ?? run.name;
}

function liveRun(state: Runs, run: Run): Omit<ComparedRun, "place"> {
  const { evolution } = state;
  const { runId, config, dataset, size, steps, epochs } = run;
  return {
    runId,
    config,
    dataset,
    steps,
    epochs,
    name: nameOf(state, run),
    startedFrom: size?.startedFrom ?? null,
    numParameters: size?.numParameters ?? null,
    stepsPerEpoch: size?.stepsPerEpoch ?? null,
    snapshots: evolution.runId === runId ? evolution.snapshots : [],
  };
}

/** The compared runs that were not read yet, or were saved again since. */
export function runsToRead(state: Runs): ReadableRun[] {
  const ids = comparedIds(state);
  const stored = state.stored.runs?.filter(isReadable) ?? [];
  return stored.filter(
    ({ runId, savedMs }) =>
      ids.includes(runId) &&
      runId !== state.run?.runId &&
      state.comparison.readings[runId]?.askedMs !== savedMs,
  );
}
