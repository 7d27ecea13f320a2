/** What people read in the view of sweeps. Pure. */
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { runLength } from "../../../../engine/config/runLength.ts";
import {
  lossSettings,
  rounds,
  type SweepPlan,
  totalBudget,
} from "../../../../engine/config/sweep.ts";
import { counted, formatCount, formatRoughly } from "../../../../runtime/format.ts";
import {
  formatRun,
  membersOf,
  nextTask,
  type Sweep,
  type SweepTask,
} from "../../../../runtime/run/sweep.ts";
import { epochTimeOf } from "../../../state/slices/epochTimer.ts";
import type { AppState } from "../../../state/state.ts";

export const INTRODUCTION =
  "A sweep trains many runs, one after the other, that differ in the settings you vary. All other settings are those of the form in Train.";
export const NO_SWEEP =
  "Choose what to vary, and press Start sweep. The runs are kept in this browser like any other, and you can resume the sweep after a reload. This is where its table will be, with what each run reached, and with several seeds the mean and its spread.";
export const LIST_HELP =
  "A run in each line: name=value of each setting, separated by spaces. The names are those in the page's address.";
export const HALVING_HELP =
  "With it all runs train a little, and only the best go on, again and again (Jamieson and Talwalkar 2016).";
export const COORDINATES = {
  title: "Settings and what they led to",
  hint: "The best is at the top.",
};
export const DISCARD = { question: "Discard this table?", note: "Its runs stay under Runs." };
export const VARIED_TWICE = "This setting is varied above.";

/** Why a sweep cannot begin or go on now. */
export const NOT_NOW = {
  imagesLoading: "The images are being loaded.",
  runStarting: "A run is about to start.",
  weightsLoaded:
    "The runs of a sweep start from scratch. Remove the loaded weights first: press × beside their name in Train.",
  runsUnread: "The stored runs are being read.",
  noImages: "There are no images to train on.",
};
/** Why it stands still. */
export const HALTED = { byAnother: "Another run was started.", noStart: "The run did not start." };
/** The list that the browser keeps of it. */
export const NOT_READ =
  "The list of the sweep that was kept here cannot be read: it is damaged, or of another version of this page. Its runs are still under Runs.";
export const NOT_KEPT =
  "This browser does not keep the list of the sweep: after a reload it would be gone. The runs themselves are stored.";

/** Where a person stopped one of its runs. */
export function stoppedWords(name: string): string {
  return `“${name}” was stopped. Resume sweep goes on with it.`;
}

/** A choice of successive halving: of `eta` runs the best one goes on; null goes without halving. */
export function halvingWords(eta: number | null): string {
  return eta === null ? "Train all to the end" : `Keep the best 1 of ${eta}`;
}

/** @param text in which commas stand where they cannot */
export function wrongAmountWords(text: string, unit: "steps" | "minutes"): string {
  return `Expected a number of ${unit} such as 1,000, with a point before decimals, got ${text}.`;
}

/** The picture of the runs in words, for those who do not see it. */
export function coordinatesWords(numRuns: number, axes: readonly string[]): string {
  return `A line for each of ${numRuns} runs, from ${axes.join(" through ")}. The table has the same numbers.`;
}

export function seedTableWords(isHalved: boolean): string {
  const after = isHalved ? ", after the first round, which all runs are in" : "";
  return `Mean ± standard deviation over seeds${after}`;
}

type Budget = SweepPlan["budget"];
const amountOf = (budget: Budget) => ("steps" in budget ? budget.steps : budget.minutes);
const inWords = (amount: number, budget: Budget) =>
  "steps" in budget ? counted(amount, "step") : `${formatCount(Number(amount.toPrecision(3)))} min`;

/** `9 runs of 200 steps each.` With halving `9 runs of 22 steps, then the best 3 up to 66 steps, …` */
export function planWords(plan: SweepPlan): string {
  const [first, ...later] = rounds(plan);
  const runs = counted(plan.runs.length, "run");
  const { budget } = first ?? plan;
  const start = `${runs} of ${inWords(amountOf(budget), budget)}`;
  const total = inWords(totalBudget(plan), plan.budget);
  if (later.length === 0) return `${start} each, ${total} in all.`;
  const rest = later.map(({ numRuns, budget: next }) => {
    return `then the best ${numRuns === 1 ? "one" : numRuns} up to ${inWords(amountOf(next), next)}`;
  });
  return `${[start, ...rest].join(", ")}: ${total} in all.`;
}

/** How long that takes, as far as it is known; empty where it is not. */
export function planTimeWords(plan: SweepPlan, state: AppState): string {
  if ("minutes" in plan.budget) return "Validations and previews come on top.";
  const { current } = state.dataset;
  const time = epochTimeOf({ ...state, config: plan.base });
  if (!time || !current) return "";
  const { stepsPerEpoch } = runLength(plan.base, current.numTrain);
  const totalMs = (totalBudget(plan) * time.epochMs) / stepsPerEpoch;
  return `About ${formatRoughly(totalMs)} at the speed of the settings under Train.`;
}

/** Where losses say nothing of which run is better; null where they do. */
export function lossNote(plan: SweepPlan): string | null {
  const labels = lossSettings(plan).map((name) => HYPERPARAMETERS[name].label);
  if (labels.length === 0) return null;
  const { label } = HYPERPARAMETERS.evaluateEvery;
  return `Losses with different ${labels.join(", ")} can't be compared. Look at the digits, or set ${label} to 1 under Train and give each run an epoch or more, with halving already in the first round: then the Fréchet distance decides.`;
}

/** `Run 4 of 9, round 1 of 3: Learning rate 0.002, Seed 1` */
export function taskWords({ plan }: Sweep, { index, round }: SweepTask): string {
  const { length } = rounds(plan);
  const ofRounds = length > 1 ? `, round ${round + 1} of ${length}` : "";
  return `Run ${index + 1} of ${plan.runs.length}${ofRounds}: ${formatRun(plan.runs[index] ?? {})}`;
}

function doneWords({ plan, runs }: Sweep): string {
  const ends = runs.map(({ results }) => results.at(-1)?.end);
  const numLost = ends.filter((end) => end === "failed" || end === "diverged").length;
  const lost = numLost === 0 ? "" : ` ${numLost} of them did not get through: the table says why.`;
  return `Done: ${formatCount(runs.length)} of ${counted(plan.runs.length, "run")}.${lost}`;
}

/** While nothing is trained. */
export function restWords(sweep: Sweep): string {
  const task = nextTask(sweep);
  if (!task) return doneWords(sweep);
  const members = membersOf(sweep, task.round) ?? [];
  const place = members.indexOf(task.index);
  const ofRound = sweep.plan.halving === null ? "" : " of this round";
  return `Done: ${formatCount(place)} of ${counted(members.length, "run")}${ofRound}. Press Resume sweep to go on.`;
}
