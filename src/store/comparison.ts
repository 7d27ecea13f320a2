/** The runs that are looked at side by side. */

import type { RunConfig } from "../config/hyperparameters.ts";
import type { EpochMetrics, Snapshot, StepMetrics, WorkerEvent } from "../worker/protocol.ts";
import type { Run } from "./run.ts";
import type { AppState } from "./state.ts";
import { isReadable, type ReadableRun } from "./storedRuns.ts";

export interface ComparisonState {
  /** In the order in which they were chosen; null until the person chooses: the newest two. */
  chosenIds: readonly string[] | null;
  /** What was read of them; one that is being read is not there yet. */
  readings: Readonly<Record<string, Reading>>;
}

/** The run as it was when it was read. */
export type Reading =
  | {
      status: "read";
      run: ReadableRun;
      steps: readonly StepMetrics[];
      epochs: readonly EpochMetrics[];
      snapshots: readonly Snapshot[];
    }
  | { status: "failed"; message: string };

/** `?runs=<id>,<id>`: of this browser's storage, so that it comes back with a reload. */
export function comparisonFromQuery(query: URLSearchParams): ComparisonState {
  return { chosenIds: query.get("runs")?.split(",").filter(Boolean) ?? null, readings: {} };
}

/** `query` with the runs that are compared. */
export function withComparison(query: URLSearchParams, runIds: readonly string[]): URLSearchParams {
  const after = new URLSearchParams(query);
  after.set("runs", runIds.join(","));
  return after;
}

export const NO_COMPARISON: ComparisonState = { chosenIds: null, readings: {} };

export type ComparisonEvent = Extract<WorkerEvent, { type: "runRead" | "runNotRead" }>;

export function applyComparisonEvent(
  comparison: ComparisonState,
  event: ComparisonEvent,
): ComparisonState {
  const { readings } = comparison;
  switch (event.type) {
    case "runRead": {
      const { type: _, ...read } = event;
      const reading: Reading = { status: "read", ...read };
      return { ...comparison, readings: { ...readings, [event.run.runId]: reading } };
    }
    case "runNotRead": {
      const reading: Reading = { status: "failed", message: event.message };
      return { ...comparison, readings: { ...readings, [event.runId]: reading } };
    }
    default:
      event satisfies never;
      return comparison;
  }
}

/** Adds a run, or takes it out. */
export function toggled(chosenIds: readonly string[], runId: string): string[] {
  return chosenIds.includes(runId) ? chosenIds.filter((id) => id !== runId) : [...chosenIds, runId];
}

/** Those that are compared, of those that are there: without a choice the two newest. */
export function comparedIds({ comparison, stored }: AppState): string[] {
  const ids = stored.runs?.filter(isReadable).map(({ runId }) => runId) ?? [];
  return comparison.chosenIds?.filter((id) => ids.includes(id)) ?? ids.slice(0, 2);
}

/** A run beside others: as it was read, or live where it is the one on the page. */
export interface ComparedRun {
  runId: string;
  name: string;
  config: RunConfig;
  datasetName: string;
  /** The weights file it began with; null for those of the seed. */
  startedFrom: string | null;
  numParameters: number | null;
  stepsPerEpoch: number | null;
  steps: readonly StepMetrics[];
  epochs: readonly EpochMetrics[];
  snapshots: readonly Snapshot[];
}

/** Of a run that is compared: what is there of it, why it is not there, or null while it is read. */
export type Compared = { runId: string } & (
  | { status: "reading" }
  | { status: "failed"; message: string }
  | { status: "read"; run: ComparedRun }
);

export function comparedRuns(state: AppState): Compared[] {
  return comparedIds(state).map((runId): Compared => {
    if (state.run?.runId === runId)
      return { runId, status: "read", run: liveRun(state, state.run) };
    const reading = state.comparison.readings[runId];
    if (!reading) return { runId, status: "reading" };
    if (reading.status === "failed") return { runId, ...reading };
    const { run, steps, epochs, snapshots } = reading;
    const { name, config, dataset, startedFrom, numParameters, stepsPerEpoch } = run;
    return {
      ...{ runId, status: "read" },
      run: {
        ...{ runId, name, config, numParameters, stepsPerEpoch, steps, epochs, snapshots },
        datasetName: dataset.name,
        startedFrom: startedFrom?.fileName ?? null,
      },
    };
  });
}

function liveRun({ evolution, stored }: AppState, run: Run): ComparedRun {
  const { runId, config, datasetName, size, steps, epochs } = run;
  return {
    ...{ runId, config, datasetName, steps, epochs },
    // It may have been renamed in the list.
    name: stored.runs?.find((record) => record.runId === runId)?.name ?? run.name,
    startedFrom: size?.startedFrom ?? null,
    numParameters: size?.numParameters ?? null,
    stepsPerEpoch: size?.stepsPerEpoch ?? null,
    snapshots: evolution.runId === runId ? evolution.snapshots : [],
  };
}

/** Those that are to be read: not there yet, or stored anew since. */
export function idsToRead(state: AppState): string[] {
  const { readings } = state.comparison;
  const stored = state.stored.runs?.filter(isReadable) ?? [];
  return comparedIds(state).filter((id) => {
    if (id === state.run?.runId) return false;
    const reading = readings[id];
    if (reading?.status !== "read") return reading === undefined;
    const record = stored.find(({ runId }) => runId === id);
    return record !== undefined && reading.run.step < record.step;
  });
}
