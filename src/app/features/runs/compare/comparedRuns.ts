/** Which runs are compared, and what is known of each. */
import { type DatasetIdentity, type Noun, namingOf } from "../../../../engine/data/datasets.ts";
import {
  type Choice,
  type ComparisonState,
  chosenRuns,
  type RunHistory,
  type Runs,
} from "../../../state/slices/comparison.ts";
import type { ReadableRun } from "../../../state/slices/storedRuns.ts";

export function comparedIds(state: Choice): string[] {
  return chosenRuns(state).map(({ runId }) => runId);
}

/** A run with its history as it was read, or live where it is the one on the page. */
export interface ComparedRun
  extends RunHistory,
    Pick<ReadableRun, "runId" | "name" | "config" | "numParameters" | "stepsPerEpoch"> {
  /** Among those that are compared, from 0 up: its color and its letter, also while others are read. */
  place: number;
  dataset: DatasetIdentity;
  /** The weights file it began with; null for those of the seed. */
  startedFrom: { fileName: string } | null;
}

/** `run` and `problem` are both null while it is read. */
export interface Compared {
  runId: string;
  run: ComparedRun | null;
  problem: string | null;
}

export function comparedRuns(state: Runs): Compared[] {
  const { comparison, evolution, run: live } = state;
  return chosenRuns(state).map((stored, place): Compared => {
    const { runId } = stored;
    if (live?.runId === runId) {
      const { config, steps, epochs } = live;
      const snapshots = evolution.runId === runId ? evolution.snapshots : [];
      return { runId, run: { ...stored, place, config, steps, epochs, snapshots }, problem: null };
    }
    const { history = null, problem = null } = comparison.readings[runId] ?? {};
    return { runId, run: history && { ...stored, place, ...history }, problem };
  });
}

/** What one of the images of these runs is called: a digit where all have learned digits. */
export function nounOfRuns(runs: readonly Pick<ComparedRun, "dataset">[]): Noun {
  return runs.find(({ dataset }) => namingOf(dataset).noun !== "digit") ? "image" : "digit";
}

/** The names of runs without what all have in common, part by part, as in `Quick, 1 Dec, 17:02`; whole where nothing is left. */
export function tellingNames(names: readonly string[]): string[] {
  const parts = names.map((name) => name.split(", "));
  const isCommon = (i: number) => parts.every((each) => each[i] === parts[0]?.[i]);
  return names.map((name, n) => {
    const telling = parts[n]?.filter((_, i) => !isCommon(i)).join(", ");
    return telling || name;
  });
}

/** Whether one of them is still to come. */
export function isReading(compared: readonly Compared[]): boolean {
  return compared.some(({ run, problem }) => !run && problem === null);
}

/** Another choice; what was read of other runs is dropped: it may be large. */
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
