/** How far a sweep is and what comes next. Pure: the page and the command both go by it. */
import { HYPERPARAMETERS, type HyperparameterName } from "../../engine/config/hyperparameters.ts";
import {
  type Budget,
  type Changes,
  isReached,
  lossSettings,
  rounds,
  type SweepPlan,
  variedNames,
} from "../../engine/config/sweep.ts";
import { metricsOf, type NamedMetric, numberIn } from "../../engine/train/metrics.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";
import type { TrainingSession } from "../../engine/train/session.ts";
import { formatSetting } from "../format.ts";
import type { StoredDataset } from "../storage/records.ts";
import type { RunStatus } from "./events.ts";

/** What a run has reached in a round. */
export interface SweepResult {
  /** `stopped` where its budget was used up. */
  end: Extract<RunStatus, "stopped" | "finished" | "stoppedEarly" | "diverged" | "failed">;
  step: number;
  /** By its steps. */
  trainedMs: number;
  /** By the ids of `FIGURES`; those that there are. */
  figures: Readonly<Record<string, number>>;
}

export interface SweepRun {
  /** Null before it has begun. */
  runId: string | null;
  /** One for each round that it was in. */
  results: readonly SweepResult[];
  /** Why it failed or diverged; null where it did not. */
  failure: string | null;
}

/** The images that all runs are trained on. */
type SweepDataset = Pick<StoredDataset, "id" | "name" | "checksum">;

export interface Sweep {
  plan: SweepPlan;
  dataset: SweepDataset;
  /** In the order of the plan's. */
  runs: readonly SweepRun[];
}

/** What is to be trained next. */
export interface SweepTask {
  /** Place of the run in the plan. */
  index: number;
  round: number;
  /** In all, with that of the rounds before. */
  budget: Budget;
}

interface Figure {
  id: string;
  label: string;
  best: "lowest" | "highest";
  metric: NamedMetric;
}

/** The last steps over which a noisy metric is averaged: the loss of a batch jumps. */
const NUM_AVERAGED = 100;

/** What runs are compared by, as they were last: those metrics of the table of which one can be best, and means of noisy ones. */
export const FIGURES: readonly Figure[] = metricsOf().flatMap((metric) => {
  const { best, label, title = label, meanLabel } = metric;
  const id = metric.path.join(".");
  if (meanLabel) return { id, label: meanLabel, best: "lowest", metric };
  return best ? { id, label: title, best, metric } : [];
});

const LOSSES: readonly string[] = ["validationLoss", "liveLoss", "loss"];
const FRECHET = "quality.frechetDistance";

/** In this order the first that all runs of a round have ranks them: no loss where losses are not to be compared. */
export function rankedBy(plan: SweepPlan): readonly string[] {
  return lossSettings(plan).length > 0 ? [FRECHET] : LOSSES;
}

export function newSweep(plan: SweepPlan, { id, name, checksum }: SweepDataset): Sweep {
  const runs = plan.runs.map(() => ({ runId: null, results: [], failure: null }));
  return { plan, dataset: { id, name, checksum }, runs };
}

/** Why a sweep does not go on with these images, in a sentence; null where they are its own. */
export function datasetReason({ dataset: own }: Pick<Sweep, "dataset">, images: SweepDataset) {
  if (own.checksum === images.checksum) return null;
  const loaded = own.name === images.name ? "others of that name are" : `“${images.name}” is`;
  return `This sweep trains on “${own.name}”, but ${loaded} loaded. Load its own images to go on.`;
}

type RunHistory = Readonly<{ steps: readonly StepReport[]; epochs: readonly EpochReport[] }>;

/**
 * @param history of a run, as far as it has come; of one that a person has trained on beyond the budget that part
 *   counts which the other runs have, too
 */
export function resultOf(
  end: SweepResult["end"],
  history: RunHistory,
  budget: Budget,
): SweepResult {
  const { steps, epochs } = withinBudget(history, budget);
  const lastStep = Math.max(steps.at(-1)?.step ?? 0, epochs.at(-1)?.step ?? 0);
  const figures = FIGURES.flatMap(({ id, metric }) => {
    // A live validation of long ago says nothing of where the run is now.
    const from = metric.isLive ? lastStep / 2 : 0;
    const values = (metric.of === "step" ? steps : epochs).flatMap((report) => {
      if (report.step < from) return [];
      const value = numberIn(report, metric);
      return Number.isFinite(value) ? [value as number] : [];
    });
    const last = values.slice(metric.meanLabel ? -NUM_AVERAGED : -1);
    const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
    return last.length === 0 ? [] : [[id, mean] as const];
  });
  return { end, step: lastStep, trainedMs: trainedMs(steps), figures: Object.fromEntries(figures) };
}

function withinBudget({ steps, epochs }: RunHistory, budget: Budget): RunHistory {
  let ms = 0;
  const spentAt = steps.findIndex(({ step, stepMs }) => {
    ms += stepMs || 0;
    return isReached(budget, { step, trainedMs: ms });
  });
  const last = steps[spentAt]?.step ?? Number.POSITIVE_INFINITY;
  const isWithin = (report: { step: number }) => report.step <= last;
  return { steps: steps.filter(isWithin), epochs: epochs.filter(isWithin) };
}

/**
 * Whether a run has used up its budget, in which it does not stop between an epoch's last step and its
 * validation, nor where it has ended anyway.
 */
export function isSpent(
  budget: Budget,
  session: Pick<
    TrainingSession,
    "numSteps" | "totalSteps" | "stepsPerEpoch" | "lastEpoch" | "hasStoppedEarly"
  >,
  trainedMs: number,
): boolean {
  const { numSteps: step, totalSteps, stepsPerEpoch, lastEpoch, hasStoppedEarly } = session;
  const isBetween = step % stepsPerEpoch === 0 && lastEpoch?.step !== step;
  if (isBetween || step >= totalSteps || hasStoppedEarly) return false;
  return isReached(budget, { step, trainedMs });
}

/** A step whose time a history with gaps has lost counts as none. */
export function trainedMs(steps: readonly { stepMs: number }[]): number {
  return steps.reduce((sum, { stepMs }) => sum + (stepMs || 0), 0);
}

/** Null where nothing is left to train. */
export function nextTask(sweep: Sweep): SweepTask | null {
  for (const [round, { budget }] of rounds(sweep.plan).entries()) {
    const index = membersOf(sweep, round)?.find((i) => !isDone(sweep.runs[i], round));
    if (index !== undefined) return { index, round, budget };
    if (membersOf(sweep, round + 1) === null) return null;
  }
  return null;
}

/** Whether a run has no more to do in a round: it was trained, or cannot go on. */
function isDone(run: SweepRun | undefined, round: number): boolean {
  if (!run) return true;
  const newest = run.results.at(-1);
  return run.results.length > round || (newest !== undefined && newest.end !== "stopped");
}

/** The runs of a round by their indices, in the order of the plan; null while those of the round before are trained. */
export function membersOf(sweep: Sweep, round: number): number[] | null {
  if (round === 0) return [...sweep.runs.keys()];
  const before = membersOf(sweep, round - 1);
  const next = rounds(sweep.plan)[round];
  if (!before || !next || before.some((i) => !isDone(sweep.runs[i], round - 1))) return null;
  const best = ranked(sweep, before, round - 1).slice(0, next.numRuns);
  return best.sort((a, b) => a - b);
}

/** The best first; without those that failed or diverged, or of whose samples nothing is known where losses are not to be compared. */
function ranked({ plan, runs }: Sweep, members: readonly number[], round: number): number[] {
  const results = members.flatMap((index) => {
    const result = runs[index]?.results[round] ?? runs[index]?.results.at(-1);
    if (!result || isLost(result)) return [];
    const { figures } = result;
    return lossSettings(plan).length > 0 && !(FRECHET in figures) ? [] : [{ index, figures }];
  });
  const id = rankedBy(plan).find((id) =>
    results.every(({ figures }) => Number.isFinite(figures[id])),
  );
  const figureOf = ({ figures }: { figures: Readonly<Record<string, number>> }) =>
    (id === undefined ? undefined : figures[id]) ?? 0;
  // Sorting is stable: of equals the first in the plan goes on.
  return results.sort((a, b) => figureOf(a) - figureOf(b)).map(({ index }) => index);
}

/** The place in the plan of the best run so far; null while none can be ranked. */
export function bestOf(sweep: Sweep): number | null {
  const members = [...sweep.runs.keys()].filter((i) => (sweep.runs[i]?.results.length ?? 0) > 0);
  return ranked(sweep, members, rounds(sweep.plan).length - 1)[0] ?? null;
}

export function isLost({ end }: Pick<SweepResult, "end">): boolean {
  return end === "diverged" || end === "failed";
}

/** With what a run has reached in a round. */
export function withResult(sweep: Sweep, index: number, result: SweepResult): Sweep {
  return withRun(sweep, index, (run) => ({ results: [...run.results, result] }));
}

export function withRun(
  sweep: Sweep,
  index: number,
  change: (run: SweepRun) => Partial<SweepRun>,
): Sweep {
  const runs = sweep.runs.map((run, i) => (i === index ? { ...run, ...change(run) } : run));
  return { ...sweep, runs };
}

/** Budgets that are used up, and of all runs together, in the unit of the plan's; for a bar of progress. */
export function budgetDone(sweep: Sweep): number {
  const all = rounds(sweep.plan);
  const amountOf = (budget: Budget | undefined) =>
    budget ? ("steps" in budget ? budget.steps : budget.minutes) : 0;
  let done = 0;
  for (const [round, { budget }] of all.entries()) {
    const members = membersOf(sweep, round)?.filter((i) => isDone(sweep.runs[i], round)) ?? [];
    done += members.length * (amountOf(budget) - amountOf(all[round - 1]?.budget));
  }
  return done;
}

/** `Objective v, Seed 0` */
export function formatRun(changes: Changes): string {
  const words = Object.entries(changes).map(([name, value]) => {
    return `${HYPERPARAMETERS[name as HyperparameterName].label} ${formatSetting(value)}`;
  });
  return words.join(", ") || "Unchanged settings";
}

/** How far a run is in the sweep: `waiting`, `done`, `round 2 of 3`, `out after round 1`, `stopped early`, `diverged`, `failed`. */
export function formatState(sweep: Sweep, index: number): string {
  const newest = sweep.runs[index]?.results.at(-1);
  if (!newest) return "waiting";
  if (isLost(newest)) return newest.end;
  const numRounds = rounds(sweep.plan).length;
  const inRounds = Array.from({ length: numRounds }, (_, i) => membersOf(sweep, i));
  const round = inRounds.findLastIndex((members) => members?.includes(index));
  if (inRounds[round + 1]) return `out after round ${round + 1}`;
  if (round < numRounds - 1 || !isDone(sweep.runs[index], round)) {
    return `round ${round + 1} of ${numRounds}`;
  }
  return newest.end === "stoppedEarly" ? "stopped early" : "done";
}

export interface Spread {
  mean: number;
  /** Sample standard deviation, by n - 1; NaN for a single value. */
  deviation: number;
  count: number;
}

export interface SeedGroup {
  /** Indices of runs that differ in nothing but their seed. */
  indices: readonly number[];
  /** How many of them have come to a result, without those that failed or diverged. */
  numCounted: number;
  figures: Readonly<Record<string, Spread>>;
}

/**
 * Mean and spread over seeds, of the first round, since later ones have the best runs alone; empty where
 * no runs differ in their seed alone. Runs that failed or diverged are left out.
 */
export function seedGroups({ plan, runs }: Sweep): SeedGroup[] {
  const names = variedNames(plan);
  if (!names.includes("seed")) return [];
  const groups = new Map<string, number[]>();
  for (const [index, changes] of plan.runs.entries()) {
    const key = JSON.stringify(names.map((name) => (name === "seed" ? null : changes[name])));
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const all = [...groups.values()];
  if (all.every(({ length }) => length === 1)) return [];
  return all.map((indices) => {
    const results = indices
      .flatMap((index) => runs[index]?.results[0] ?? [])
      .filter((result) => !isLost(result));
    const figures = FIGURES.flatMap(({ id }) => {
      const values = results.flatMap((result) => result.figures[id] ?? []);
      return values.length > 0 ? [[id, spreadOf(values)] as const] : [];
    });
    return { indices, numCounted: results.length, figures: Object.fromEntries(figures) };
  });
}

/** `3`, or `2 of 3` where one does not count. */
export function seedCount({ indices, numCounted }: SeedGroup): string {
  const { length } = indices;
  return numCounted === length ? `${length}` : `${numCounted} of ${length}`;
}

export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN, count };
}
