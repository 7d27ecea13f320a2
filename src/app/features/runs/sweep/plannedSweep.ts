/** What is typed in the form of a sweep, and the plan that it makes, with its words. Pure. */

import {
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../../engine/config/hyperparameters.ts";
import { PRESETS, presetOfRun, settingsChangedFrom } from "../../../../engine/config/presets.ts";
import {
  type Changes,
  checkedPlan,
  exampleOf,
  gridOf,
  lossSettings,
  parseAxis,
  parseRun,
  rounds,
  SweepError,
  type SweepPlan,
  type SweptImages,
  totalBudget,
} from "../../../../engine/config/sweep.ts";
import type { Noun } from "../../../../engine/data/datasets.ts";
import { counted, formatCount } from "../../../../runtime/format.ts";

/** Changed settings that are named one by one. */
const MOST_NAMED = 3;

export interface Axis {
  name: HyperparameterName;
  /** The values as they were typed, as in all texts of the form. */
  values: string;
}

export interface SweepForm {
  kind: "grid" | "list";
  axes: readonly Axis[];
  /** A run in each line. */
  list: string;
  amount: string;
  unit: "steps" | "minutes";
  halving: number | null;
}

/** Some learning rates around that of the settings, each with some seeds. */
export function firstForm({ learningRate }: Pick<RunConfig, "learningRate">): SweepForm {
  const { min, max } = HYPERPARAMETERS.learningRate;
  const rates = [0.5, 1, 2].map((factor) => Number((factor * learningRate).toPrecision(3)));
  const values = rates.filter((rate) => rate >= min && rate <= max).join(", ");
  return {
    kind: "grid",
    axes: [
      { name: "learningRate", values },
      { name: "seed", values: "0-2" },
    ],
    list: "learningRate=0.001 batchSize=16\nlearningRate=0.002 batchSize=32",
    amount: "200",
    unit: "steps",
    halving: null,
  };
}

/** The next setting to vary: one that is not varied yet. */
export function nextAxis(axes: readonly Axis[]): Axis {
  const first = ["objective", "batchSize", "optimizer", "dropout"] as const;
  const names = [...first, ...(Object.keys(HYPERPARAMETERS) as HyperparameterName[])];
  const name = names.find((each) => axes.every((axis) => axis.name !== each)) ?? "seed";
  return { name, values: exampleOf(name) };
}

export interface PlannedSweep {
  /** Null where something is wrong. */
  plan: SweepPlan | null;
  /** What is wrong, by the place of an axis. */
  axisErrors: readonly (string | null)[];
  /** What is wrong with the list, or with all of it together. */
  error: string | null;
}

/** @param base the settings that all runs have */
export function planned(
  form: SweepForm,
  base: { preset: string; config: RunConfig },
  images: SweptImages | null,
): PlannedSweep {
  const axisErrors: (string | null)[] = [];
  const axes = form.axes.map(({ name, values }, i) => {
    const isTwice = form.axes.findIndex((axis) => axis.name === name) < i;
    const { value, error } = attempted(() => {
      if (isTwice) throw new SweepError("This setting is varied above.");
      return parseAxis(name, values);
    });
    axisErrors.push(error);
    return value;
  });
  if (form.kind === "grid" && axisErrors.some((error) => error !== null)) {
    return { plan: null, axisErrors, error: null };
  }
  const { value: plan, error } = attempted(() =>
    checkedPlan(
      {
        preset: base.preset,
        base: base.config,
        runs: form.kind === "grid" ? gridOf(axes as Changes[][]) : listOf(form.list),
        budget: budgetOf(form),
        halving: form.halving,
      },
      images,
    ),
  );
  return { plan, axisErrors: form.kind === "grid" ? axisErrors : [], error };
}

function listOf(text: string): Changes[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map(parseRun);
}

/** @throws SweepError */
function budgetOf({ amount, unit }: SweepForm): SweepPlan["budget"] {
  const text = amount.trim();
  if (text.includes(",") && !/^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(text)) {
    throw new SweepError(
      `Expected a number of ${unit} such as 1,000, with a point before decimals, got ${text}.`,
    );
  }
  const number = text === "" ? Number.NaN : Number(text.replaceAll(",", ""));
  return unit === "steps" ? { steps: number } : { minutes: number };
}

function attempted<T>(work: () => T): { value: T | null; error: string | null } {
  try {
    return { value: work(), error: null };
  } catch (error) {
    if (error instanceof SweepError) return { value: null, error: error.message };
    throw error;
  }
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

/** The settings that all runs share: `Quick`, `Quick but for Base width, Objective and 2 more`. */
export function baseWords(preset: string, config: RunConfig): string {
  const name = presetOfRun({ preset, config });
  const changed = settingsChangedFrom(name, config);
  const labels = changed.slice(0, MOST_NAMED).map((each) => HYPERPARAMETERS[each].label);
  const numMore = changed.length - labels.length;
  const all = [...labels, ...(numMore > 0 ? [`${numMore} more`] : [])];
  const words = all.length > 1 ? `${all.slice(0, -1).join(", ")} and ${all.at(-1)}` : all[0];
  return `${PRESETS[name].label}${words ? ` but for ${words}` : ""}`;
}

/** Where losses say nothing of which run is better; null where they do. */
export function lossNote(plan: SweepPlan, noun: Noun): string | null {
  const labels = lossSettings(plan).map((name) => HYPERPARAMETERS[name].label);
  if (labels.length === 0) return null;
  const { label } = HYPERPARAMETERS.evaluateEvery;
  return `Losses with different ${labels.join(", ")} can't be compared. Look at the ${noun}s, or set ${label} to 1 under Train and give each run an epoch or more, with halving already in the first round: then the Fréchet distance decides.`;
}
